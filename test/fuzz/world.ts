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
  readonly on_failure?: "ignore" | "retry";
  readonly retries?: number;
  readonly cache_mode?: "always_write" | "never";
}

/** Nodes that lie in a graph file of their own. */
export interface Group {
  readonly name: string;
  readonly ids: readonly number[];
  /** Parameters that are said where the file stands for a node, and not in it. */
  readonly promoted: readonly { readonly id: number; readonly param: string }[];
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

export function groupOf({ groups }: World, id: number): Group | undefined {
  return groups.find(({ ids }) => ids.includes(id));
}

/** The node that `--wedge` puts before another. */
const VARYING = 5000;

/**
 * The same in one file, and with nothing said elsewhere: names are paths, variables stand as their values, and what the
 * command line says stands in the nodes.
 */
export function flat(world: World): World {
  const valued = (params: Placed["params"]): Placed["params"] =>
    JSON.parse(JSON.stringify(params).replaceAll(/\$([A-Z])\b/g, (whole, name) => world.variables[name] ?? whole));
  const nodes = world.nodes.flatMap((node): Placed[] => {
    const group = groupOf(world, node.id);
    const said = world.overrides.filter(({ id }) => id === node.id).map(({ param, value }) => [param, value]);
    const name = group === undefined ? node.name : `${group.name}/${node.name}`;
    const plain = { ...node, name, params: valued({ ...node.params, ...Object.fromEntries(said) }) };
    return world.variation?.id === node.id ? varied(plain, world.variation) : [plain];
  });
  return { ...world, nodes, groups: [], variables: {}, overrides: [], variation: undefined };
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
