/** What the fuzz cooks: a graph, its files and the variants of its node code, as plain data. Knows nothing of cooking it. */
import type { Json } from "../../src/nodetype/define.js";

/** A source of one input; `output` where it is not the first one. */
export interface Ref {
  readonly id: number;
  readonly output?: string;
}

/** One node. It is known by its number: its name is one of the things that are edited. */
export interface Placed {
  readonly id: number;
  readonly name: string;
  readonly type: string;
  readonly inputs: Readonly<Record<string, readonly Ref[]>>;
  readonly params: Readonly<Record<string, Json>>;
  readonly settings: Settings;
  /** The number of the node that opens the loop which this one closes. */
  readonly closes?: number;
}

export interface Settings {
  readonly bypass?: boolean;
  readonly schedule_when?: string;
  readonly generate_when?: "all_upstream_cooked" | "each_upstream_cooked";
  readonly on_failure?: "ignore" | "retry" | "block";
  readonly retries?: number;
  readonly cache_mode?: "always_read" | "always_write" | "never";
}

/** Nodes that lie in a graph file of their own. */
export interface Group {
  readonly name: string;
  /** Those that lie in it, and in no group in it. */
  readonly ids: readonly number[];
  /** Parameters that are said where the file stands for a node, and not in it. */
  readonly promoted: readonly { readonly id: number; readonly param: string }[];
  /** The group that it lies in. */
  readonly within?: string | undefined;
  readonly bypass?: boolean;
}

/** `--set`: a parameter that the command line says. */
export interface Override {
  readonly id: number;
  readonly param: string;
  readonly value: Json;
}

/** `--wedge`: values of a parameter that the command line says. */
export interface Variation {
  readonly id: number;
  readonly param: "amount";
  readonly values: readonly number[];
}

export interface World {
  /** Each after those that feed it, and a loop's nodes between its begin and its end. */
  readonly nodes: readonly Placed[];
  /** By path below the graph's folder. */
  readonly files: Readonly<Record<string, string>>;
  /** Variant of the code by node type. */
  readonly code: Readonly<Record<string, number>>;
  /** Numbers of the nodes in the order in which the graph file has them, as far as it is another. */
  readonly order: readonly number[];
  readonly groups: readonly Group[];
  /** The graph's variables, `$NAME`. */
  readonly variables: Readonly<Record<string, string>>;
  readonly overrides: readonly Override[];
  readonly variation?: Variation | undefined;
}

export function nodeOf(world: Pick<World, "nodes">, id: number): Placed {
  const found = world.nodes.find((node) => node.id === id);
  if (found === undefined) throw new Error(`there is no node ${id}`);
  return found;
}

/** Whether graph files and arguments of the command line are the same. */
export function isSameGraph(one: World, other: World): boolean {
  const parts = ["nodes", "order", "groups", "variables", "overrides", "variation"] as const;
  return parts.every((part) => one[part] === other[part]);
}

/** The groups that a node lies in, the innermost first. */
export function groupsAround({ groups }: World, id: number): readonly Group[] {
  const around: Group[] = [];
  let at = groups.find(({ ids }) => ids.includes(id));
  while (at !== undefined) {
    around.push(at);
    const { within } = at;
    at = groups.find(({ name }) => name === within);
  }
  return around;
}

/** The groups that say a parameter of a node in turn, from the innermost on. */
export function promotersOf(world: World, id: number, param: string): readonly Group[] {
  const around = groupsAround(world, id);
  const end = around.findIndex(({ promoted }) => !promoted.some((each) => each.id === id && each.param === param));
  return end === -1 ? around : around.slice(0, end);
}

/** What a group takes from outside. */
export function takenBy(world: World, group: Group): readonly Ref[] {
  const isIn = (id: number) => groupsAround(world, id).includes(group);
  const inside = [...group.ids, ...world.nodes.map(({ id }) => id).filter((id) => isIn(id) && !group.ids.includes(id))];
  const refs = inside.flatMap((id) => Object.values(nodeOf(world, id).inputs).flat());
  return distinct(refs.filter(({ id }) => !isIn(id)));
}

