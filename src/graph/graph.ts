/** A checked graph: every name resolved, every expression compiled, nodes in topological order. Knows no work items. */

import type { Place } from "../base/diagnostic.js";
import { nodeErrorOf } from "../base/error.js";
import type { Compiled, Environment } from "../expression/index.js";
import type { ValueType } from "../expression/value.js";
import type { RegisteredNodeType } from "../nodetype/registry.js";
import type { Roots } from "./paths.js";

export interface Graph {
  /** The graph file as the user gave it. */
  readonly file: string;
  /** Absolute folder of the graph file: `$HIP`; relative paths in the graph start here. */
  readonly folder: string;
  /** The folders in which paths are allowed. */
  readonly roots: Roots;
  /** Absolute paths of the graph files in it. */
  readonly files: readonly string[];
  /** `$OS` excepted: HIP, JOB, the graph's variables, then the environment. */
  readonly variables: ReadonlyMap<string, string>;
  /** In the order of the file, except that each comes after its inputs. */
  readonly nodes: ReadonlyMap<string, GraphNode>;
}

/** What comes out of one output of a node. */
export interface Source {
  readonly node: GraphNode;
  /** One of the outputs that the node type declares; undefined where it declares none. */
  readonly output: string | undefined;
}

/** A source as a graph file names it: `split:rest`, and the first output by the node alone. */
export function sourceName({ node, output }: Source): string {
  const first = Object.keys(node.type.definition.outputs ?? {})[0];
  return output === undefined || output === first ? node.name : `${node.name}:${output}`;
}

/** One placed node. */
export interface GraphNode {
  readonly name: string;
  readonly type: RegisteredNodeType;
  /** By declared input name, in declared order; the sources of one input are merged in order. */
  readonly inputs: ReadonlyMap<string, readonly Source[]>;
  /** Nodes that have this one among their inputs. */
  readonly consumers: readonly GraphNode[];
  readonly params: CompiledParams;
  /** Of the graph file that the node stands in, like those of the graph. */
  readonly variables: ReadonlyMap<string, string>;
  readonly scheduleWhen: Compiled | null;
  readonly label: Compiled | "default" | "inherit" | "node";
  readonly priority: Compiled | "inherit" | "node";
  readonly generateWhen: "automatic" | "all_upstream_generated" | "all_upstream_cooked" | "each_upstream_cooked";
  readonly cacheMode: "automatic" | "always_read" | "always_write" | "never";
  readonly onFailure: "fail" | "retry" | "ignore" | "block";
  readonly retries: number;
  /** Seconds from the first failed attempt to the second. */
  readonly retryDelay: number;
  /** Seconds; null: none. */
  readonly timeout: number | null;
  /** Megabytes; null: any. */
  readonly memoryLimit: number | null;
  readonly slots: { readonly cpu?: number | "all"; readonly gpu?: number } | null;
  readonly batchSize: number;
  readonly env: ReadonlyMap<string, string>;
  readonly bypass: boolean;
  /** Attributes that the node's items are known to have, inherited ones among them. */
  readonly attributes: ReadonlyMap<string, ValueType>;
  readonly flags: NodeFlags;
  /** True below a node that writes attributes known only when it runs. */
  readonly open: boolean;
  /** Place of the node's name, for messages about the node. */
  readonly place: Place;
}

/** Names of attributes that are flagged. */
export interface NodeFlags {
  /** Of those that the node's items get: those below do not inherit them. */
  readonly noCopy: ReadonlySet<string>;
  /** Variables of the environment, inherited ones among them. */
  readonly exported: ReadonlySet<string>;
  /** Those that a node above protects. */
  readonly readOnly: ReadonlySet<string>;
}

/** Parameters of a placed node: JSON with expressions at some leaves. */
export interface CompiledParams {
  /** What the expressions read; empty where `constant` is set. */
  readonly reads: Compiled["reads"];
  /** The evaluated, validated parameters where nothing is read. */
  readonly constant: Readonly<Record<string, unknown>> | null;
  /** As they are written: one text for what comes to the same for every item. */
  readonly text: string;
  /** For declarations: the parameters, of which those that differ by item throw Varies when they are read. */
  readonly known: Readonly<Record<string, unknown>>;
  /** Parameters for one item, defaults filled in and validated. */
  evaluate(environment: Environment, given?: Readonly<Record<string, number>>): EvaluatedParams;
}

/** What a declaration throws that reads a parameter which differs by item. */
export class Varies extends Error {}

/** What a node type declares for a node's parameters; undefined where it depends on one that differs by item, or is wrong. */
export function declaredFor<T>(
  declared: T | ((params: never) => T),
  params: CompiledParams | undefined,
): T | undefined {
  if (typeof declared !== "function") return declared;
  if (params === undefined) return undefined;
  try {
    return (declared as (params: unknown) => T)(params.known);
  } catch (error) {
    if (error instanceof Varies) return undefined;
    throw nodeErrorOf(error);
  }
}

export type EvaluatedParams =
  | { readonly ok: true; readonly values: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly problems: readonly string[] };
