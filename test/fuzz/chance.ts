/** Random worlds and random edits of a world, each a function of a seed alone. Knows no engine, and not what is valid. */
import type { Json } from "../../src/nodetype/define.js";
import type { Dice } from "../helpers/dice.js";
import type { Edit } from "./edits.js";
import { KINDS } from "./kinds.js";
import { WORKING } from "./works.js";
import { loopsOf, type Placed, type Ref, type Settings, type World } from "./world.js";

/** Some of them, in their order. */
function some<T>(dice: Dice, all: readonly T[], probability: number): T[] {
  return all.filter(() => dice.chance(probability));
}

function shuffled<T>(dice: Dice, all: readonly T[]): T[] {
  const left = [...all];
  return all.map(() => left.splice(dice.from(0, left.length - 1), 1)[0]!);
}

const FOLDERS = ["data/a", "data/b"];
const EXTRAS = ["extra/e1.bin", "extra/e2.bin", "more/e1.bin"];
const CONTENTS = ["", "a", "b", "cc", "ddd", "\u00ff\u0000", "a\n"];
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
const TRUTHS: readonly string[] = [
  "@x < 1",
  "@y < 2",
  "@w == 1",
  "@made < 2",
  "@pdg_index < 2",
  "@grown == 0",
  "@x == 1",
];
const TEXTS: readonly Json[] = ["", "t", "t@x", "n@{pdg_index}", "m@made", "w@{w}!"];
const FLOW = [
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
  "fuzz/grow",
] as const;

function fileIn(dice: Dice, world?: World): string {
  const there = Object.keys(world?.files ?? {});
  if (there.length > 0 && dice.chance(0.6)) return dice.pick(there);
  return dice.chance(0.75) ? `${dice.pick(FOLDERS)}/f${dice.from(1, 12)}.txt` : dice.pick(EXTRAS);
}

/** A parameter of a node type with a random value; null: its default. */
type Draw = (dice: Dice) => Json | null;

const WORK: Readonly<Record<string, Draw>> = {
  text: (dice) => dice.pick(TEXTS),
  amount: (dice) => dice.pick(NUMBERS),
  reads: (dice) => shuffled(dice, some(dice, READ, 0.3)),
  mode: (dice) => dice.pick(["all", "all", "all", "coarse", "coarse", "pass", "none"]),
  set: (dice) => dice.pick(["", "made", "made", "y"]),
  fail_at: (dice) => (dice.chance(0.15) ? dice.from(0, 4) : null),
  output: (dice) => (dice.chance(0.5) ? `out/${dice.pick(["d1", "d2"])}/\${OS}-@{pdg_index}.txt` : null),
  extras: (dice) => (dice.chance(0.6) ? shuffled(dice, some(dice, EXTRAS, 0.5)) : null),
  note: (dice) => dice.pick(["", "n", "m"]),
};

const wedged: Draw = (dice) => {
  const values = shuffled(dice, [0, 1, 2, 3]).slice(0, dice.from(1, 3));
  return [{ name: dice.pick(["w", "w", "x"]), type: "int", values }];
};
const created: Draw = (dice) => {
  const value = () => dice.pick<Json>([0, 1, 2, 3, "@x", "@pdg_index", "@file_size"]);
  return some(dice, ["x", "y"], 0.7).map((name) => ({ name, type: "int", value: value() }));
};

const PARAMS: Readonly<Record<string, Readonly<Record<string, Draw>>>> = {
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
  sort: { by: (dice) => [{ attribute: dice.pick(["x", "y", "w", "made"]), descending: dice.chance(0.5) }] },
  switch: { input: (dice) => dice.pick<Json>([0, 1, 2, "@x", "@y"]), invalid: () => "wrap" },
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
    const value = needed || dice.chance(all) ? draw(dice) : null;
    return value === null ? [] : [[name, value]];
  });
  return Object.fromEntries(drawn);
}

function settingOf(name: keyof Settings, dice: Dice): Json | null {
  if (name === "bypass") return dice.chance(0.6) ? true : null;
  if (name === "schedule_when") return dice.chance(0.6) ? dice.pick(TRUTHS) : null;
  if (name === "on_failure") return dice.chance(0.6) ? "ignore" : null;
  return dice.pick(["all_upstream_cooked", "each_upstream_cooked", null]);
}

