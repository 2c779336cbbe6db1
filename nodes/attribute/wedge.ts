/** Node type `wedge`: work items from variations of values. Knows nothing of what the attributes are for. */
import { defineNode, type ParamProblem, type ParamValues, type UpstreamItem } from "dag-cook";
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
  attributes: { writes: writtenBy },
  check: allProblems,
  *generate([upstream], params) {
    const attributes = params.attributes as readonly Varied[];
    const variations = attributes.length === 0 ? [] : variationsOf(attributes, params.combine, params.count);
    const names = attributes.map(({ name }) => name);
    for (const [wedgenum, { values, identity }] of variations.entries()) {
      const numbers = stackedOn(upstream, names, wedgenum, variations.length, params);
      const label = Object.entries(values).map(([name, value]) => `${name} ${textOf(value)}`);
      yield { identity, attributes: { ...values, ...numbers }, label: label.join(", ") };
    }
  },
});

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
 * `wedgenum` of `wedgecount` variations of one upstream item; counted over all wedges that are stacked, `wedgeindex` of
 * `wedgetotal` with the attributes `wedgeattribs`.
 */
function stackedOn(
  upstream: UpstreamItem | undefined,
  varied: readonly string[],
  wedgenum: number,
  wedgecount: number,
  { names, preserve_wedge_numbers: preserve }: Params,
): Readonly<Record<string, Value>> {
  const above = (name: string) => (name === "" ? undefined : upstream?.attribute(name));
  const number = (name: string, otherwise: number) => {
    const value = above(name);
    return typeof value === "number" ? value : otherwise;
  };
  const list = (value: Value | undefined) => (Array.isArray(value) ? value : value === undefined ? [] : [value]);
  const local = (name: string, value: number) => (preserve ? [...list(above(name)), value] : value);
  const numbers = {
    wedgenum: local(names.wedgenum, wedgenum),
    wedgecount: local(names.wedgecount, wedgecount),
    wedgeindex: number(names.wedgeindex, 0) * wedgecount + wedgenum,
    wedgetotal: number(names.wedgetotal, 1) * wedgecount,
    wedgeattribs: [...new Set([...list(above(names.wedgeattribs)), ...varied])],
  };
  return named(numbers, names);
}

/** By the names that are wanted; those that are not are left out. */
function named<T>(values: Readonly<Record<keyof Names, T>>, names: Names): Readonly<Record<string, T>> {
  const wanted = (Object.keys(values) as (keyof Names)[]).filter((each) => names[each] !== "");
  return Object.fromEntries(wanted.map((each) => [names[each], values[each]]));
}

function textOf(value: Value): string {
  if (typeof value !== "object") return String(value);
  return "$file" in value ? String(value.$file) : JSON.stringify(value);
}
