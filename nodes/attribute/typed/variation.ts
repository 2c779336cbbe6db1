/** The values of a wedge: ranges, and the ways in which several attributes are combined. Knows no work items. */
import type { ParamProblem } from "dag-cook";
import { misfit, type Spelled, type SpelledType, typedValue } from "./value.js";

/** An attribute that varies: by `values` or by `range`. */
export interface Varied {
  readonly name: string;
  readonly type: SpelledType;
  readonly values: readonly Spelled[] | null;
  readonly range: Range | null;
}

interface Range {
  readonly start: number;
  readonly end: number;
  readonly count?: number | null;
  readonly step?: number | null;
}

/** How several attributes meet: every combination, the first varying slowest, or one after another side by side. */
export type Combination = "product" | "zip";

/** One variation: values by name, in the order of the attributes. */
export type Variation = Readonly<Record<string, Spelled>>;

/** More variations than this are a mistake in the graph. */
const MOST = 1_000_000;

/** All variations, in order. What `problemsOf` finds must be absent. */
export function variationsOf(attributes: readonly Varied[], combine: Combination): readonly Variation[] {
  const columns = attributes.map((each) =>
    spelled(each).map((value) => [each.name, typedValue(value, each.type)!] as const),
  );
  if (combine === "zip") {
    return (columns[0] ?? []).map((_, row) => Object.fromEntries(columns.map((column) => column[row]!)));
  }
  let rows: (readonly (readonly [string, Spelled])[])[] = [[]];
  for (const column of columns) rows = rows.flatMap((row) => column.map((value) => [...row, value]));
  return rows.map((row) => Object.fromEntries(row));
}

function spelled({ values, range }: Varied): readonly Spelled[] {
  return values ?? (range ? rangeValues(range) : []);
}

/** With `count`: evenly from start to end, both among them. With `step`: from start on, up to and including end. */
function rangeValues({ start, end, count, step }: Range): readonly number[] {
  const size = sizeOf({ start, end, count, step } as Range);
  const stride = step ?? (size > 1 ? (end - start) / (size - 1) : 0);
  // Twelve digits: 0.1 + 2 · 0.1 shall be 0.3 in names and labels.
  return Array.from({ length: size }, (_, index) => Number((start + index * stride).toPrecision(12)));
}

function sizeOf({ start, end, count, step }: Range): number {
  return count ?? Math.floor((end - start) / step! + 1e-9) + 1;
}

/** All that is wrong with the attributes and their combination. */
export function problemsOf(attributes: readonly Varied[], combine: Combination): readonly ParamProblem[] {
  const problems = attributes.flatMap((each, index) => [
    ...(attributes.findIndex(({ name }) => name === each.name) < index
      ? [{ param: `attributes.${index}.name`, message: `"${each.name}" varies twice` }]
      : []),
    ...valueProblems(each, `attributes.${index}`),
  ]);
  if (problems.length > 0) return problems;
  const sizes = attributes.map(countOf);
  const odd = combine === "zip" ? sizes.findIndex((size) => size !== sizes[0]) : -1;
  if (odd > 0) {
    const [first, other] = [attributes[0]!, attributes[odd]!];
    const message = `"${other.name}" has ${sizes[odd]} values and "${first.name}" has ${sizes[0]}: "zip" needs as many of each`;
    return [{ param: `attributes.${odd}`, message }];
  }
  const total = combine === "zip" ? (sizes[0] ?? 0) : sizes.reduce((product, size) => product * size, 1);
  return total > MOST ? [{ param: "attributes", message: `${total} variations are above the limit of ${MOST}` }] : [];
}

function countOf({ values, range }: Varied): number {
  return values?.length ?? sizeOf(range!);
}

function valueProblems(varied: Varied, at: string): readonly ParamProblem[] {
  const { name, type, values, range } = varied;
  if ((values === null) === (range === null)) {
    const message = `"${name}" needs ${values === null ? '"values" or a "range"' : 'either "values" or a "range", not both'}`;
    return [{ param: at, message }];
  }
  if (range) {
    const message = rangeProblem(range, type);
    if (message) return [{ param: `${at}.range`, message }];
    if (sizeOf(range) > MOST)
      return [{ param: `${at}.range`, message: `it has ${sizeOf(range)} values, above ${MOST}` }];
  }
  const all = spelled(varied);
  const wrong = all.find((value) => typedValue(value, type) === undefined);
  if (wrong !== undefined) return [{ param: `${at}.${range ? "range" : "values"}`, message: misfit(wrong, type) }];
  const typed = all.map((value) => typedValue(value, type));
  const twice = typed.find((value, index) => typed.indexOf(value) < index);
  return twice === undefined ? [] : [{ param: `${at}.values`, message: `${JSON.stringify(twice)} is there twice` }];
}

function rangeProblem({ start, end, count = null, step = null }: Range, type: SpelledType): string | undefined {
  if (type !== "int" && type !== "float") return `a range has numbers, not values of the type "${type}"`;
  if ((count === null) === (step === null)) return 'it needs either "count" or "step"';
  if (count !== null && count > 1 && start === end)
    return `${count} values between ${start} and ${end} would all be the same`;
  if (step !== null && (step === 0 || (end - start) / step < 0))
    return `steps of ${step} do not lead from ${start} to ${end}`;
  return undefined;
}
