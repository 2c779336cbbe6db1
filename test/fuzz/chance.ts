/** Random worlds, each a function of a seed alone. Knows no engine, and not what is valid. */
import type { Json } from "../../src/nodetype/define.js";
import type { Dice } from "../helpers/dice.js";
import { KINDS } from "./kinds.js";
import { WORKING } from "./works.js";
import { loopsOf, type Placed, type Ref, type World } from "./world.js";

/** Some of them, in their order. */
export function some<T>(dice: Dice, all: readonly T[], probability: number): T[] {
  return all.filter(() => dice.chance(probability));
}

export function shuffled<T>(dice: Dice, all: readonly T[]): T[] {
  const left = [...all];
  return all.map(() => left.splice(dice.from(0, left.length - 1), 1)[0]!);
}

const FOLDERS = ["data/a", "data/b"];
export const EXTRAS = ["extra/e1.bin", "extra/e2.bin", "more/e1.bin"];
export const CONTENTS = ["", "a", "b", "cc", "ddd", "\u00ff\u0000", "a\n"];
const READ = [
  "x",
  "y",
  "w",
  "made",
  "grown",
  "filename",
  "file_size",
  "partitionsize",
  "loopiter",
  "wedgeindex",
  "pdg_index",
];
const NUMBERS: readonly Json[] = [0, 1, 2, "@x", "@y + 1", "@w", "@pdg_index", "@made * 2", "@file_size % 3", "@grown"];
export const TRUTHS: readonly string[] = [
  "@x < 1",
  "@y < 2",
  "@w == 1",
  "@made < 2",
  "@pdg_index < 2",
  "@grown == 0",
  "@x == 1",
];
const TEXTS: readonly Json[] = ["", "t", "t@x", "n@{pdg_index}", "m@made", "w@{w}!", "$V@x", "v$V"];
const VARIABLES = ["FUZZ_E", "FUZZ_F"];
export const FLOW = [
  "attribute_create",
  "attribute_delete",
  "wedge",
  "wait_for_all",
  "partition_by_attribute",
  "filter_by_expression",
  "split",
  "merge",
  "sort",
  "switch",
  "switch",
  "environment_edit",
  "fuzz/grow",
] as const;

export function fileIn(dice: Dice, world?: World): string {
  const there = Object.keys(world?.files ?? {});
  if (there.length > 0 && dice.chance(0.6)) return dice.pick(there);
  return dice.chance(0.75) ? `${dice.pick(FOLDERS)}/f${dice.from(1, 12)}.txt` : dice.pick(EXTRAS);
}

/** A parameter of a node type with a random value; null: its default. */
type Draw = (dice: Dice) => Json | null;

export const WORK: Readonly<Record<string, Draw>> = {
  text: (dice) => dice.pick(TEXTS),
  amount: (dice) => dice.pick(NUMBERS),
  reads: (dice) => shuffled(dice, some(dice, READ, 0.3)),
  mode: (dice) => dice.pick(["all", "all", "all", "coarse", "coarse", "pass", "none"]),
  set: (dice) => dice.pick(["", "made", "made", "y"]),
  fail_at: (dice) => (dice.chance(0.15) ? dice.from(0, 4) : null),
  output: (dice) => (dice.chance(0.5) ? `out/${dice.pick(["d1", "d2"])}/\${OS}-@{pdg_index}.txt` : null),
  extras: (dice) => (dice.chance(0.6) ? shuffled(dice, some(dice, [...EXTRAS, "$W/e1.bin"], 0.4)) : null),
  note: (dice) => dice.pick(["", "n", "m"]),
  trips: (dice) => (dice.chance(0.3) ? dice.from(1, 2) : null),
  variables: (dice) => (dice.chance(0.4) ? some(dice, VARIABLES, 0.7) : null),
};

const wedged: Draw = (dice) => {
  const values = shuffled(dice, [0, 1, 2, 3]).slice(0, dice.from(1, 3));
  return [{ name: dice.pick(["w", "w", "x"]), type: "int", values }];
};
const created: Draw = (dice) => {
  const value = () => dice.pick<Json>([0, 1, 2, 3, "@x", "@pdg_index", "@file_size"]);
  return some(dice, ["x", "y"], 0.7).map((name) => ({ name, type: "int", value: value() }));
};

