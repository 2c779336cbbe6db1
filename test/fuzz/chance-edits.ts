/** Random edits of a world, each a function of a seed alone. Knows no engine, and not what is valid. */
import type { Json } from "../../src/nodetype/define.js";
import type { Dice } from "../helpers/dice.js";
import {
  CONTENTS,
  EXTRAS,
  FLOW,
  fileIn,
  PARAMS,
  placed,
  readable,
  refsFrom,
  shuffled,
  some,
  TRUTHS,
  WORK,
} from "./chance.js";
import type { Edit } from "./edits.js";
import { KINDS } from "./kinds.js";
import { WORKING } from "./works.js";
import {
  groupsAround,
  loopsOf,
  nodeOf,
  type Placed,
  promotersOf,
  type Ref,
  type Settings,
  type World,
} from "./world.js";

const KINDS_OF_EDIT: readonly (readonly [Edit["kind"] | "extras", number])[] = [
  ["write", 16],
  ["touch", 4],
  ["remove", 5],
  ["move", 5],
  ["swap", 3],
  ["param", 26],
  ["extras", 3],
  ["setting", 8],
  ["code", 3],
  ["comment", 2],
  ["rename", 4],
  ["wire", 9],
  ["add", 4],
  ["drop", 5],
  ["order", 2],
  ["output", 4],
  ["group", 5],
  ["ungroup", 1],
  ["pass", 2],
  ["variable", 3],
  ["override", 4],
  ["vary", 2],
  ["dirty", 3],
  ["meanwhile", 6],
  ["amid", 4],
  ["blob", 4],
  ["restart", 1],
  ["rebuild", 1],
  ["gc", 1],
];

function settingOf(name: keyof Settings, dice: Dice): Json | null {
  if (name === "bypass") return dice.chance(0.6) ? true : null;
  if (name === "schedule_when") return dice.chance(0.6) ? dice.pick(TRUTHS) : null;
  if (name === "on_failure") return dice.pick(["ignore", "retry", "retry", "block", null]);
  if (name === "retries") return dice.pick([0, 1, 2, 3, null]);
  if (name === "cache_mode") return dice.pick(["always_read", "always_write", "never", null, null, null]);
  return dice.pick(["all_upstream_cooked", "each_upstream_cooked", null]);
}

const WEIGHTED = KINDS_OF_EDIT.flatMap(([kind, weight]) => new Array<Edit["kind"] | "extras">(weight).fill(kind));

/** A random edit. `number`: how many there were before, for what must be new. */
export function randomEdit(world: World, dice: Dice, number: number): Edit {
  const kind = dice.pick(WEIGHTED);
  const node = dice.pick(world.nodes);
  const { id } = node;
  switch (kind) {
    case "write":
      return writing(world, dice, number);
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
      // Work that trips is to be tried again.
      if (name === "trips" && node.settings.on_failure !== "retry")
        return { kind: "setting", id, name: "on_failure", value: "retry" };
      const value = isInLoop(world, id) && name === "output" ? null : PARAMS[node.type]![name]!(dice);
      return { kind, id, name, value };
    }
    case "setting": {
      const name = dice.pick<keyof Settings>(SETTINGS);
      const fixed = name === "bypass" && node.type.startsWith("feedback");
      return { kind, id, name: fixed ? "schedule_when" : name, value: settingOf(fixed ? "schedule_when" : name, dice) };
    }
    case "code":
      return { kind, type: dice.pick(WORKING), variant: dice.from(0, 2) };
    case "comment":
      return { kind, type: dice.pick(WORKING) };
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
      return aroundNodes(kind, world, dice, number);
  }
}

function writing(world: World, dice: Dice, number: number): Edit {
  const path = fileIn(dice, world);
  const before = world.files[path];
  // With its size and its time as they were, but for the first letter.
  if (before !== undefined && before !== "" && dice.chance(0.25))
    return { kind: "write", path, content: `${dice.from(0, 9)}${before.slice(1)}`, keeps: true };
  const content = dice.chance(0.5) ? dice.pick(CONTENTS) : `new ${number}`;
  return { kind: "write", path, content, ...(dice.chance(0.25) && { output: dice.from(0, 999) }) };
}

