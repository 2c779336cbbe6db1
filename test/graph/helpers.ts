import { join } from "node:path";
import { headline } from "../../src/base/diagnostic.js";
import { type Checked, type CheckOptions, checkGraph } from "../../src/graph/check.js";
import type { Graph } from "../../src/graph/graph.js";
import { createRegistry } from "../../src/nodetype/registry.js";

/** The fixture node types; those in `bad_nodes` do not load. */
export const registry = createRegistry({
  compiled: [join(import.meta.dirname, "nodes")],
  sources: [join(import.meta.dirname, "bad_nodes")],
  code: join(import.meta.dirname, ".code"),
});

/** Checks a text as `graphs/a.json` of a project in `/project`, with `/job` as the working folder. */
export function check(text: string, options: Partial<CheckOptions> = {}): Promise<Checked> {
  return checkGraph(text, {
    file: "graphs/a.json",
    folder: "/project/graphs",
    project: "/project",
    job: "/job",
    registry,
    environment: new Map([["HOME", "/home/somebody"]]),
    ...options,
  });
}

/** The diagnostics' headlines. */
export async function problems(text: string, options: Partial<CheckOptions> = {}): Promise<readonly string[]> {
  return (await check(text, options)).diagnostics.map(headline);
}

/** The graph of a text without problems. */
export async function graphOf(text: string, options: Partial<CheckOptions> = {}): Promise<Graph> {
  const { graph, diagnostics } = await check(text, options);
  if (graph === undefined) throw new Error(diagnostics.map(headline).join("\n"));
  return graph;
}

/** Diagnostics of nodes: `text` holds the nodes, each on a line of its own, from line 2. */
export function nodeProblems(text: string, options: Partial<CheckOptions> = {}): Promise<readonly string[]> {
  return problems(`{ "version": 1, "nodes": {\n${text}\n} }`, options);
}
