/** The values of one attribute of a wedge: listed, in a range, about a centre, or random. Knows no other attributes. */
import type { ParamProblem } from "dag-cook";
import { randomStream } from "dag-cook/random";
import { type Distribution, distributionProblems, drawn } from "./distribution.js";
import { sameText, type Value } from "./order.js";
import { misfit, SPELLED_TYPES, type Spelled, type SpelledType, typedValue } from "./value.js";

/** Types that a wedge's attributes can have; vectors and colours are lists of numbers. */
export const VARIED_TYPES = [...SPELLED_TYPES, "vector", "color", "file"] as const;

type Numbers = number | readonly number[];

/** An attribute that varies, by one of the last six. */
export interface Varied {
  readonly name: string;
  readonly type: (typeof VARIED_TYPES)[number];
  readonly values: readonly (Spelled | readonly number[])[] | null;
  readonly range: Range | null;
  readonly bracket: Bracket | null;
  readonly random: (Distribution & { readonly samples: number | null; readonly seed: number }) | null;
  readonly expression: { readonly value: number; readonly count: number | null } | null;
  readonly files: readonly string[] | null;
}

/** What an attribute's expression gives for a place among so many values. */
export type Calculate = (place: number, count: number) => number;

interface Bracket {
  readonly center: Numbers;
  readonly offset: Numbers;
  readonly count: number;
}

interface Range {
  readonly start: Numbers;
  readonly end: Numbers;
  readonly count: number | null;
  readonly step: number | null;
}

/** More values than this are a mistake in the graph. */
export const MOST = 1_000_000;

const WAYS = ["values", "range", "bracket", "random", "expression", "files"] as const;

/** The values of an attribute, by their places. */
export interface Column {
  readonly name: string;
  readonly length: number;
  /** Whether it is known that no value comes again. */
  readonly differ: boolean;
  at(place: number): Value;
}

/**
 * Its values; `count` for those that say no number of their own. What `problemsOfVaried` finds must be absent. A value that an expression
 * gives is found out when it is first asked for; throws then, with a message for the user, where it is not of the type.
 */
export function columnOf(varied: Varied, count: number | null, calculate: Calculate): Column {
  const { name, expression } = varied;
  if (expression === null) {
    const values = valuesOf(varied, count);
    const differ = new Set(values.map(sameText)).size === values.length;
    return { name, length: values.length, differ, at: (place) => values[place]! };
  }
  const length = expression.count ?? count!;
  const known: Value[] = [];
  const found = (place: number): Value => {
    const value = calculate(place, length);
    const problem = wholeProblem(varied.type, [value]);
    if (problem !== undefined) throw new Error(`"${name}": ${problem}`);
    return value;
  };
  return {
    name,
    length,
    differ: false,
    at(place) {
      known[place] ??= found(place);
      return known[place];
    },
  };
}

function valuesOf(
  { name, type, values, range, bracket, random, files }: Varied,
  count: number | null,
): readonly Value[] {
  if (values !== null) return values.map((value) => typed(value, type)!);
  if (files !== null) return files.map((path) => ({ $file: path }));
  if (range !== null) return between(range.start, range.end, sizeOf(range, count), range.step);
  if (bracket !== null) return aboutCentre(bracket);
  const { samples, seed } = random!;
  const stream = randomStream(seed, "wedge", name);
  const components = type === "vector" || type === "color" ? 3 : 1;
  const draw = (index: number) => drawn(random!, type === "int", stream, index);
  return Array.from({ length: samples ?? count! }, (_, sample) =>
    components === 1 ? draw(sample) : [0, 1, 2].map((component) => draw(sample * 3 + component)),
  );
}

/** How many values there are. */
export function sizeOfVaried(varied: Varied, count: number | null): number {
  const { values, range, bracket, random, expression, files } = varied;
  const listed = values ?? files;
  if (listed !== null) return listed.length;
  if (range !== null) return sizeOf(range, count);
  return bracket?.count ?? (expression === null ? random!.samples : expression.count) ?? count!;
}

function aboutCentre({ center, offset, count }: Bracket): readonly Value[] {
  const [start, end] = [combined(center, offset, (a, b) => a - b), combined(center, offset, (a, b) => a + b)];
  return between(start, end, count, null);
}

/** From start to end, both among them; with a step, from start on and not beyond end. */
function between(start: Numbers, end: Numbers, size: number, step: number | null): readonly Value[] {
  return Array.from({ length: size }, (_, index) =>
    combined(start, end, (from, to) => {
      const stride = step ?? (size > 1 ? (to - from) / (size - 1) : 0);
      // Twelve digits: 0.1 + 2 · 0.1 shall be 0.3 in names and labels.
      return Number((from + index * stride).toPrecision(12));
    }),
  );
}

function combined(a: Numbers, b: Numbers, combine: (a: number, b: number) => number): Numbers {
  if (typeof a === "number" && typeof b === "number") return combine(a, b);
  const [left, right] = [listOf(a), listOf(b)];
  return left.map((component, index) => combine(component, right[index]!));
}

function listOf(numbers: Numbers): readonly number[] {
  return typeof numbers === "number" ? [numbers] : numbers;
}

function sizeOf({ start, end, count, step }: Range, otherwise: number | null): number {
  if (step === null) return count ?? otherwise!;
  return Math.floor((listOf(end)[0]! - listOf(start)[0]!) / step + 1e-9) + 1;
}