export const PARAMS: Readonly<Record<string, Readonly<Record<string, Draw>>>> = {
  ...Object.fromEntries(WORKING.map((type) => [type, WORK])),
  file_pattern: {
    directory: (dice) => dice.pick(FOLDERS),
    tag: (dice) => dice.pick(["file", "file/text"]),
    no_match: () => "empty",
  },
  attribute_create: { attributes: created },
  attribute_delete: { attributes: (dice) => [dice.pick(["x", "y", "made", "w"])] },
  wedge: { attributes: wedged },
  wait_for_all: {},
  partition_by_attribute: {
    attributes: (dice) => [{ name: dice.pick(["x", "y", "w", "made", "filename"]) }],
    unmatched: () => "leave_out",
  },
  filter_by_expression: { expression: (dice) => dice.pick(TRUTHS) },
  split: { expression: (dice) => dice.pick(TRUTHS) },
  merge: {},
  environment_edit: {
    variables: (dice) =>
      some(dice, VARIABLES, 0.7).map((name) => {
        return {
          name,
          value: dice.pick(["e", "e@x", "$V"]),
          operation: dice.pick(["set", "set", "append", "prepend"]),
        };
      }),
  },
  sort: { by: (dice) => [{ attribute: dice.pick(["x", "y", "w", "made"]), descending: dice.chance(0.5) }] },
  switch: { input: (dice) => dice.pick<Json>([0, 1, 2, 0, 1, 2, "@x", "@y"]), invalid: () => "wrap" },
  "fuzz/grow": { from: (dice) => dice.pick(["made", "made", "x"]) },
  feedback_begin: {
    over: (dice) => dice.pick(["count", "items"]),
    iterations: (dice) => dice.from(1, 3),
    attributes: (dice) => some(dice, ["x", "made"], 0.6),
    files: (dice) => dice.chance(0.6),
  },
  feedback_end: { stop_when: (dice) => (dice.chance(0.5) ? dice.pick(["@loopiter == 1", "@loopiter == 0"]) : null) },
};

function paramsOf(type: string, dice: Dice, all = 0.6): Record<string, Json> {
  const drawn = Object.entries(PARAMS[type] ?? {}).flatMap(([name, draw]): [string, Json][] => {
    const needed = !WORKING.includes(type);
    if (name === "trips") return [];
    const value = needed || dice.chance(all) ? draw(dice) : null;
    return value === null ? [] : [[name, value]];
  });
  return Object.fromEntries(drawn);
}

/** Numbers of the nodes that one at a place of the list may read: those before it, of a loop its end alone. */
export function readable(world: World, at: number): Ref[] {
  const loops = loopsOf(world);
  const node = world.nodes[at];
  const around = [...loops].filter(([begin, inside]) => {
    if (node !== undefined) return inside.has(node.id);
    const end = world.nodes.findIndex(({ closes }) => closes === begin);
    return world.nodes.findIndex(({ id }) => id === begin) < at && at <= end;
  });
  const open = new Set(around.map(([begin]) => begin));
  const hidden = new Set<number>();
  for (const [begin, inside] of loops) {
    if (open.has(begin)) continue;
    hidden.add(begin);
    for (const id of inside) if (world.nodes.find((each) => each.id === id)?.closes !== begin) hidden.add(id);
  }
  return world.nodes
    .slice(0, at)
    .filter(({ id }) => !hidden.has(id))
    .flatMap(({ id, type }) => [{ id }, ...(KINDS[type]?.outputs ?? []).slice(1).map((output) => ({ id, output }))]);
}

export function refsFrom(from: readonly Ref[], dice: Dice, most: number, least = 1): Ref[] {
  // What was made last is read more often: chains are deep.
  const recent = dice.chance(0.6) ? from.slice(-4) : from;
  return shuffled(dice, recent).slice(0, dice.from(least, most));
}

function inputsFor(type: string, from: readonly Ref[], dice: Dice): Record<string, Ref[]> {
  const names = KINDS[type]!.inputs;
  if (from.length === 0 || names.length === 0) return {};
  const many = type === "merge" || type === "switch" ? 3 : dice.chance(0.25) ? 2 : 1;
  const wired = names.filter((name) => name !== "right" || type === "fuzz/match" || dice.chance(0.7));
  const least = type === "switch" ? 2 : 1;
  return Object.fromEntries(wired.map((name) => [name, refsFrom(from, dice, many, least)]));
}

export function placed(world: World, id: number, type: string, at: number, dice: Dice): Placed {
  const inputs = inputsFor(type, readable(world, at), dice);
  return {
    id,
    name: `${type.replace("fuzz/", "").slice(0, 6)}${id}`,
    type,
    inputs,
    params: paramsOf(type, dice),
    settings: {},
  };
}

