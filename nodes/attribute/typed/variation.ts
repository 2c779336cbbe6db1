/** The variations of a wedge: the ways in which the values of several attributes meet. Knows no work items. */
import type { Json, ParamProblem } from "dag-cook";
import { sameText, type Value } from "./order.js";
import { Repeats } from "./repeats.js";
import { type Calculate, MOST, problemsOfVaried, sizeOfVaried, type Varied, valuesOf } from "./varied.js";

/** How several attributes meet: every combination, the first varying slowest, or one after another side by side. */
export type Combination = "product" | "zip";

/** One variation: values by name, in the order of the attributes. */
export interface Variation {
  readonly values: Readonly<Record<string, Value>>;
  readonly identity: Json;
}

/**
 * All variations, in order. `calculate` answers for an attribute, by its place, what its expression gives. `count`: side by side, how many there are, for which values are taken from the start again.
 * What `problemsOf` finds must be absent.
 */
export function variationsOf(
  attributes: readonly Varied[],
  combine: Combination,
  count: number | null,
  calculate: (attribute: number) => Calculate,
): readonly Variation[] {
  const columns = attributes.map((each, index) =>
    valuesOf(each, count, calculate(index)).map((value) => [each.name, value] as const),
  );
  if (combine === "zip") {
    const length = count ?? columns[0]?.length ?? 0;
    const rows = Array.from({ length }, (_, row) => columns.map((column) => column[row % column.length]!));
    return identified(rows);
  }
  let rows: (readonly (readonly [string, Value])[])[] = [[]];
  for (const column of columns) rows = rows.flatMap((row) => column.map((value) => [...row, value]));
  return identified(rows);
}

/** Values are a variation's identity; where they come again, as random and repeated ones may, also the how many-th it is. */
function identified(rows: readonly (readonly (readonly [string, Value])[])[]): readonly Variation[] {
  const repeats = new Repeats();
  return rows.map((row) => {
    const values = Object.fromEntries(row);
    const repeat = repeats.before(values);
    return { values, identity: (repeat === 0 ? values : { values, repeat }) as Json };
  });
}

/** All that is wrong with the attributes and their combination. */
export function problemsOf(
  attributes: readonly Varied[],
  combine: Combination,
  count: number | null,
): readonly ParamProblem[] {
  if (count !== null && combine !== "zip") return [{ param: "count", message: 'it counts only with "combine": "zip"' }];
  const problems = attributes.flatMap((each, index) => [
    ...(attributes.findIndex(({ name }) => name === each.name) < index
      ? [{ param: `attributes.${index}.name`, message: `"${each.name}" varies twice` }]
      : []),
    ...problemsOfVaried(each, `attributes.${index}`, count),
    ...(combine === "product" ? repeatProblems(each, `attributes.${index}`) : []),
  ]);
  return problems.length > 0 ? problems : sizeProblems(attributes, combine, count);
}

function repeatProblems({ values, type }: Varied, at: string): readonly ParamProblem[] {
  const seen = new Set<string | number>();
  for (const value of values ?? []) {
    // Text that a template made of a number is that number.
    const own = type === "float" || type === "int" ? Number(value) : sameText(value);
    if (seen.has(own)) return [{ param: `${at}.values`, message: `${own} is there twice` }];
    seen.add(own);
  }
  return [];
}

function sizeProblems(
  attributes: readonly Varied[],
  combine: Combination,
  count: number | null,
): readonly ParamProblem[] {
  const sizes = attributes.map((each) => sizeOfVaried(each, count));
  const odd = combine === "zip" && count === null ? sizes.findIndex((size) => size !== sizes[0]) : -1;
  if (odd > 0) {
    const [first, other] = [attributes[0]!, attributes[odd]!];
    const message = `"${other.name}" has ${sizes[odd]} values and "${first.name}" has ${sizes[0]}: "zip" needs as many of each`;
    return [{ param: `attributes.${odd}`, message }];
  }
  const product = sizes.reduce((all, size) => all * size, 1);
  const total = combine === "zip" ? (count ?? sizes[0] ?? 0) : product;
  return total > MOST ? [{ param: "attributes", message: `${total} variations are above the limit of ${MOST}` }] : [];
}
