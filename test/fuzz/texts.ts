/** A world as a user would have it: graph files, and arguments of the command line. Knows nothing of what they mean. */
import type { Json } from "../../src/nodetype/define.js";
import {
  distinct,
  type Group,
  groupsAround,
  isSame,
  nodeOf,
  type Override,
  type Placed,
  promotersOf,
  type Ref,
  takenBy,
  type World,
} from "./world.js";

/** The graph file's name. */
export const MAIN = "g.json";

export interface Texts {
  /** By file name, all in one folder. */
  readonly files: Readonly<Record<string, string>>;
  readonly sets: readonly string[];
  readonly wedges: readonly string[];
}

/** Undefined where the command line says something of a node that it cannot reach. */
export function textsOf(world: World): Texts | undefined {
  const sets = world.overrides.map((override) => setText(world, override));
  const { variation } = world;
  if (sets.includes(undefined) || (variation && groupsAround(world, variation.id).length > 0)) return undefined;
  const files = Object.fromEntries(world.groups.map((group) => [`${group.name}.json`, groupText(world, group)]));
  return {
    files: { ...files, [MAIN]: mainText(world) },
    sets: sets as string[],
    wedges: variation ? [`${nodeOf(world, variation.id).name}.${variation.param}=${variation.values.join(",")}`] : [],
  };
}

function setText(world: World, { id, param, value }: Override): string | undefined {
  const around = groupsAround(world, id);
  const outermost = around.at(-1);
  if (outermost === undefined) return `${nodeOf(world, id).name}.${param}=${JSON.stringify(value)}`;
  const isPromoted = promotersOf(world, id, param).length === around.length;
  return isPromoted ? `${outermost.name}.${promotedName(id, param)}=${JSON.stringify(value)}` : undefined;
}

function mainText(world: World): string {
  const place = ({ id }: Placed): number => world.order.indexOf(id);
  const nodes: Record<string, Json> = {};
  for (const node of [...world.nodes].sort((a, b) => place(a) - place(b))) {
    const group = groupsAround(world, node.id).at(-1);
    if (group === undefined) nodes[node.name] = nodeJson(node, (ref) => refText(world, ref, undefined));
    else nodes[group.name] ??= standIn(world, group);
  }
  return JSON.stringify({ version: 1, variables: world.variables, nodes });
}

/** A source as it is called in a group's file, or in the graph's. */
function refText(world: World, ref: Ref, home: Group | undefined): string {
  const around = groupsAround(world, ref.id);
  const place = home === undefined ? around.length : around.indexOf(home);
  if (place === -1) return `:i${takenBy(world, home!).findIndex((each) => isSame(each, ref))}`;
  if (place > 0) return `${around[place - 1]!.name}:${outputName(ref)}`;
  const { name } = nodeOf(world, ref.id);
  return ref.output === undefined ? name : `${name}:${ref.output}`;
}

function nodeJson({ type, inputs: wired, params, settings }: Placed, named: (ref: Ref) => string): Json {
  const inputs = Object.fromEntries(Object.entries(wired).map(([input, refs]) => [input, refs.map(named)]));
  const given = Object.keys(inputs).length === 0 ? {} : { inputs: inputs.main ?? inputs };
  const patience = settings.on_failure === "retry" ? { retry_delay: 0 } : {};
  return { type, ...given, params, ...settings, ...patience } as Json;
}

/** The node that stands for a group, in the file around it. */
function standIn(world: World, group: Group): Json {
  const home = world.groups.find(({ name }) => name === group.within);
  const from = takenBy(world, group).map((ref, place) => [`i${place}`, [refText(world, ref, home)]]);
  const said = saidOf(world, group).flatMap(({ id, param, around }): [string, Json][] => {
    const value = nodeOf(world, id).params[param];
    const own = around.at(-1) === group ? value : DECOYS[param];
    return value === undefined ? [] : [[promotedName(id, param), own!]];
  });
  const params = { graph: `${group.name}.json`, ...Object.fromEntries(said) };
  const inputs = from.length > 0 ? { inputs: Object.fromEntries(from) } : {};
  return { type: "subgraph", ...inputs, params, ...(group.bypass === true && { bypass: true }) };
}

/** The parameters that a group says, with the groups that say each in turn. */
function saidOf(world: World, group: Group) {
  return group.promoted
    .map(({ id, param }) => ({ id, param, around: promotersOf(world, id, param) }))
    .filter(({ around }) => around.includes(group));
}

/** Stands in a group's file in the place of what is said outside, and must not matter. */
const DECOYS: Readonly<Record<string, Json>> = {
  text: "decoy",
  amount: 77,
  mode: "none",
  set: "",
  reads: [],
  note: "d",
};

function groupText(world: World, group: Group): string {
  const inner = world.groups.filter(({ within }) => within === group.name);
  const placed = group.ids.map((id): [string, Json] => {
    const node = nodeOf(world, id);
    const decoys = saidOf(world, group)
      .filter((each) => each.id === id && node.params[each.param] !== undefined)
      .map(({ param }) => [param, DECOYS[param]!]);
    const params = { ...node.params, ...Object.fromEntries(decoys) };
    return [node.name, nodeJson({ ...node, params }, (ref) => refText(world, ref, group))];
  });
  const promotions = saidOf(world, group).map(({ id, param, around }) => {
    const place = around.indexOf(group);
    const target = place === 0 ? `${nodeOf(world, id).name}.${param}` : undefined;
    return [promotedName(id, param), target ?? `${around[place - 1]!.name}.${promotedName(id, param)}`];
  });
  return JSON.stringify({
    version: 1,
    variables: world.variables,
    inputs: Object.fromEntries(takenBy(world, group).map((_, place) => [`i${place}`, {}])),
    outputs: Object.fromEntries(given(world, group).map((ref) => [outputName(ref), [refText(world, ref, group)]])),
    params: Object.fromEntries(promotions),
    nodes: Object.fromEntries([...placed, ...inner.map((each) => [each.name, standIn(world, each)])]),
  });
}

/** What others take from a group. */
function given(world: World, group: Group): readonly Ref[] {
  const isIn = (id: number) => groupsAround(world, id).includes(group);
  const refs = world.nodes.filter(({ id }) => !isIn(id)).flatMap(({ inputs }) => Object.values(inputs).flat());
  return distinct(refs.filter(({ id }) => isIn(id)));
}

function outputName({ id, output }: Ref): string {
  return output === undefined ? `o${id}` : `o${id}_${output}`;
}

function promotedName(id: number, param: string): string {
  return `p${id}_${param}`;
}
