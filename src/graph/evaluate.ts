/**
 * A node's parameters as the engine gets them: constant, or evaluated for each item with only the texts that differ by
 * item computed again. Knows values, not where they stand in a file.
 */
import { callNode } from "../base/error.js";
import { type Compiled, type Environment, EvaluationError } from "../expression/index.js";
import type { Value } from "../expression/value.js";
import type { Conform, Violation } from "../nodetype/conform.js";
import type { ParamProblem } from "../nodetype/define.js";
import type { RegisteredNodeType } from "../nodetype/registry.js";
import { typesOf } from "../nodetype/schema.js";
import { type CompiledParams, type EvaluatedParams, Varies } from "./graph.js";
import type { TextLeaf } from "./leaves.js";
import type { JsonPath } from "./located.js";
import { outputProblem, type Roots, symbolicPath } from "./paths.js";

/** Parameters by name. */
export type ParamRecord = Readonly<Record<string, unknown>>;

/** A text that is evaluated for each item. */
export interface DynamicLeaf {
  readonly leaf: TextLeaf;
  readonly compiled: Compiled;
  readonly home: TextHome;
}

/** The graph file that says a text: what its `$NAME` and its paths mean. */
export interface TextHome {
  readonly variables: ReadonlyMap<string, string>;
  readonly roots: Roots;
  /** Whether it is another file than that of the node. */
  readonly foreign: boolean;
}

/** A value as a parameter takes it, or why it does not. */
export type Fitted = { readonly is: unknown } | { readonly problem: string };

/** Parameters that are the same for all items; frozen, since all of these share them. */
export function constantParams(values: ParamRecord): CompiledParams {
  const constant = deepFreeze(values);
  const evaluated: EvaluatedParams = { ok: true, values: constant };
  return {
    reads: mergedReads([]),
    constant,
    get text() {
      return JSON.stringify(constant);
    },
    known: constant,
    evaluate: () => evaluated,
  };
}

/** Parameters of which some differ by item. `base` holds all others, and anything where the former stand. */
export function perItemParams(
  base: ParamRecord,
  dynamic: readonly DynamicLeaf[],
  context: { readonly type: RegisteredNodeType; readonly conform: Conform },
): CompiledParams {
  const { type, conform } = context;
  deepFreeze(base);
  const evaluate = (environment: Environment, given?: Readonly<Record<string, number>>): EvaluatedParams => {
    const problems: string[] = [];
    let values = base;
    for (const { leaf, compiled, home } of dynamic) {
      const seen = withGiven(home.foreign ? seenFrom(home, environment) : environment, leaf, given);
      const fitted = evaluateLeaf(compiled, seen, leaf, home.roots);
      if ("is" in fitted) values = replaceAt(values, leaf.path, fitted.is);
      else problems.push(`Parameter "${leaf.path.join(".")}": ${fitted.problem}`);
    }
    if (problems.length === 0) problems.push(...conform(values).map(violationText));
    if (problems.length === 0) problems.push(...ownErrors(type, values));
    return problems.length === 0 ? { ok: true, values } : { ok: false, problems };
  };
  const reads = mergedReads(dynamic.map((each) => each.compiled));
  const known = withHoles(
    base,
    dynamic.map(({ leaf }) => leaf.path),
  );
  const text = (): string =>
    JSON.stringify([
      base,
      ...dynamic.map(({ leaf, home }) => [leaf.path, leaf.text, home.foreign && seenIn(home, reads)]),
    ]);
  return {
    reads,
    constant: null,
    get text() {
      return text();
    },
    known,
    evaluate,
  };
}

/** What a text of another graph file finds there. */
function seenIn({ variables, roots }: TextHome, { variables: names }: Compiled["reads"]): unknown {
  return [roots.base, [...names].map((name) => [name, variables.get(name)])];
}

/** An item as a text of another graph file sees it. */
function seenFrom({ variables }: TextHome, environment: Environment): Environment {
  return { ...environment, variable: (name) => (name === "OS" ? environment.variable(name) : variables.get(name)) };
}

/** An item as a text sees it to which its schema gives numbers. */
function withGiven(
  environment: Environment,
  { schema }: TextLeaf,
  given: Readonly<Record<string, number>> = {},
): Environment {
  if (schema.given === undefined) return environment;
  const numbers = new Map(Object.entries({ ...schema.given, ...given }));
  return { ...environment, attribute: (name) => numbers.get(name) ?? environment.attribute(name) };
}

