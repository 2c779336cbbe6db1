/** What an expression may read: before the cook by name and type, in a cook by value. Knows no syntax. */
import { UserError } from "../base/error.js";
import type { FileValue, Value, ValueType } from "./value.js";

/** What is known of a node's items before anything cooks. */
export interface Scope {
  /** Attributes of the items beside the built-in ones, inherited ones among them. */
  readonly attributes: ReadonlyMap<string, ValueType>;
  /** True below a node that writes attributes known only when it runs: unknown ones are then looked for per item. */
  readonly open: boolean;
  /** `OS`, `HIP`, `JOB`, the graph's variables and the environment, by name without `$`. */
  readonly variables: ReadonlyMap<string, string>;
}

/** One work item, as expressions see it. */
export interface Environment {
  /** An attribute, built-in ones among them; undefined where the item has none of that name. */
  attribute(name: string): Value | undefined;
  /** Names that `attribute` answers, for suggestions. */
  attributeNames(): Iterable<string>;
  variable(name: string): string | undefined;
  /** The input files whose tag matches, in order; an empty tag matches all. */
  inputs(tag: string): readonly FileValue[];
}

/** Attributes that every item has. */
export const ITEM_ATTRIBUTES: ReadonlyMap<string, ValueType> = new Map([
  ["pdg_index", "int"],
  ["pdg_frame", "float"],
  ["pdg_name", "string"],
  ["pdg_label", "string"],
  ["pdg_priority", "float"],
  ["pdg_input", "file[]"],
  ["pdg_output", "file[]"],
  ["pdg_loopdepth", "int"],
  ["pdg_workitemcount", "int"],
]);

/** Attributes of partitions, and of items below one. They reach a scope through its `attributes`. */
export const PARTITION_ATTRIBUTES: ReadonlyMap<string, ValueType> = new Map([["partitionsize", "int"]]);

/** Attributes below a wedge, which reach a scope in the same way. */
export const WEDGE_ATTRIBUTES: ReadonlyMap<string, ValueType> = new Map([
  ["wedgeindex", "int"],
  ["wedgenum", "int"],
  ["wedgeattribs", "string[]"],
  ["wedgecount", "int"],
  ["wedgetotal", "int"],
]);

/** Attributes inside a loop, which reach a scope in the same way. */
export const LOOP_ATTRIBUTES: ReadonlyMap<string, ValueType> = new Map([
  ["loopiter", "int"],
  ["loopnum", "int"],
  ["loopsize", "int"],
]);

/** A mistake in an expression or template, or the reason why it has no value for an item. */
export interface ExpressionProblem {
  /** Where in the text, in UTF-16 units from 0. */
  readonly offset: number;
  /** At least 1, except at the end of the text. */
  readonly length: number;
  readonly message: string;
  /** The nearest valid name or spelling. */
  readonly suggestion?: string;
}

/** Thrown by `evaluate` where an item gives an expression no value; it fails that item. */
export class EvaluationError extends UserError {
  override readonly name = "EvaluationError";
  readonly problem: ExpressionProblem;

  constructor(problem: ExpressionProblem) {
    const hint = problem.suggestion === undefined ? "" : ` Did you mean "${problem.suggestion}"?`;
    super(problem.message + hint);
    this.problem = problem;
  }
}
