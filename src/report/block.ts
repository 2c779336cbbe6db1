/**
 * What an inline terminal shows of a cook: a line a node, and below it those of its running items that tell figures. Where that
 * is more than the terminal has lines, what runs or failed, then what was cooked, and a line for the rest. Writes nothing.
 */
import { printable } from "../base/printable.js";
import { doneOf, type NodeTally, type Tally } from "./tally.js";
import { counted, inLines, nodeProgress, nodeSummary, progressTexts } from "./text.js";

/** Of a terminal, in characters. */
export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** Running items of a node that are shown. */
const SHOWN = 4;

/** `seconds`: since the cook began. */
export function blockLines(tally: Tally, seconds: number, { columns, rows }: Size): string[] {
  const nodes = [...tally.nodes.values()];
  const width = Math.max(0, ...nodes.map(({ node }) => node.length));
  const linesOf = (node: NodeTally): string[] => nodeLines(node, seconds, width, columns);
  const all = nodes.length < rows ? nodes.flatMap(linesOf) : undefined;
  const lines = all !== undefined && all.length < rows ? all : chosenLines(nodes, linesOf, rows - 2);
  return lines.map(printable).map((line) => (line.length > columns ? line.slice(0, columns - 1) : line));
}

function chosenLines(nodes: readonly NodeTally[], linesOf: (node: NodeTally) => string[], most: number): string[] {
  const chosen = new Map<NodeTally, string[]>();
  let room = most;
  for (const matters of [isUrgent, hasCooked]) {
    for (const node of nodes) {
      const own = matters(node) && !chosen.has(node) ? linesOf(node) : [];
      if (own.length === 0 || own.length > room) continue;
      chosen.set(node, own);
      room -= own.length;
    }
  }
  const rest = nodes.filter((node) => !chosen.has(node));
  const [done, items] = [sumOf(rest, doneOf), sumOf(rest, (node) => node.items)];
  const more = `  ${counted(rest.length, "more node")}: ${done} of ${counted(items, "item")} done`;
  return [...nodes.flatMap((node) => chosen.get(node) ?? []), more];
}

function sumOf(nodes: readonly NodeTally[], figure: (node: NodeTally) => number): number {
  return nodes.reduce((sum, node) => sum + figure(node), 0);
}

function isUrgent(node: NodeTally): boolean {
  return isActive(node) || hasFailed(node);
}

function hasCooked({ cooked, partial }: NodeTally): boolean {
  return cooked + partial > 0;
}

function nodeLines(node: NodeTally, seconds: number, width: number, columns: number): string[] {
  const text = isActive(node) ? nodeProgress(node, seconds) : nodeSummary(node);
  const lines = [`${mark(node)} ${node.node.padEnd(width)}  ${text}`];
  for (const { item, figures } of [...node.running.values()].slice(0, SHOWN)) {
    const figureLines =
      Object.keys(figures).length === 0 ? [] : inLines([item.label, ...progressTexts(figures)], columns - 7);
    lines.push(...figureLines.map((line, at) => `    ${at === 0 ? "" : "  "}${line}`));
  }
  return lines;
}

function isActive({ running }: NodeTally): boolean {
  return running.size > 0;
}

function hasFailed({ failed, failure }: NodeTally): boolean {
  return failed > 0 || failure !== undefined;
}

function mark(node: NodeTally): string {
  if (hasFailed(node)) return "✗";
  return isActive(node) ? "›" : " ";
}
