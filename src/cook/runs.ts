/** All runs of a cook, by the name of their node: what reports and look-ups of items go through. Starts none. */
import type { GraphNode } from "../graph/graph.js";
import type { NodeDefinition } from "../nodetype/define.js";
import type { WorkItem } from "../workitem/item.js";
import type { NodeRun } from "./run.js";

/** What a node makes during one cook: in one run, or, inside a loop, in one for each iteration. */
export class NodeRuns {
  readonly node: GraphNode;
  /** In the order in which they were opened. */
  readonly runs: NodeRun[] = [];
  /** The loop around it: until that is complete, further runs may be opened. */
  readonly #loop: NodeRuns | undefined;

  constructor(node: GraphNode, loop: NodeRuns | undefined) {
    this.node = node;
    this.#loop = loop;
  }

  get definition(): NodeDefinition {
    return this.runs[0]?.definition ?? this.node.type.definition;
  }

  get items(): readonly WorkItem[] {
    const [only] = this.runs;
    return this.runs.length === 1 && only !== undefined ? only.items : this.runs.flatMap((run) => run.items);
  }

  get complete(): boolean {
    return (this.#loop === undefined || this.#loop.complete) && this.runs.every((run) => run.complete);
  }
}

/** By the name of the node, in topological order. */
export type Runs = ReadonlyMap<string, NodeRuns>;

/** Every run there is. */
export function allRuns(runs: Runs): NodeRun[] {
  return [...runs.values()].flatMap((each) => each.runs);
}

/** The ids of all items; undefined until all of them are known. */
export function allIds(runs: Runs): ReadonlySet<string> | undefined {
  if (![...runs.values()].every(({ complete }) => complete)) return undefined;
  return new Set(allRuns(runs).flatMap(({ items }) => items.map(({ id }) => id)));
}
