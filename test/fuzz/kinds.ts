/**
 * What the node types of the fuzz make of the items above them, as their pages say it, told once more for the model: it
 * shares no code with the engine or with the nodes.
 */
import type { Json } from "../../src/nodetype/define.js";
import { NoValue } from "./expressions.js";
import { type Attribute, type Item, sameText } from "./items.js";
import type { SeenFile } from "./works.js";

/** An item to be made. */
export interface Making {
  readonly identity: unknown;
  readonly attributes?: Readonly<Record<string, Attribute>>;
  readonly removes?: readonly string[];
  readonly files?: readonly SeenFile[];
  readonly output?: string;
  /** Where all upstream items are taken together: those that it is made from. */
  readonly members?: readonly Item[];
}

interface Variable {
  readonly name: string;
  readonly value: string;
  readonly operation: "set" | "prepend" | "append";
}

type Params = Readonly<Record<string, Json>>;

/** What a node type may ask. */
export interface Around {
  /** Contents by path below the graph's folder. */
  readonly files: Readonly<Record<string, string>>;
  /** Upstream items by source of the first input. */
  readonly sources: readonly (readonly Item[])[];
  /** The value of a parameter's expression, or of its template. Throws where it has none. */
  value(given: Json, as?: "text"): Attribute;
}

export interface Kind {
  /** Declared inputs in order. */
  readonly inputs: readonly string[];
  /** Declared outputs in order; none: one without a name. */
  readonly outputs?: readonly string[];
  /** Attributes that decide what items there are, beside those in expressions. */
  reads?(params: Params): readonly string[];
  /** From each upstream item, or from none. */
  each?(params: Params, around: Around, upstream: Item | undefined): Iterable<Making>;
  /** From all upstream items at once. `partition`: the items are groups of them. */
  all?(params: Params, around: Around, upstream: readonly Item[]): Iterable<Making>;
  readonly partition?: boolean;
  readonly meet?: "each" | "all" | { readonly by: string };
  readonly works?: boolean;
}

const MAIN = ["main"];