function typed(value: Spelled | readonly number[], type: Varied["type"]): Value | undefined {
  if (type === "vector" || type === "color") return fitsComponents(value, type) ? value : undefined;
  return type === "file" || typeof value === "object" ? undefined : typedValue(value, type);
}

function fitsComponents(value: unknown, type: "vector" | "color"): boolean {
  const sizes = type === "vector" ? [2, 3, 4] : [3, 4];
  return Array.isArray(value) && sizes.includes(value.length);
}

/** All that is wrong with one attribute. `count`: whether ranges and samples may leave their number to the wedge. */
export function problemsOfVaried(varied: Varied, at: string, count: number | null): readonly ParamProblem[] {
  const { name, type } = varied;
  const given = WAYS.filter((way) => varied[way] !== null);
  const [way] = given;
  const one = (param: string, message: string | undefined): readonly ParamProblem[] =>
    message === undefined ? [] : [{ param, message }];
  if (way === undefined)
    return one(at, `"${name}" needs one of ${WAYS.map((each) => `"${each}"`).join(", ")} to say how it varies`);
  if (given.length > 1)
    return one(at, `"${name}" has ${given.map((each) => `"${each}"`).join(" and ")}: one is enough`);
  if ((way === "files") !== (type === "file"))
    return one(at, `"files" and the type "file" go together, and "${name}" has but one of them`);
  if (way === "values") return one(`${at}.values`, valuesProblem(varied));
  if (way === "files") return varied.files!.length > 0 ? [] : one(`${at}.files`, "there are none");
  if (type === "string" || type === "bool")
    return one(`${at}.${way}`, `"${way}" gives numbers, not values of the type "${type}"`);
  if (way === "random") return randomProblems(varied, at, count);
  if (way === "expression") return one(`${at}.expression`, expressionProblem(varied, count));
  return one(`${at}.${way}`, way === "range" ? rangeProblem(varied, count) : bracketProblem(varied));
}

function valuesProblem({ values, type }: Varied): string | undefined {
  const wrong = values!.find((value) => typed(value, type) === undefined);
  if (wrong === undefined) return undefined;
  if (type === "vector") return `${JSON.stringify(wrong)} is no list of two to four numbers, which a vector needs`;
  if (type === "color") return `${JSON.stringify(wrong)} is no list of three or four numbers, which a color needs`;
  return misfit(wrong as Spelled, type as SpelledType);
}

function rangeProblem({ range, type, name }: Varied, otherwise: number | null): string | undefined {
  const { start, end, count, step } = range!;
  const components = componentsProblem(type, [start, end]);
  if (components !== undefined) return components;
  const own = count ?? (step === null ? otherwise : null);
  if ((own === null) === (step === null)) return 'it needs either "count" or "step"';
  if (step !== null && typeof start !== "number")
    return `"${name}" has several components, of which "step" says nothing`;
  if (own !== null && own > 1 && JSON.stringify(start) === JSON.stringify(end))
    return `${own} values between ${start} and ${end} would all be the same`;
  if (step !== null && (step === 0 || ((end as number) - (start as number)) / step < 0))
    return `steps of ${step} do not lead from ${start} to ${end}`;
  const size = sizeOf(range!, otherwise);
  if (size > MOST) return `it has ${size} values, above ${MOST}`;
  return wholeProblem(type, between(start, end, size, step));
}

function bracketProblem({ bracket, type }: Varied): string | undefined {
  const { center, offset, count } = bracket!;
  if (count > MOST) return `it has ${count} values, above ${MOST}`;
  if (count % 2 === 0) return `its count is ${count}, and only an odd one has the centre in its middle`;
  if (listOf(offset).every((each) => each === 0)) return "without an offset all values would be the same";
  return componentsProblem(type, [center, offset]) ?? wholeProblem(type, aboutCentre(bracket!));
}

function expressionProblem({ expression, type }: Varied, otherwise: number | null): string | undefined {
  const count = expression!.count ?? otherwise;
  if (count === null) return 'it needs "count"';
  if (type === "vector" || type === "color") return `it gives one number, and a ${type} has several`;
  return count > MOST ? `it has ${count} values, above ${MOST}` : undefined;
}

function componentsProblem(type: Varied["type"], ends: readonly Numbers[]): string | undefined {
  if (type !== "vector" && type !== "color")
    return ends.every((end) => typeof end === "number")
      ? undefined
      : `lists of numbers need the type "vector" or "color"`;
  const same = ends.every((end) => fitsComponents(end, type) && listOf(end).length === listOf(ends[0]!).length);
  return same
    ? undefined
    : `a ${type} needs lists of ${type === "color" ? "three or four" : "two to four"} numbers, as long as each other`;
}

function wholeProblem(type: Varied["type"], values: readonly Value[]): string | undefined {
  const wrong = type === "int" ? values.find((value) => !Number.isInteger(value)) : undefined;
  return wrong === undefined ? undefined : misfit(wrong as Spelled, "int");
}

function randomProblems({ random, type }: Varied, at: string, count: number | null): readonly ParamProblem[] {
  if (random!.samples === null && count === null) return [{ param: `${at}.random`, message: 'it needs "samples"' }];
  const found = distributionProblems(random!, type === "int");
  return found.map(({ param, message }) => ({ param: `${at}.random.${param}`, message }));
}
