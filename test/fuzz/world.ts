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
  readonly on_failure?: "ignore";
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
}

export function nodeOf(world: World, id: number): Placed {
  const found = world.nodes.find((node) => node.id === id);
  if (found === undefined) throw new Error(`there is no node ${id}`);
  return found;
}

/** The graph file. */
export function graphText(world: World): string {
  const name = ({ id, output }: Ref): string =>
    output === undefined ? nodeOf(world, id).name : `${nodeOf(world, id).name}:${output}`;
  const nodes: Record<string, Json> = {};
  const place = ({ id }: Placed): number => world.order.indexOf(id);
  for (const node of [...world.nodes].sort((a, b) => place(a) - place(b))) {
    const inputs = Object.fromEntries(Object.entries(node.inputs).map(([input, refs]) => [input, refs.map(name)]));
    const wired = Object.keys(inputs).length === 0 ? {} : { inputs: inputs.main ?? inputs };
    nodes[node.name] = { type: node.type, ...wired, params: node.params, ...node.settings } as Json;
  }
  return JSON.stringify({ version: 1, nodes });
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