export const KINDS: Readonly<Record<string, Kind>> = {
  file_pattern: {
    inputs: [],
    *each({ directory, tag }, { files }) {
      const names = Object.keys(files).filter((path) => path.startsWith(`${directory}/`));
      const numbered = names.map((path) => ({ path, name: path.slice(String(directory).length + 1) }));
      for (const { path, name } of numbered.sort((a, b) => numberIn(a.name) - numberIn(b.name))) {
        const content = files[path]!;
        const attributes = { filename: name, directory: "", extension: ".txt", file_size: content.length };
        yield { identity: name, attributes, files: [{ name, tag: String(tag), content }] };
      }
    },
  },
  attribute_create: {
    inputs: MAIN,
    *each({ attributes }, { value }) {
      const pairs = (attributes as { name: string; value: Json }[]).map((each) => [
        each.name,
        Number(value(each.value)),
      ]);
      yield { identity: null, attributes: Object.fromEntries(pairs) as Record<string, Attribute> };
    },
  },
  attribute_delete: {
    inputs: MAIN,
    *each({ attributes }, _around, upstream) {
      if (upstream !== undefined) yield { identity: null, removes: attributes as string[] };
    },
  },
  wedge: {
    inputs: MAIN,
    *each({ attributes }, _around, upstream) {
      const { name, values } = (attributes as { name: string; values: number[] }[])[0]!;
      const count = values.length;
      const above = (which: string, otherwise: number) => {
        const found = upstream?.attribute(which);
        return typeof found === "number" ? found : otherwise;
      };
      const names = upstream?.attribute("wedgeattribs") ?? [];
      for (const [wedgenum, value] of values.entries()) {
        const attributes = {
          [name]: value,
          wedgenum,
          wedgecount: count,
          wedgeindex: above("wedgeindex", 0) * count + wedgenum,
          wedgetotal: above("wedgetotal", 1) * count,
          wedgeattribs: [...new Set([...(names as string[]), name])],
        };
        yield { identity: { [name]: value }, attributes };
      }
    },
  },
  wait_for_all: {
    inputs: MAIN,
    partition: true,
    *all(_params, _around, upstream) {
      if (upstream.length > 0) yield { identity: "all", members: upstream };
    },
  },
  partition_by_attribute: {
    inputs: MAIN,
    partition: true,
    reads: ({ attributes }) => (attributes as { name: string }[]).map(({ name }) => name),
    *all({ attributes }, _around, upstream) {
      const name = (attributes as { name: string }[])[0]!.name;
      const groups = new Map<string, Item[]>();
      for (const item of upstream) {
        const value = item.attribute(name);
        if (value === undefined) continue;
        const text = sameText(value);
        groups.set(text, [...(groups.get(text) ?? []), item]);
      }
      for (const [text, members] of groups) yield { identity: { [name]: text }, members };
    },
  },
  filter_by_expression: {
    inputs: MAIN,
    *each({ expression }, { value }, upstream) {
      if (upstream !== undefined && Number(value(expression!)) !== 0) yield { identity: null };
    },
  },
  split: {
    inputs: MAIN,
    outputs: ["fits", "rest"],
    *each({ expression }, { value }, upstream) {
      if (upstream === undefined) return;
      yield { identity: null, output: Number(value(expression!)) !== 0 ? "fits" : "rest" };
    },
  },
  merge: { inputs: MAIN },
  sort: {
    inputs: MAIN,
    reads: ({ by }) => (by as { attribute: string }[]).map(({ attribute }) => attribute),
    *all({ by }, _around, upstream) {
      const { attribute, descending } = (by as { attribute: string; descending: boolean }[])[0]!;
      // Items without it come last, but one of them must have it.
      if (upstream.length > 0 && upstream.every((item) => item.attribute(attribute) === undefined))
        throw new NoValue(`sort by @${attribute}`);
      const ordered = [...upstream].sort((a, b) => {
        const [left, right] = [a.attribute(attribute), b.attribute(attribute)];
        if (left === right) return 0;
        if (left === undefined || right === undefined) return left === undefined ? 1 : -1;
        return (left < right ? -1 : 1) * (descending ? -1 : 1);
      });
      for (const item of ordered) yield { identity: null, members: [item] };
    },
  },
  switch: {
    inputs: MAIN,
    *all({ input }, { value, sources }) {
      const count = sources.length;
      const place = ((Number(value(input!)) % count) + count) % count;
      for (const item of sources[place] ?? []) yield { identity: null, members: [item] };
    },
  },
  environment_edit: {
    inputs: MAIN,
    reads: ({ variables }) =>
      (variables as unknown as Variable[]).filter(({ operation }) => operation !== "set").map(({ name }) => name),
    *each({ variables, unset = [] }, { value }, upstream) {
      const set: Record<string, string> = {};
      for (const { name, value: given, operation } of variables as unknown as Variable[]) {
        const text = String(value(given, "text"));
        const before = set[name] ?? upstream?.attribute(name);
        const isNew = operation === "set" || before === undefined || before === "";
        set[name] = isNew ? text : operation === "append" ? `${before}:${text}` : `${text}:${before}`;
      }
      yield { identity: null, attributes: set, removes: unset as string[] };
    },
  },
  feedback_begin: { inputs: MAIN },
  feedback_end: { inputs: MAIN, outputs: ["result", "iterations"], meet: "all" },
  "fuzz/grow": {
    inputs: MAIN,
    reads: ({ from }) => [String(from)],
    *each({ from }, _around, upstream) {
      const count = Number(upstream?.attribute(String(from)) ?? 0) % 3;
      for (let grown = 0; grown <= count; grown++) yield { identity: { grown }, attributes: { grown } };
    },
  },
  "fuzz/work": { inputs: MAIN, works: true },
  "fuzz/pair": { inputs: ["left", "right"], meet: "each", works: true },
  "fuzz/join": { inputs: ["left", "right"], meet: "all", works: true },
  "fuzz/match": { inputs: ["left", "right"], meet: { by: "x" }, works: true },
};

/** The combinations of several inputs' items that an item each is made from. `absent`: inputs without a source. */
export function meetings(
  { meet = "each" }: Kind,
  groups: readonly (readonly Item[])[],
  absent: readonly boolean[],
): (readonly (readonly Item[])[])[] {
  if (meet === "all") return groups.some((group) => group.length > 0) ? [groups] : [];
  if (meet === "each") {
    let made: (readonly (readonly Item[])[])[] = [[]];
    for (const [place, group] of groups.entries()) {
      const choices = absent[place] ? [[]] : group.map((item) => [item]);
      made = made.flatMap((pair) => choices.map((choice) => [...pair, choice]));
    }
    return made;
  }
  const textIn = (item: Item) => sameText(item.attribute(meet.by));
  const texts = [...new Set((groups[0] ?? []).map(textIn))];
  const joined = texts.map((text) => groups.map((group) => group.filter((item) => textIn(item) === text)));
  return joined.filter((each) => each.every((group, place) => group.length > 0 || absent[place]));
}

/** Names of files are `f` and a number: `f2` comes before `f10`. */
function numberIn(name: string): number {
  return Number(/\d+/.exec(name)?.[0]);
}