/** What changes no node by itself. */
function aroundNodes(kind: Edit["kind"] | "extras", world: World, dice: Dice, number: number): Edit {
  const node = dice.pick(world.nodes);
  const { id } = node;
  switch (kind) {
    case "dirty":
      return { kind, id };
    case "extras": {
      const readers = world.nodes.filter(({ params }) => ((params.extras as string[] | undefined) ?? []).length > 0);
      const [reader] = shuffled(dice, readers);
      const extras = (reader?.params.extras ?? []) as readonly string[];
      return { kind: "param", id: reader?.id ?? id, name: "extras", value: extras.map(() => dice.pick(EXTRAS)) };
    }
    case "group":
      return { kind, ...grouping(world, dice, number) };
    case "ungroup":
      return { kind, name: groupIn(world, dice) };
    case "pass":
      return { kind, name: groupIn(world, dice), bypass: dice.chance(0.5) };
    case "variable":
      return dice.chance(0.5)
        ? { kind, name: "V", value: dice.pick(["1", "2", "@"]) }
        : { kind, name: "W", value: dice.pick(["extra", "more"]) };
    case "override":
      return overriding(world, node, dice);
    case "vary": {
      const values = shuffled(dice, [0, 1, 2]).slice(0, dice.from(1, 2));
      const isVaried = WORKING.includes(node.type) && !isInLoop(world, id) && dice.chance(0.8);
      return { kind, variation: isVaried ? { id, param: "amount", values } : null };
    }
    case "meanwhile": {
      const content = dice.chance(0.15) ? null : dice.chance(0.5) ? dice.pick(CONTENTS) : `while ${number}`;
      const chosen = workIn(world, dice) ?? node;
      const path = meantBy(chosen, dice) ?? fileIn(dice, world);
      return { kind, id: chosen.id, path, content, back: dice.chance(0.6), at: dice.pick([1, 1, 2, 3]) };
    }
    case "amid": {
      const { id } = workIn(world, dice) ?? node;
      const how = dice.pick(["remove", "edit", "touch", "blob"] as const);
      return { kind, id, how, pick: dice.from(0, 999), at: dice.pick([1, 1, 2, 3]) };
    }
    default:
      return { kind } as Edit;
  }
}

function workIn({ nodes }: World, dice: Dice): Placed | undefined {
  const works = nodes.filter(({ type }) => WORKING.includes(type));
  return works.length === 0 ? undefined : dice.pick(works);
}

function groupIn({ groups }: World, dice: Dice): string {
  return groups.length === 0 ? "" : dice.pick(groups).name;
}

const SETTINGS: readonly (keyof Settings)[] = [
  "bypass",
  "schedule_when",
  "generate_when",
  "on_failure",
  "retries",
  "cache_mode",
];

/** Parameters that can be said outside of the node's own file. */
const SAID_OUTSIDE = ["text", "amount", "mode", "set", "reads", "note"];

/** One of the files that a node names. */
function meantBy({ params }: Placed, dice: Dice): string | undefined {
  const extras = (params.extras as readonly string[] | undefined) ?? [];
  return extras.length === 0 ? undefined : dice.pick(extras).replace("$W", "extra");
}

/** Some nodes that lie in one file, and perhaps a group that lies there, too. */
function grouping(world: World, dice: Dice, number: number): Omit<Extract<Edit, { kind: "group" }>, "kind"> {
  const home = world.groups.length > 0 && dice.chance(0.5) ? dice.pick(world.groups) : undefined;
  const isHere = ({ id }: Placed) => groupsAround(world, id)[0] === home;
  const here = world.nodes.filter(isHere).map(({ id }) => id);
  const from = dice.from(0, Math.max(0, here.length - 1));
  const ids = here.slice(from, from + dice.from(1, 4));
  const beside = world.groups.filter(({ within }) => within === home?.name);
  const inner = ids.length === 0 || dice.chance(0.4) ? beside.slice(0, 1) : [];
  const promoted = ids.flatMap((id) => {
    const works = WORKING.includes(nodeOf(world, id).type);
    return works ? some(dice, SAID_OUTSIDE, 0.4).map((param) => ({ id, param })) : [];
  });
  const handed = inner.flatMap((group) => some(dice, group.promoted, 0.6));
  return {
    group: { name: `group${number}`, ids: shuffled(dice, ids), promoted: [...promoted, ...handed], within: home?.name },
    groups: inner.map(({ name }) => name),
  };
}

function overriding(world: World, node: Placed, dice: Dice): Edit {
  const kind = "override";
  const there = world.overrides.length > 0 && dice.chance(0.4) ? dice.pick(world.overrides) : undefined;
  if (there !== undefined) return { kind, id: there.id, param: there.param, value: null };
  const { id, type } = node;
  const around = groupsAround(world, id).length;
  const names = SAID_OUTSIDE.filter((param) => promotersOf(world, id, param).length === around);
  const param = WORKING.includes(type) && names.length > 0 ? dice.pick(names) : undefined;
  if (param === undefined) return { kind: "touch", path: fileIn(dice) };
  return { kind, id, param, value: WORK[param]!(dice) };
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
