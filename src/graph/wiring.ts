/** Which node feeds which input of which: names resolved, cycles found, an order to cook in. Knows no parameters. */
import { Graph as Wiring } from "@dagrejs/graphlib";
import { inputsOf } from "../nodetype/describe.js";
import type { RegisteredNodeType } from "../nodetype/registry.js";
import type { Located, Member, Span } from "./located.js";
import type { Report } from "./report.js";

/** A node of the file with its type, where that is known. */
export interface PlacedNode {
  readonly name: string;
  /** Span of the name. */
  readonly key: Span;
  readonly value: Located;
  readonly members: ReadonlyMap<string, Member>;
  readonly type: RegisteredNodeType | undefined;
}

/** A node named as a source. */
export interface NamedSource {
  readonly node: string;
  /** One of the outputs that its node type declares; undefined where it declares none, or is unknown. */
  readonly output: string | undefined;
  readonly span: Span;
}

/** The sources of each input of a node, by input name in declared order. */
export type NodeInputs = ReadonlyMap<string, readonly NamedSource[]>;

/** The inputs of a node; what is wrong with them is reported and left out. */
export function readInputs(node: PlacedNode, nodes: ReadonlyMap<string, PlacedNode>, report: Report): NodeInputs {
  const declared = node.type === undefined ? undefined : inputsOf(node.type);
  const given = node.members.get("inputs")?.value;
  const named = new Map<string, readonly NamedSource[]>();
  if (given?.kind === "array") {
    const main = declared === undefined ? "main" : declared.keys().next().value;
    if (main !== undefined) named.set(main, sources(node, given.items, nodes, report));
    else if (given.items.length > 0) report.error(given.span, `Node type "${node.type?.name}" takes no inputs.`);
  } else if (given?.kind === "object") {
    for (const [input, { key, value }] of given.members) {
      if (declared !== undefined && !declared.has(input)) {
        report.unknown(key, `Node "${node.name}" has no input "${input}".`, input, declared.keys());
      } else if (value.kind === "array") named.set(input, sources(node, value.items, nodes, report));
      else report.error(value.span, `Input "${input}" of node "${node.name}" must be a list of nodes.`);
    }
  } else if (given !== undefined) {
    report.error(given.span, `"inputs" of node "${node.name}" must be a list of nodes, or an object of such lists.`);
  }
  if (declared === undefined) return named;
  requireInputs(node, report);
  return new Map([...declared.keys()].map((input) => [input, named.get(input) ?? []]));
}

function requireInputs(node: PlacedNode, report: Report): void {
  if (node.type === undefined) return;
  const given = node.members.get("inputs")?.value;
  for (const [input, { optional, description }] of inputsOf(node.type)) {
    if (optional || isGiven(node.type, given, input)) continue;
    const named = given?.kind === "object" ? given.members.get(input)?.key : undefined;
    const at = named ?? node.members.get("inputs")?.key ?? node.key;
    report.error(at, `Node "${node.name}" needs input "${input}": ${description}`);
  }
}

// What is given and wrong has been reported, and counts as given.
function isGiven(type: RegisteredNodeType, given: Located | undefined, input: string): boolean {
  const first = inputsOf(type).keys().next().value;
  const value = given?.kind === "object" ? given.members.get(input)?.value : input === first ? given : undefined;
  return value !== undefined && (value.kind !== "array" || value.items.length > 0);
}

function sources(
  node: PlacedNode,
  items: readonly Located[],
  nodes: ReadonlyMap<string, PlacedNode>,
  report: Report,
): readonly NamedSource[] {
  const found = new Map<string, NamedSource>();
  for (const item of items) {
    if (item.kind !== "leaf" || typeof item.value !== "string") {
      report.error(item.span, `An input of node "${node.name}" must be the name of a node, in double quotes.`);
      continue;
    }
    const source = namedSource(item.value, item.span, nodes, report);
    if (source === undefined) continue;
    const key = `${source.node}:${source.output}`;
    if (found.has(key)) report.error(item.span, `"${item.value}" is given twice to one input.`);
    else found.set(key, source);
  }
  return [...found.values()];
}

/** What a text such as `split:rest` names. */
function namedSource(
  text: string,
  span: Span,
  nodes: ReadonlyMap<string, PlacedNode>,
  report: Report,
): NamedSource | undefined {
  const cut = text.indexOf(":");
  const name = cut === -1 ? text : text.slice(0, cut);
  const node = nodes.get(name);
  if (node === undefined) {
    report.unknown(span, `There is no node "${name}".`, name, nodes.keys());
    return undefined;
  }
  const outputs = Object.keys(node.type?.definition.outputs ?? {});
  if (cut === -1) return { node: name, output: outputs[0], span };
  const output = text.slice(cut + 1);
  if (outputs.includes(output)) return { node: name, output, span };
  if (node.type !== undefined) {
    report.unknown(span, `Node "${name}" has no output "${output}".`, output, outputs);
  }
  return undefined;
}

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
  report.error(reference!.span, `The graph has a cycle: ${spelled.join(" -> ")}.`);
}
