/** What a graph reaches beyond its files and folders: programs, servers, the project's own node code. Judges nothing. */
import type { Reach } from "../nodetype/define.js";
import type { Graph, GraphNode } from "./graph.js";

export const REACHES: Readonly<Record<Reach, string>> = { programs: "runs programs", network: "asks servers" };

/** More names than this nobody reads. */
const MOST_NAMED = 12;

/** A line for each kind that there is, with its nodes: `It runs programs: up (shell).` Bypassed nodes do nothing. */
export function reachOf(graph: Graph, kinds: readonly Reach[]): readonly string[] {
  return kinds.flatMap((kind) => {
    const reaching = activeIn(graph).filter(({ type }) => type.definition.reaches === kind);
    return line(
      REACHES[kind],
      reaching.map(({ name, type }) => `${name} (${type.name})`),
    );
  });
}

/** The same of the node types that are the project's own, or of packages beside it. */
export function ownCodeOf(graph: Graph): readonly string[] {
  const own = activeIn(graph).filter(({ type }) => type.sources !== undefined);
  return line("runs the project's own node code", [...new Set(own.map(({ type }) => type.name))]);
}

function activeIn({ nodes }: Graph): readonly GraphNode[] {
  return [...nodes.values()].filter(({ bypass }) => !bypass);
}

function line(what: string, names: readonly string[]): readonly string[] {
  const more = names.length > MOST_NAMED ? `, and ${names.length - MOST_NAMED} more` : "";
  return names.length === 0 ? [] : [`It ${what}: ${names.slice(0, MOST_NAMED).join(", ")}${more}.`];
}