export function distinct(refs: readonly Ref[]): readonly Ref[] {
  return refs.filter((ref, place) => refs.findIndex((each) => isSame(each, ref)) === place);
}

export function isSame(one: Ref, other: Ref): boolean {
  return one.id === other.id && one.output === other.output;
}

/** The node that `--wedge` puts before another. */
const VARYING = 5000;

/**
 * The same in one file, and with nothing said elsewhere: names are paths, variables stand as their values, what the command
 * line says stands in the nodes, and what is read from a group that is passed by is what feeds it.
 */
export function flat(world: World): World {
  const { groups, variables, overrides, variation } = world;
  const nodes = world.nodes.flatMap((node): Placed[] => {
    const around = groups.length === 0 ? [] : groupsAround(world, node.id);
    if (around.some(({ bypass }) => bypass)) return [];
    const said = overrides.filter(({ id }) => id === node.id).map(({ param, value }) => [param, value]);
    const name = [...around.map((group) => group.name).reverse(), node.name].join("/");
    const params = valued({ ...node.params, ...Object.fromEntries(said) }, variables);
    const plain = { ...node, name, params, inputs: passedBy(world, node.inputs) };
    return variation?.id === node.id ? varied(plain, variation) : [plain];
  });
  return { ...world, nodes, groups: [], variables: {}, overrides: [], variation: undefined };
}

/** Parameters with the graph's variables in them as their values. */
function valued(params: Placed["params"], variables: World["variables"]): Placed["params"] {
  const text = JSON.stringify(params);
  if (!text.includes("$")) return params;
  return JSON.parse(text.replaceAll(/\$([A-Z])\b/g, (whole, name) => variables[name] ?? whole));
}

function passedBy(world: World, inputs: Placed["inputs"]): Placed["inputs"] {
  if (!world.groups.some(({ bypass }) => bypass)) return inputs;
  const named = Object.entries(inputs).map(([input, refs]) => [input, refs.flatMap((ref) => through(world, ref))]);
  return Object.fromEntries(named);
}

/** What a source comes to: where it lies in a group that is passed by, the first of what feeds that. */
function through(world: World, ref: Ref, steps = 0): readonly Ref[] {
  const passed = groupsAround(world, ref.id).findLast(({ bypass }) => bypass);
  if (passed === undefined || steps > world.groups.length) return [ref];
  return takenBy(world, passed)
    .slice(0, 1)
    .flatMap((first) => through(world, first, steps + 1));
}

function varied(node: Placed, { param, values }: Variation): Placed[] {
  const [input] = Object.keys(node.inputs);
  const wedge: Placed = {
    id: VARYING,
    name: `${node.name}_wedge`,
    type: "wedge",
    inputs: input === undefined ? {} : { main: node.inputs[input]! },
    params: { attributes: [{ name: param, type: "int", values: [...values] }] },
    settings: {},
  };
  const inputs = { ...node.inputs, [input ?? "main"]: [{ id: VARYING }] };
  return [wedge, { ...node, inputs, params: { ...node.params, [param]: `@${param}` } }];
}

/** The nodes between the begin and the end of every loop, ends included, by the number of the begin. */
export function loopsOf(world: World): ReadonlyMap<number, ReadonlySet<number>> {
  const loops = new Map<number, ReadonlySet<number>>();
  for (const end of world.nodes) {
    if (end.closes === undefined) continue;
    const inside = new Set<number>();
    // The order of the nodes is that of feeding.
    for (const node of world.nodes) {
      const feeds = Object.values(node.inputs).flat();
      if (feeds.some(({ id }) => id === end.closes || (inside.has(id) && id !== end.id))) inside.add(node.id);
    }
    loops.set(end.closes, inside);
  }
  return loops;
}