/** Numbers of the nodes that one at a place of the list may read: those before it, of a loop its end alone. */
function readable(world: World, at: number): Ref[] {
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

function refsFrom(from: readonly Ref[], dice: Dice, most: number): Ref[] {
  // What was made last is read more often: chains are deep.
  const recent = dice.chance(0.6) ? from.slice(-4) : from;
  return shuffled(dice, recent).slice(0, 1 + dice.from(0, most - 1));
}

function inputsFor(type: string, from: readonly Ref[], dice: Dice): Record<string, Ref[]> {
  const names = KINDS[type]!.inputs;
  if (from.length === 0 || names.length === 0) return {};
  const many = type === "merge" || type === "switch" ? 3 : dice.chance(0.25) ? 2 : 1;
  const wired = names.filter((name) => name !== "right" || type === "fuzz/match" || dice.chance(0.7));
  return Object.fromEntries(wired.map((name) => [name, refsFrom(from, dice, many)]));
}

function placed(world: World, id: number, type: string, at: number, dice: Dice): Placed {
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

export function randomWorld(dice: Dice): World {
  const numbers = Array.from({ length: 12 }, (_, index) => index + 1);
  const files: Record<string, string> = {};
  for (const folder of FOLDERS)
    for (const number of some(dice, numbers, 0.2)) files[`${folder}/f${number}.txt`] = dice.pick(CONTENTS);
  for (const path of EXTRAS) files[path] = dice.pick(CONTENTS);
  let world: World = { nodes: [], files, code: {}, order: [] };
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
  if (dice.chance(0.7)) {
    const source = add("file_pattern");
    add("attribute_create", { inputs: { main: [{ id: source }] }, params: { attributes: numbersOf } });
  }
  if (world.nodes.length === 0 || dice.chance(0.4)) {
    const source = add("attribute_create", named(numbersOf));
    add("wedge", { inputs: { main: [{ id: source }] } });
  }
  for (let count = dice.from(1, 3); count > 0; count--) add(dice.chance(0.5) ? dice.pick(WORKING) : dice.pick(FLOW));
  if (dice.chance(0.3)) addLoop(() => world, add, dice);
  add(dice.pick(WORKING));
  return {
    ...world,
    order: shuffled(
      dice,
      world.nodes.map((node) => node.id),
    ),
  };
}

function addLoop(world: () => World, add: (type: string, more?: Partial<Placed>) => number, dice: Dice): void {
  const from = readable(world(), world().nodes.length);
  const begin = add("feedback_begin", { inputs: { main: refsFrom(from, dice, 1) } });
  let last = begin;
  for (let count = dice.from(1, 2); count > 0; count--) {
    const type = dice.pick(["fuzz/work", "fuzz/work", "fuzz/pair", "wedge", "wait_for_all", "filter_by_expression"]);
    const [first = "main"] = KINDS[type]!.inputs;
    const { output: _, ...params } = paramsOf(type, dice);
    const others = type === "fuzz/pair" ? { right: refsFrom(from, dice, 1) } : {};
    last = add(type, { inputs: { [first]: [{ id: last }], ...others }, params });
  }
  add("feedback_end", { inputs: { main: [{ id: last }] }, closes: begin });
}

const KINDS_OF_EDIT: readonly (readonly [Edit["kind"], number])[] = [
  ["write", 16],
  ["touch", 4],
  ["remove", 5],
  ["move", 5],
  ["swap", 3],
  ["param", 26],
  ["setting", 8],
  ["code", 3],
  ["rename", 4],
  ["wire", 9],
  ["add", 4],
  ["drop", 5],
  ["order", 2],
  ["output", 4],
  ["blob", 4],
  ["restart", 1],
  ["rebuild", 1],
  ["gc", 1],
];

const WEIGHTED = KINDS_OF_EDIT.flatMap(([kind, weight]) => new Array<Edit["kind"]>(weight).fill(kind));

/** A random edit. `number`: how many there were before, for what must be new. */
export function randomEdit(world: World, dice: Dice, number: number): Edit {
  const kind = dice.pick(WEIGHTED);
  const node = dice.pick(world.nodes);
  const { id } = node;
  switch (kind) {
    case "write":
      return { kind, path: fileIn(dice, world), content: dice.chance(0.5) ? dice.pick(CONTENTS) : `new ${number}` };
    case "touch":
    case "remove":
      return { kind, path: fileIn(dice, world) };
    case "move":
    case "swap":
      return { kind, path: fileIn(dice, world), to: fileIn(dice) };
    case "param": {
      const names = Object.keys(PARAMS[node.type] ?? {});
      if (names.length === 0) return { kind: "touch", path: fileIn(dice) };
      const name = dice.pick(names);
      const value = isInLoop(world, id) && name === "output" ? null : PARAMS[node.type]![name]!(dice);
      return { kind, id, name, value };
    }
    case "setting": {
      const name = dice.pick<keyof Settings>(["bypass", "schedule_when", "generate_when", "on_failure"]);
      const fixed = name === "bypass" && node.type.startsWith("feedback");
      return { kind, id, name: fixed ? "schedule_when" : name, value: settingOf(fixed ? "schedule_when" : name, dice) };
    }
    case "code":
      return { kind, type: dice.pick(WORKING), variant: dice.from(0, 2) };
    case "rename":
      return { kind, id, name: `n${id}_${dice.from(0, 3)}` };
    case "wire":
      return { kind, id, ...wiring(world, node, dice) };
    case "add":
      return adding(world, dice, number);
    case "drop":
      return { kind, id };
    case "order":
      return {
        kind,
        order: shuffled(
          dice,
          world.nodes.map((each) => each.id),
        ),
      };
    case "output":
      return { kind, how: dice.pick(["remove", "edit", "touch"]), pick: dice.from(0, 999) };
    case "blob":
      return { kind, pick: dice.from(0, 999) };
    default:
      return { kind } as Edit;
  }
}

function isInLoop(world: World, id: number): boolean {
  return [...loopsOf(world).values()].some((inside) => inside.has(id));
}

function wiring(world: World, node: Placed, dice: Dice): { input: string; refs: readonly Ref[] } {
  const input = dice.pick(KINDS[node.type]!.inputs.length === 0 ? ["main"] : KINDS[node.type]!.inputs);
  const present = node.inputs[input] ?? [];
  if (present.length > 1 && dice.chance(0.5)) return { input, refs: shuffled(dice, present) };
  const from = readable(world, world.nodes.indexOf(node));
  return { input, refs: refsFrom(from, dice, dice.chance(0.3) ? 3 : 1) };
}

function adding(world: World, dice: Dice, number: number): Edit {
  const at = 1 + dice.from(0, world.nodes.length - 1);
  const type = dice.chance(0.5) ? dice.pick(WORKING) : dice.pick(FLOW);
  const node = placed(world, 1000 + number, type, at, dice);
  const { output: _, ...params } = node.params;
  const below = some(
    dice,
    world.nodes.slice(at).map(({ id }) => id),
    0.5,
  );
  return { kind: "add", at, node: { ...node, params }, below };
}
