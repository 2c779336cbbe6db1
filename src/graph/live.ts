/**
 * Which of its wires a node uses: a node type may choose one of the nodes at its input before anything is cooked, and what
 * leads only to others is then not cooked. Knows no work items.
 */
import { callNode, problemIn } from "../base/error.js";
import { declaredFor, type Graph, type GraphNode, type Source } from "./graph.js";
import { loopBlockOf, loopEnds, opens } from "./loops.js";

/** By input: what the node uses of it; undefined in the place of each source that it does not use. */
export function usedSources({ type, inputs, params, bypass }: GraphNode): readonly (readonly (Source | undefined)[])[] {
  const all = [...inputs.values()];
  const choose = bypass
    ? undefined
    : declaredFor<((count: number) => number) | undefined>(type.definition.chooses, params);
  return choose === undefined ? all : all.map((sources) => chosenOf(sources, choose));
}

function chosenOf(sources: readonly Source[], choose: (count: number) => number): readonly (Source | undefined)[] {
  try {
    const chosen = callNode(() => choose(sources.length));
    return sources.map((source, place) => (place === chosen ? source : undefined));
  } catch (error) {
    problemIn(error);
    // The node says so itself when it makes its items.
    return sources;
  }
}

/** These nodes and all that they use, in topological order; without names, all nodes but those that lead only to what nobody uses. */
export function neededNodes({ nodes }: Pick<Graph, "nodes">, names?: ReadonlySet<string>): GraphNode[] {
  const all = [...nodes.values()];
  // An iteration needs the one before it, and so the whole loop.
  const ends = loopEnds(loopBlockOf(nodes));
  const begins = new Map([...ends].filter(([node]) => opens(node)).map(([begin, end]) => [end, begin]));
  const needed = new Set<GraphNode>();
  const queue = all.filter(({ name, consumers }) => names?.has(name) ?? consumers.length === 0);
  for (let node = queue.pop(); node !== undefined; node = queue.pop()) {
    if (needed.has(node)) continue;
    needed.add(node);
    const loop = [ends.get(node), begins.get(node)].filter((each) => each !== undefined);
    const sources = usedSources(node).flat();
    queue.push(...loop, ...sources.flatMap((source) => source?.node ?? []));
  }
  return all.filter((node) => needed.has(node));
}
