/** Which node feeds which input of which: cycles found, an order to cook in. Knows no parameters, and no graph in a graph. */
import { Graph as Wiring } from "@dagrejs/graphlib";
import type { Span } from "./located.js";
import type { Report } from "./report.js";

/** Nodes of a long cycle that are named at each of its ends. */
const SHOWN_ENDS = 10;

/** A node named as a source. */
export interface NamedSource {
  readonly node: string;
  /** One of the outputs that its node type declares; undefined where it declares none, or is unknown. */
  readonly output: string | undefined;
  readonly span: Span;
}

/** The sources of each input of a node, by input name in declared order. */
export type NodeInputs = ReadonlyMap<string, readonly NamedSource[]>;

/**
 * The nodes' names in the order of the file, except that each comes after its inputs. Each cycle is reported, spelled in
 * the direction of the data: `a -> b -> a`.
 */
export function orderNodes(inputs: ReadonlyMap<string, NodeInputs>, report: Report): readonly string[] {
  const names = [...inputs.keys()];
  const index = new Map(names.map((name, position) => [name, String(position)]));
  const wiring = new Wiring();
  for (const id of index.values()) wiring.setNode(id);
  for (const [name, node] of inputs)
    for (const source of [...node.values()].flat()) wiring.setEdge(index.get(source.node)!, index.get(name)!);
  const nameOf = (id: string) => names[Number(id)]!;
  return depthFirst(wiring, (cycle) => reportCycle(cycle.map(nameOf), inputs, report)).map(nameOf);
}

// graphlib's own topsort and findCycles recurse, and overflow the stack on a chain of some thousand nodes.
function depthFirst(wiring: Wiring, onCycle: (cycle: readonly string[]) => void): readonly string[] {
  const order: string[] = [];
  const state = new Map<string, "open" | "done">();
  for (const root of wiring.nodes()) {
    const path: { readonly id: string; readonly left: string[] }[] = [];
    const enter = (id: string) => {
      state.set(id, "open");
      path.push({ id, left: [...(wiring.predecessors(id) ?? [])].reverse() });
    };
    if (!state.has(root)) enter(root);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const next = top.left.pop();
      if (next === undefined) {
        state.set(top.id, "done");
        order.push(top.id);
        path.pop();
      } else if (!state.has(next)) enter(next);
      else if (state.get(next) === "open") onCycle(cycleFrom(path, next));
    }
  }
  return order;
}

// The path runs against the data: each of its nodes is fed by the one after it.
function cycleFrom(path: readonly { readonly id: string }[], first: string): readonly string[] {
  const ids = path.map((each) => each.id);
  return ids.slice(ids.indexOf(first)).reverse();
}

function reportCycle(cycle: readonly string[], inputs: ReadonlyMap<string, NodeInputs>, report: Report): void {
  const order = [...inputs.keys()];
  const start = order.find((name) => cycle.includes(name))!;
  const at = cycle.indexOf(start);
  const spelled = [...cycle.slice(at), ...cycle.slice(0, at), start];
  const before = spelled.at(-2);
  const reference = [...inputs.get(start)!.values()].flat().find((source) => source.node === before);
  report.error(reference!.span, `The graph has a cycle: ${spelling(spelled)}.`);
}

/** A cycle as long as a reader takes in; of a longer one, its ends. */
function spelling(cycle: readonly string[]): string {
  const left = cycle.length - 2 * SHOWN_ENDS;
  if (left <= 1) return cycle.join(" -> ");
  return [...cycle.slice(0, SHOWN_ENDS), `(${left} more)`, ...cycle.slice(-SHOWN_ENDS)].join(" -> ");
}
