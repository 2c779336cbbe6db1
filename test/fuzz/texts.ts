/** A world as a user would have it: graph files, and arguments of the command line. Knows nothing of what they mean. */
import type { Json } from "../../src/nodetype/define.js";
import { type Group, groupOf, nodeOf, type Override, type Placed, type Ref, type World } from "./world.js";

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
  if (sets.includes(undefined) || (variation && groupOf(world, variation.id))) return undefined;
  const files = Object.fromEntries(world.groups.map((group) => [`${group.name}.json`, groupText(world, group)]));
  return {
    files: { ...files, [MAIN]: mainText(world) },
    sets: sets as string[],
    wedges: variation ? [`${nodeOf(world, variation.id).name}.${variation.param}=${variation.values.join(",")}`] : [],
  };
}

function setText(world: World, { id, param, value }: Override): string | undefined {
  const group = groupOf(world, id);
  if (group === undefined) return `${nodeOf(world, id).name}.${param}=${JSON.stringify(value)}`;
  const isPromoted = group.promoted.some((each) => each.id === id && each.param === param);
  return isPromoted ? `${group.name}.${promotedName(id, param)}=${JSON.stringify(value)}` : undefined;
}

function mainText(world: World): string {
  const place = ({ id }: Placed): number => world.order.indexOf(id);
  const nodes: Record<string, Json> = {};
  for (const node of [...world.nodes].sort((a, b) => place(a) - place(b))) {
    const group = groupOf(world, node.id);
    if (group === undefined) nodes[node.name] = nodeJson(node, (ref) => refText(world, ref));
    else nodes[group.name] ??= standIn(world, group);
  }
  return JSON.stringify({ version: 1, variables: world.variables, nodes });
}

/** A source as it is called outside of all groups. */
function refText(world: World, { id, output }: Ref): string {
  const group = groupOf(world, id);
  if (group !== undefined) return `${group.name}:${outputName({ id, ...(output !== undefined && { output }) })}`;
  const { name } = nodeOf(world, id);
  return output === undefined ? name : `${name}:${output}`;
}

function nodeJson({ type, inputs: wired, params, settings }: Placed, named: (ref: Ref) => string): Json {
  const inputs = Object.fromEntries(Object.entries(wired).map(([input, refs]) => [input, refs.map(named)]));
  const given = Object.keys(inputs).length === 0 ? {} : { inputs: inputs.main ?? inputs };
  const patience = settings.on_failure === "retry" ? { retry_delay: 0 } : {};
  return { type, ...given, params, ...settings, ...patience } as Json;
}

/** The node that stands for a group. */
function standIn(world: World, group: Group): Json {
  const inputs = Object.fromEntries(taken(world, group).map((ref, place) => [`i${place}`, [refText(world, ref)]]));
  const said = group.promoted.flatMap(({ id, param }): [string, Json][] => {
    const value = nodeOf(world, id).params[param];
    return value === undefined ? [] : [[promotedName(id, param), value]];
  });
  const params = { graph: `${group.name}.json`, ...Object.fromEntries(said) };
  return { type: "subgraph", ...(Object.keys(inputs).length > 0 && { inputs }), params };
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
  const from = taken(world, group);
  const named = (ref: Ref): string => {
    const place = from.findIndex((each) => isSame(each, ref));
    if (place >= 0) return `:i${place}`;
    const { name } = nodeOf(world, ref.id);
    return ref.output === undefined ? name : `${name}:${ref.output}`;
  };
  const nodes = group.ids.map((id): [string, Json] => {
    const node = nodeOf(world, id);
    const decoys = group.promoted
      .filter((each) => each.id === id && node.params[each.param] !== undefined)
      .map(({ param }) => [param, DECOYS[param]!]);
    return [node.name, nodeJson({ ...node, params: { ...node.params, ...Object.fromEntries(decoys) } }, named)];
  });
  return JSON.stringify({
    version: 1,
    variables: world.variables,
    inputs: Object.fromEntries(from.map((_, place) => [`i${place}`, {}])),
    outputs: Object.fromEntries(given(world, group).map((ref) => [outputName(ref), [named(ref)]])),
    params: Object.fromEntries(
      group.promoted.map(({ id, param }) => [promotedName(id, param), `${nodeOf(world, id).name}.${param}`]),
    ),
    nodes: Object.fromEntries(nodes),
  });
}

/** What a group takes from outside, and what others take from it. */
function taken(world: World, { ids }: Group): readonly Ref[] {
  const refs = ids.flatMap((id) => Object.values(nodeOf(world, id).inputs).flat());
  return distinct(refs.filter(({ id }) => !ids.includes(id)));
}

function given(world: World, { ids }: Group): readonly Ref[] {
  const others = world.nodes.filter(({ id }) => !ids.includes(id));
  return distinct(others.flatMap(({ inputs }) => Object.values(inputs).flat()).filter(({ id }) => ids.includes(id)));
}

function distinct(refs: readonly Ref[]): readonly Ref[] {
  return refs.filter((ref, place) => refs.findIndex((each) => isSame(each, ref)) === place);
}

function isSame(one: Ref, other: Ref): boolean {
  return one.id === other.id && one.output === other.output;
}

function outputName({ id, output }: Ref): string {
  return output === undefined ? `o${id}` : `o${id}_${output}`;
}

function promotedName(id: number, param: string): string {
  return `p${id}_${param}`;
}