function randomFiles(dice: Dice, many: boolean): Record<string, string> {
  const numbers = Array.from({ length: 12 }, (_, index) => index + 1);
  const files: Record<string, string> = {};
  for (const folder of FOLDERS)
    for (const number of some(dice, numbers, many ? 0.7 : 0.2)) files[`${folder}/f${number}.txt`] = dice.pick(CONTENTS);
  // Equal bytes under other names are another result.
  const equal = dice.chance(0.5) ? dice.pick(CONTENTS) : undefined;
  for (const path of EXTRAS) files[path] = equal ?? dice.pick(CONTENTS);
  return files;
}

export function randomWorld(dice: Dice): World {
  // Files each of which has nodes' items of its own.
  const isRows = dice.chance(0.25);
  const files = randomFiles(dice, isRows);
  const variables = { V: "1", W: "extra" };
  let world: World = { nodes: [], files, code: {}, order: [], groups: [], variables, overrides: [] };
  let id = 0;
  const add = (type: string, more: Partial<Placed> = {}): number => {
    const node = { ...placed(world, ++id, type, world.nodes.length, dice), ...more };
    world = { ...world, nodes: [...world.nodes, node] };
    return id;
  };
  const named = (attributes: Json) => ({ params: { attributes }, inputs: {} });
  const numbersOf = [
    { name: "x", type: "int", value: dice.from(0, 2) },
    { name: "y", type: "int", value: dice.from(0, 2) },
  ];
  if (isRows) {
    addRows(add, dice);
    return { ...world, order: world.nodes.map((node) => node.id) };
  }
  // Most that can go wrong goes wrong in a small graph, too, and is found sooner.
  const isSmall = dice.chance(0.6);
  if (dice.chance(isSmall ? 0.5 : 0.7)) {
    const source = add("file_pattern");
    add("attribute_create", { inputs: { main: [{ id: source }] }, params: { attributes: numbersOf } });
  }
  if (world.nodes.length === 0 || dice.chance(isSmall ? 0.2 : 0.4)) {
    const source = add("attribute_create", named(numbersOf));
    add("wedge", { inputs: { main: [{ id: source }] } });
  }
  for (let count = dice.from(isSmall ? 0 : 1, isSmall ? 1 : 3); count > 0; count--)
    add(dice.chance(0.5) ? dice.pick(WORKING) : dice.pick(FLOW));
  if (dice.chance(isSmall ? 0.2 : 0.3)) addLoop(() => world, add, dice, readable(world, world.nodes.length), 2);
  add(dice.pick(WORKING));
  return {
    ...world,
    order: shuffled(
      dice,
      world.nodes.map((node) => node.id),
    ),
  };
}

/** A chain of nodes that have an item for each file. */
function addRows(add: (type: string, more?: Partial<Placed>) => number, dice: Dice): void {
  let last = add("file_pattern", { params: { directory: dice.pick(FOLDERS), tag: "file", no_match: "empty" } });
  for (let count = dice.from(1, 3); count > 0; count--) {
    const type = dice.pick(["fuzz/work", "fuzz/work", "attribute_create", "filter_by_expression", "merge"]);
    last = add(type, { inputs: { main: [{ id: last }] } });
  }
}

/** Adds a loop, perhaps with one in it, and answers the number of its end. */
function addLoop(
  world: () => World,
  add: (type: string, more?: Partial<Placed>) => number,
  dice: Dice,
  from: readonly Ref[],
  depth: number,
): number {
  const begin = add("feedback_begin", { inputs: { main: refsFrom(from, dice, 1) } });
  let last = begin;
  for (let count = dice.from(1, 2); count > 0; count--) {
    if (depth > 1 && dice.chance(0.25)) {
      last = addLoop(world, add, dice, [{ id: last }], depth - 1);
      continue;
    }
    const type = dice.pick(["fuzz/work", "fuzz/work", "fuzz/pair", "wedge", "wait_for_all", "filter_by_expression"]);
    const [first = "main"] = KINDS[type]!.inputs;
    const { output: _, ...params } = paramsOf(type, dice);
    const others = type === "fuzz/pair" ? { right: refsFrom(from, dice, 1) } : {};
    last = add(type, { inputs: { [first]: [{ id: last }], ...others }, params });
  }
  return add("feedback_end", { inputs: { main: [{ id: last }] }, closes: begin });
}
