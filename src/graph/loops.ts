/**
 * The loops of a graph: which end closes which begin, and which nodes lie between. A loop stands in its surroundings like
 * one node. Knows no work items.
 */
import type { GraphNode } from "./graph.js";
import type { Report } from "./report.js";

/** Nodes that are cooked once for each iteration. */
export interface Loop {
  readonly begin: GraphNode;
  readonly end: GraphNode;
  /** What lies between, the end included and the begin not. */
  readonly body: LoopBlock;
}

/** Nodes and loops, each after those that feed it. */
export type LoopBlock = readonly (GraphNode | Loop)[];

export function isLoop(part: GraphNode | Loop): part is Loop {
  return "body" in part;
}

/** The graph's nodes as a block. What is wrong with its loops is reported; then they stand there as plain nodes. */
export function loopBlockOf(graph: ReadonlyMap<string, GraphNode>, report?: Report): LoopBlock {
  const nodes = [...graph.values()];
  const begins = new Map<GraphNode, GraphNode>();
  for (const end of nodes.filter(closes)) {
    const found = openUpstream(end, begins, graph);
    const [begin, other] = found;
    if (begin === undefined) problem(report, end, "closes no loop: no feedback_begin that is still open lies above it");
    else if (other !== undefined) problem(report, end, `would close two loops: ${begin.name} and ${other.name}`);
    else begins.set(end, begin);
  }
  const ends = new Map([...begins].map(([end, begin]) => [begin, end]));
  for (const begin of nodes.filter(opens)) {
    if (!ends.has(begin)) problem(report, begin, "opens a loop that no feedback_end below it closes");
  }
  for (const [begin, end] of ends) requireClosed(begin, end, report);
  return inLoops(nodes, ends);
}

/** The end of the innermost loop around each node that lies in one; that of the loop around it for an end itself. */
export function loopEnds(block: LoopBlock, around?: GraphNode): ReadonlyMap<GraphNode, GraphNode> {
  const ends = new Map<GraphNode, GraphNode>();
  for (const part of block) {
    if (!isLoop(part)) {
      if (around !== undefined) ends.set(part, around);
      continue;
    }
    ends.set(part.begin, part.end);
    for (const [node, end] of loopEnds(part.body, part.end)) ends.set(node, end);
    if (around === undefined) ends.delete(part.end);
    else ends.set(part.end, around);
  }
  return ends;
}

/** Whether a node begins a loop. */
export function opens(node: GraphNode): boolean {
  return !node.bypass && node.type.definition.loops !== undefined;
}

function closes(node: GraphNode): boolean {
  return !node.bypass && node.type.definition.again !== undefined;
}

/** The begins above an end that none of the ends between closes. */
function openUpstream(
  end: GraphNode,
  begins: ReadonlyMap<GraphNode, GraphNode>,
  graph: ReadonlyMap<string, GraphNode>,
): GraphNode[] {
  const found = new Set<GraphNode>();
  const seen = new Set<GraphNode>();
  const queue = sourcesOf(end);
  for (let node = queue.pop(); node !== undefined; node = queue.pop()) {
    if (seen.has(node) || !graph.has(node.name)) continue;
    seen.add(node);
    // A loop that is closed is passed by as a whole.
    if (closes(node)) queue.push(...sourcesOf(begins.get(node) ?? node));
    else if (opens(node)) found.add(node);
    else queue.push(...sourcesOf(node));
  }
  return [...found];
}

function sourcesOf(node: GraphNode): GraphNode[] {
  return [...node.inputs.values()].flat().map((source) => source.node);
}

/** All below a node, those included that `through` lets no further. */
function downstreamOf(start: GraphNode, through: (node: GraphNode) => boolean): Set<GraphNode> {
  const seen = new Set<GraphNode>();
  const queue = [...start.consumers];
  for (let node = queue.pop(); node !== undefined; node = queue.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    if (through(node)) queue.push(...node.consumers);
  }
  return seen;
}

/** What an iteration makes leaves the loop through its end alone. */
function requireClosed(begin: GraphNode, end: GraphNode, report: Report | undefined): void {
  const inside = downstreamOf(begin, (node) => node !== end);
  for (const node of downstreamOf(end, () => true)) {
    if (inside.has(node))
      problem(report, node, `reads the inside of a loop beside its result: all leaves it through "${end.name}"`);
  }
}

function inLoops(nodes: readonly GraphNode[], ends: ReadonlyMap<GraphNode, GraphNode>): LoopBlock {
  const block: (GraphNode | Loop)[] = [];
  const taken = new Set<GraphNode>();
  for (const node of nodes) {
    if (taken.has(node)) continue;
    const end = ends.get(node);
    if (end === undefined) block.push(node);
    else {
      const inside = downstreamOf(node, (each) => each !== end);
      for (const each of inside) taken.add(each);
      const inner = nodes.filter((each) => inside.has(each));
      block.push({ begin: node, end, body: inLoops(inner, ends) });
    }
  }
  return inFeedingOrder(block);
}

/** A loop comes after all that feeds any of its nodes. */
function inFeedingOrder(block: LoopBlock): LoopBlock {
  const owners = new Map<GraphNode, GraphNode | Loop>();
  for (const part of block) for (const node of nodesOf(part)) owners.set(node, part);
  const ordered = new Set<GraphNode | Loop>();
  const add = (part: GraphNode | Loop): void => {
    if (ordered.has(part)) return;
    for (const node of nodesOf(part)) {
      for (const source of sourcesOf(node)) {
        const owner = owners.get(source);
        if (owner !== undefined && owner !== part) add(owner);
      }
    }
    ordered.add(part);
  };
  if (block.some(isLoop)) for (const part of block) add(part);
  return block.some(isLoop) ? [...ordered] : block;
}

/** The nodes of a part, those of loops within loops among them. */
export function nodesOf(part: GraphNode | Loop): readonly GraphNode[] {
  return isLoop(part) ? [part.begin, ...part.body.flatMap(nodesOf)] : [part];
}

function problem(report: Report | undefined, node: GraphNode, message: string): void {
  report?.error(node.place, `Node "${node.name}" ${message}.`);
}
