/** A graph as text for other tools: Graphviz, Mermaid, JSON. Knows nodes and wires, no work items. */
import type { Json } from "../nodetype/define.js";
import type { Graph, GraphNode } from "./graph.js";

interface Wire {
  readonly from: GraphNode;
  readonly to: GraphNode;
  /** The input's name, where the node has several. */
  readonly input: string | undefined;
}

function wires(graph: Graph): readonly Wire[] {
  return [...graph.nodes.values()].flatMap((to) =>
    [...to.inputs].flatMap(([input, sources]) =>
      sources.map((from) => ({ from, to, input: to.inputs.size > 1 ? input : undefined })),
    ),
  );
}

/** Graphviz: `dag graph terrain.json --dot | dot -Tsvg`. */
export function toDot(graph: Graph): string {
  const quoted = (text: string) => `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
  const nodes = [...graph.nodes.values()].map((node) => {
    const style = node.bypass ? ", style=dashed" : "";
    return `  ${quoted(node.name)} [label="${node.name}\\n${node.type.name}"${style}];`;
  });
  const edges = wires(graph).map(({ from, to, input }) => {
    const label = input === undefined ? "" : ` [label=${quoted(input)}]`;
    return `  ${quoted(from.name)} -> ${quoted(to.name)}${label};`;
  });
  return `${["digraph {", "  rankdir=LR;", "  node [shape=box];", ...nodes, ...edges, "}"].join("\n")}\n`;
}

/** Mermaid, as Markdown pages show it. */
export function toMermaid(graph: Graph): string {
  const ids = new Map([...graph.nodes.keys()].map((name, index) => [name, `n${index}`]));
  const nodes = [...graph.nodes.values()].map(
    (node) => `  ${ids.get(node.name)}["${node.name}<br/>${node.type.name}${node.bypass ? " (bypassed)" : ""}"]`,
  );
  const edges = wires(graph).map(({ from, to, input }) => {
    const label = input === undefined ? "" : `|${input}|`;
    return `  ${ids.get(from.name)} -->${label} ${ids.get(to.name)}`;
  });
  return `${["flowchart LR", ...nodes, ...edges].join("\n")}\n`;
}

/** Nodes in the order of cooking, with their wires; parameters where they are the same for every item. */
export function toJson(graph: Graph): Json {
  const nodes = [...graph.nodes.values()].map((node) => ({
    name: node.name,
    type: node.type.name,
    bypass: node.bypass,
    inputs: Object.fromEntries([...node.inputs].map(([input, sources]) => [input, sources.map((each) => each.name)])),
    params: node.params.constant as Json,
    attributes: Object.fromEntries(node.attributes),
    open: node.open,
  }));
  return { version: 1, nodes };
}
