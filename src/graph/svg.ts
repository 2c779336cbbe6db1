/**
 * A graph as a picture: layers from left to right, wires as curves. Where nodes lie is dagre's to say (the layered layout of
 * Gansner et al., "A Technique for Drawing Directed Graphs", 1993). Knows nodes and wires, no work items.
 */
import { Graph as Layout, layout } from "@dagrejs/dagre";
import { wires } from "./draw.js";
import type { Graph, GraphNode } from "./graph.js";

/** More nodes than this are no picture: the layout takes its time, and then its stack ends. */
export const MOST_DRAWN = 1000;

/** Pixels. */
const LINE = 16;
const MARGIN = 16;
/** Widths of a character of a monospaced font at 13 and at 11 pixels. */
const [NAME_WIDTH, TYPE_WIDTH] = [7.9, 6.7];
const FONT = "ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace";

interface Point {
  readonly x: number;
  readonly y: number;
}

/** A box by its middle. */
interface Box extends Point {
  readonly width: number;
  readonly height: number;
}

/** An SVG document, the same for the same graph. At most MOST_DRAWN nodes. */
export function toSvg(graph: Graph): string {
  const all = wires(graph);
  const placed = new Layout({ multigraph: true });
  placed.setGraph({ rankdir: "LR", nodesep: 24, ranksep: 56, edgesep: 12, marginx: MARGIN, marginy: MARGIN });
  for (const node of graph.nodes.values()) placed.setNode(node.name, sizeOf(node));
  for (const [place, { from, to, label }] of all.entries()) {
    const words = { width: label.length * TYPE_WIDTH + 8, height: LINE, labelpos: "c" as const };
    placed.setEdge(from.name, to.name, label === "" ? {} : words, String(place));
  }
  if (graph.nodes.size > 0) layout(placed);
  const { width = 2 * MARGIN, height = 2 * MARGIN } = placed.graph() as Partial<Box>;
  const boxOf = ({ name }: GraphNode) => placed.node(name) as Box;
  const edges = all.map(({ from, to, label }, place) => {
    const edge = placed.edge({ v: from.name, w: to.name, name: String(place) }) as Edge;
    return edgeText(label, edge, boxOf(from), boxOf(to));
  });
  const nodes = [...graph.nodes.values()].map((node) => nodeText(node, boxOf(node)));
  const size = `width="${figure(width)}" height="${figure(height)}" viewBox="0 0 ${figure(width)} ${figure(height)}"`;
  return `${[`<svg xmlns="http://www.w3.org/2000/svg" ${size}>`, STYLE, ...edges, ...nodes, "</svg>"].join("\n")}\n`;
}

const STYLE = `<style>
  svg { background: #fff } text { font-family: ${FONT}; text-anchor: middle; dominant-baseline: central }
  rect { fill: #f4f6f8; stroke: #5b6b7b } .bypassed { stroke-dasharray: 5 4; fill: #fff }
  .name { font-size: 13px; font-weight: 600; fill: #16202a } .type { font-size: 11px; fill: #5b6b7b }
  .wire { fill: none; stroke: #8795a3; stroke-width: 1.5; marker-end: url(#end) } #end { fill: #8795a3 }
  .label { font-size: 11px; fill: #16202a; paint-order: stroke; stroke: #fff; stroke-width: 5px }
</style>
<defs><marker id="end" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z"/></marker></defs>`;

function sizeOf({ name, type }: GraphNode): { width: number; height: number } {
  return { width: Math.max(name.length * NAME_WIDTH, type.name.length * TYPE_WIDTH) + 24, height: 2 * LINE + 14 };
}

function nodeText({ name, type, bypass }: GraphNode, { x, y, width, height }: Box): string {
  const corner = `x="${figure(x - width / 2)}" y="${figure(y - height / 2)}"`;
  const line = (kind: string, text: string, dy: number) =>
    `<text class="${kind}" x="${figure(x)}" y="${figure(y + dy)}">${escaped(text)}</text>`;
  const box = `<rect ${bypass ? 'class="bypassed" ' : ""}${corner} width="${figure(width)}" height="${figure(height)}" rx="6"/>`;
  const title = `<title>${escaped(`${type.definition.description}${bypass ? " (bypassed)" : ""}`)}</title>`;
  return `<g>${title}${box}${line("name", name, -LINE / 2)}${line("type", type.name, LINE / 2 + 1)}</g>`;
}

interface Edge extends Point {
  readonly points: readonly Point[];
}

/** From the middle of a box's right side to the middle of another's left side. */
function edgeText(label: string, { points, x, y }: Edge, from: Box, to: Box): string {
  const [start, end] = [
    { x: from.x + from.width / 2, y: from.y },
    { x: to.x - to.width / 2, y: to.y },
  ];
  const path = `<path class="wire" d="${curve([start, ...points.slice(1, -1), end])}"/>`;
  return label === "" ? path : `${path}<text class="label" x="${figure(x)}" y="${figure(y)}">${escaped(label)}</text>`;
}

/** Through all points, level at each. */
function curve([first, ...others]: readonly Point[]): string {
  if (first === undefined) return "";
  let before = first;
  const parts = others.map((point) => {
    const middle = figure((before.x + point.x) / 2);
    const part = `C${middle} ${figure(before.y)} ${middle} ${figure(point.y)} ${figure(point.x)} ${figure(point.y)}`;
    before = point;
    return part;
  });
  return `M${figure(first.x)} ${figure(first.y)}${parts.join("")}`;
}

/** A tenth of a pixel is enough. */
function figure(value: number): string {
  return String(Math.round(value * 10) / 10);
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

function escaped(text: string): string {
  return text.replace(/[&<>]/g, (character) => ENTITIES[character] as string);
}