function evaluateLeaf(compiled: Compiled, environment: Environment, leaf: TextLeaf, roots: Roots): Fitted {
  try {
    return adapt(compiled.evaluate(environment), leaf, roots);
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error;
    return { problem: error.message };
  }
}

/** A text's value as its parameter takes it: a number where only a boolean fits says whether it is not 0; paths are symbolic. */
export function adapt(value: Value, { schema }: TextLeaf, roots: Roots): Fitted {
  if (schema.path !== undefined && typeof value === "string") {
    const symbolic = symbolicPath(value, roots);
    if ("problem" in symbolic) return symbolic;
    if (schema.path !== "output") return { is: symbolic.path };
    if (namesNothing(value, symbolic.path)) {
      return { problem: `An output path names what is made there; "${value}" does not. Write such as "out/name.png".` };
    }
    const problem = outputProblem(symbolic.path, roots);
    return problem === undefined ? { is: symbolic.path } : { problem };
  }
  const types = typesOf(schema);
  const onlyBoolean = typeof value === "number" && !types.includes("number") && !types.includes("integer");
  return { is: onlyBoolean ? value !== 0 : value };
}

/** Whether an output path is empty, a folder by its last slash, or one of the roots themselves. */
function namesNothing(given: string, symbolic: string): boolean {
  return given === "" || /[/\\]$/.test(given) || !symbolic.includes("/") || /(^|\/)\.\.$/.test(symbolic);
}

/** What the node type's own check finds in evaluated parameters. */
export function ownProblems(type: RegisteredNodeType, values: ParamRecord): readonly ParamProblem[] {
  return callNode(() => type.definition.check?.(values)) ?? [];
}

function ownErrors(type: RegisteredNodeType, values: ParamRecord): readonly string[] {
  return ownProblems(type, values)
    .filter(({ severity = "error" }) => severity === "error")
    .map((problem) => `Parameter "${problem.param}": ${problem.message}`);
}

function violationText({ kind, path, message, suggestion }: Violation): string {
  const hint = suggestion === undefined ? "" : ` Did you mean "${suggestion}"?`;
  return `Parameter "${path.join(".")}" ${kind === "missing" ? "is missing" : message}.${hint}`;
}

function mergedReads(all: readonly Compiled[]): Compiled["reads"] {
  return {
    attributes: new Set(all.flatMap((each) => [...each.reads.attributes])),
    variables: new Set(all.flatMap((each) => [...each.reads.variables])),
    inputs: all.some((each) => each.reads.inputs),
  };
}

/** A copy of values with another value at a path; what does not lie on the path is shared. */
export function replaceAt(values: ParamRecord, path: JsonPath, value: unknown): ParamRecord {
  return replaced(values, path, value) as ParamRecord;
}

/** A copy of values that throws where a value at one of the paths is read. */
function withHoles<Values>(at: Values, paths: readonly JsonPath[]): Values {
  const copy = (Array.isArray(at) ? [...at] : { ...at }) as Values & Record<string, unknown>;
  const below = new Map<string, JsonPath[]>();
  for (const [step, ...rest] of paths) {
    const name = String(step);
    const inside = below.get(name);
    if (rest.length === 0) Object.defineProperty(copy, name, HOLE);
    else if (inside === undefined) below.set(name, [rest]);
    else inside.push(rest);
  }
  for (const [name, inside] of below) Object.defineProperty(copy, name, { value: withHoles(copy[name], inside) });
  return copy;
}

const HOLE: PropertyDescriptor = {
  get(): never {
    throw new Varies("The parameter differs by item.");
  },
  enumerable: true,
};

function replaced(at: unknown, [step, ...rest]: JsonPath, value: unknown): unknown {
  if (step === undefined) return value;
  if (Array.isArray(at)) return at.with(Number(step), replaced(at[Number(step)], rest, value));
  const object = at as Record<string, unknown>;
  return { ...object, [step]: replaced(object[step], rest, value) };
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) {
    for (const member of Object.values(value)) deepFreeze(member);
    Object.freeze(value);
  }
  return value;
}
