/** A graph as text for other tools: Graphviz, Mermaid, JSON. Knows nodes and wires, no work items. */
import type { Json } from "../nodetype/define.js";
import { type Graph, type GraphNode, sourceName } from "./graph.js";

interface Wire {
  readonly from: GraphNode;
  readonly to: GraphNode;
  /** The output's name where it is not the first, and the input's where the node has several: `rest → images`. */
  readonly label: string;
}

/** All wires, in the order of the nodes that they lead to. */
export function wires(graph: Graph): readonly Wire[] {
  return [...graph.nodes.values()].flatMap((to) =>
    [...to.inputs].flatMap(([input, sources]) =>
      sources.map((source) => {
        const output = sourceName(source).slice(source.node.name.length + 1);
        const words = [output, to.inputs.size > 1 ? input : ""].filter((word) => word !== "");
        return { from: source.node, to, label: words.join(" → ") };
      }),
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
  const edges = wires(graph).map(({ from, to, label: words }) => {
    const label = words === "" ? "" : ` [label=${quoted(words)}]`;
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
  const edges = wires(graph).map(({ from, to, label: words }) => {
    const label = words === "" ? "" : `|${words}|`;
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
    inputs: Object.fromEntries([...node.inputs].map(([input, sources]) => [input, sources.map(sourceName)])),
    params: node.params.constant as Json,
    attributes: Object.fromEntries(node.attributes),
    open: node.open,
  }));
  return { version: 1, nodes };
}
