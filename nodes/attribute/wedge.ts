/** Node type `wedge`: work items from variations of values. Knows nothing of what the attributes are for. */
import { defineNode, type GeneratedItem, type ParamProblem, type ParamValues, type UpstreamItem } from "dag-cook";
import { labelOf } from "./typed/label.js";
import type { Value } from "./typed/order.js";
import { problemsOf, variationsOf } from "./typed/variation.js";
import type { Varied } from "./typed/varied.js";
import { WEDGE_PARAMS } from "./typed/wedge-params.js";

type Params = ParamValues<typeof WEDGE_PARAMS>;
type Names = Params["names"];

export default defineNode({
  description: "Makes an item for every variation of one or more attributes, of each upstream item.",
  version: 1,
  params: WEDGE_PARAMS,
  attributes: {
    writes: writtenBy,
    flags: ({ attributes }) => Object.fromEntries(attributes.map(({ name, env_export }) => [name, { env_export }])),
  },
  check: allProblems,
  together: ({ order }) => order === "wedge",
  *generate(upstream, params, _discovered, { inputs, paramsOf }) {
    if (params.order === "input") return yield* variationsBelow(upstream[0], params, paramsOf);
    if ((inputs.main ?? []).length === 0) return yield* variationsBelow(undefined, params, paramsOf);
    let rows = upstream.map((item) => ({ item, variations: variationsBelow(item, paramsOf(item), paramsOf) }));
    while (rows.length > 0) {
      const left: typeof rows = [];
      for (const row of rows) {
        const { value, done } = row.variations.next();
        if (done === true) continue;
        yield { ...value, upstream: [row.item] };
        left.push(row);
      }
      rows = left;
    }
  },
});

function* variationsBelow(
  upstream: UpstreamItem | undefined,
  params: Params,
  paramsOf: (item: UpstreamItem | undefined, given: Readonly<Record<string, number>>) => Params,
): Generator<GeneratedItem> {
  const attributes = params.attributes as readonly Varied[];
  const calculate = (index: number) => (wedgenum: number, wedgecount: number) =>
    paramsOf(upstream, { wedgenum, wedgecount }).attributes[index]!.expression!.value;
  if (attributes.length === 0) return;
  const variations = variationsOf(attributes, params.combine, params.count, calculate);
  const names = attributes.map(({ name }) => name);
  const numbersOf = numbersBelow(upstream, names, variations.length, params);
  let wedgenum = 0;
  for (const { values, identity } of variations) {
    yield { identity, attributes: { ...values, ...numbersOf(wedgenum) }, label: labelOf(values) };
    wedgenum += 1;
  }
}

function writtenBy({ attributes, names, preserve_wedge_numbers }: Params) {
  const local = preserve_wedge_numbers ? "int[]" : "int";
  const types = { wedgeindex: "int", wedgenum: local, wedgeattribs: "string[]", wedgecount: local, wedgetotal: "int" };
  const numbers = named(types as Readonly<Record<keyof Names, "int" | "int[]" | "string[]">>, names);
  const typeOf = (type: Varied["type"]) => (type === "vector" || type === "color" ? "float[]" : type);
  return { ...numbers, ...Object.fromEntries(attributes.map(({ name, type }) => [name, typeOf(type)] as const)) };
}

function allProblems({ attributes, combine, count, names }: Params): readonly ParamProblem[] {
  const used = new Set(attributes.map(({ name }) => name));
  const taken = Object.entries(names).flatMap(([which, name]) => {
    const free = name === "" || !used.has(name);
    used.add(name);
    return free ? [] : [{ param: `names.${which}`, message: `another attribute has the name "${name}" already` }];
  });
  return [...problemsOf(attributes as readonly Varied[], combine, count), ...taken];
}

/**
 * Answers the numbers of each variation: `wedgenum` of `wedgecount` of one upstream item; counted over all wedges that
 * are stacked, `wedgeindex` of `wedgetotal` with the attributes `wedgeattribs`.
 */
function numbersBelow(
  upstream: UpstreamItem | undefined,
  varied: readonly string[],
  wedgecount: number,
  { names, preserve_wedge_numbers: preserve }: Params,
): (wedgenum: number) => Readonly<Record<string, Value>> {
  const above = (which: keyof Names) => (names[which] === "" ? undefined : upstream?.attribute(names[which]));
  const number = (which: keyof Names, otherwise: number) => {
    const value = above(which);
    return typeof value === "number" ? value : otherwise;
  };
  const list = (which: keyof Names): readonly Value[] => {
    const value = above(which);
    return value === undefined ? [] : Array.isArray(value) ? value : [value];
  };
  const first = number("wedgeindex", 0) * wedgecount;
  const numbers = preserve ? list("wedgenum") : undefined;
  const shared = {
    wedgecount: preserve ? [...list("wedgecount"), wedgecount] : wedgecount,
    wedgetotal: number("wedgetotal", 1) * wedgecount,
    wedgeattribs: [...new Set([...list("wedgeattribs"), ...varied])],
  };
  return (wedgenum) =>
    named({ wedgenum: numbers ? [...numbers, wedgenum] : wedgenum, wedgeindex: first + wedgenum, ...shared }, names);
}

/** By the names that are wanted; those that are not are left out. */
function named<T>(values: Readonly<Record<keyof Names, T>>, names: Names): Readonly<Record<string, T>> {
  const wanted = (Object.keys(values) as (keyof Names)[]).filter((each) => names[each] !== "");
  return Object.fromEntries(wanted.map((each) => [names[each], values[each]]));
}
