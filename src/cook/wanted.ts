/** What of a graph is asked for: some nodes, or one item, and all that they need. Knows names and parents, no states. */
import type { Graph, GraphNode } from "../graph/graph.js";
import { blockOf, loopEnds } from "../graph/loops.js";
import type { WorkItem } from "../workitem/item.js";
import { upward } from "../workitem/upward.js";
import type { Runs } from "./runs.js";

/** The nodes to cook and all that they need, in topological order; undefined: all. */
export function chosenNodes(graph: Graph, names: ReadonlySet<string> | undefined): GraphNode[] {
  const all = [...graph.nodes.values()];
  if (names === undefined) return all;
  // An iteration needs the one before it, and so the whole loop.
  const ends = loopEnds(blockOf(graph.nodes));
  const needed = new Set<GraphNode>();
  const need = (node: GraphNode): void => {
    if (needed.has(node)) return;
    needed.add(node);
    for (const sources of node.inputs.values()) for (const source of sources) need(source.node);
    const end = ends.get(node);
    if (end !== undefined) need(end);
  };
  for (const name of names) need(graph.nodes.get(name) as GraphNode);
  return all.filter((node) => needed.has(node));
}

/** The graph makes no such item; the message is for the user. */
export class UnknownItemError extends Error {
  constructor(asked: string) {
    super(`The graph makes no work item "${asked}". dag items lists those that it makes.`);
  }
}

/** The node that an item's name, or `node:index`, is of. */
export function nodeOfItem(asked: string): string {
  return /^(.*):\d+$/.exec(asked)?.[1] ?? asked.slice(0, Math.max(0, asked.lastIndexOf("_")));
}

/** An item by its name, a unique beginning of it, or `node:index`. */
export function findItem(runs: Runs, asked: string): WorkItem | undefined {
  const place = /^(.*):(\d+)$/.exec(asked);
  if (place !== null) return runs.get(place[1] ?? "")?.items[Number(place[2])];
  const found: WorkItem[] = [];
  for (const run of runs.values()) {
    for (const item of run.items) if (item.name.startsWith(asked)) found.push(item);
  }
  return found.length === 1 ? found[0] : found.find((item) => item.name === asked);
}

/** The items that a cook is narrowed to, once the one that was asked for exists; until then, all. */
export class Wanted {
  readonly #runs: Runs;
  readonly #asked: string | undefined;
  #items: ReadonlySet<WorkItem> | undefined;

  constructor(runs: Runs, asked: string | undefined) {
    this.#runs = runs;
    this.#asked = asked;
  }

  /** Looks whether the item exists by now. Throws where it never will. */
  narrow(): void {
    if (this.#asked === undefined || this.#items !== undefined) return;
    const found = findItem(this.#runs, this.#asked);
    if (found !== undefined) this.#items = new Set(upward([found]));
    else if (this.#runs.get(nodeOfItem(this.#asked))?.complete !== false) throw new UnknownItemError(this.#asked);
  }

  /** Whether one item was asked for, and found. */
  get narrowed(): boolean {
    return this.#items !== undefined;
  }

  /** Whether one item was asked for, and has not been found yet. */
  get sought(): boolean {
    return this.#asked !== undefined && this.#items === undefined;
  }

  has(item: WorkItem): boolean {
    return this.#items?.has(item) !== false;
  }

  of(items: WorkItem[]): WorkItem[] {
    return this.#items === undefined ? items : items.filter((item) => this.has(item));
  }
}
