/**
 * A graph file's text to a Graph: everything that can be known before a cook is checked here, all of it at once. The
 * order: JSON, overrides, the graph with all graphs in it, wires, then each node below those that feed it. Touches no file
 * but those of node types, and of graphs through a door.
 */

import type { Diagnostic } from "../base/diagnostic.js";
import { NodeError, UserError } from "../base/error.js";
import type { Conformed } from "../nodetype/conform.js";
import type { Registry } from "../nodetype/registry.js";
import { NOTHING_GIVEN, type OptionValues } from "./given.js";
import type { Graph } from "./graph.js";
import type { Located } from "./located.js";
import { loopBlockOf } from "./loops.js";
import { type CheckedNode, checkNode, checksOf, linked } from "./node.js";
import { openSpace } from "./open.js";
import { applyOverrides } from "./override.js";
import type { Roots } from "./paths.js";
import { readJson } from "./read.js";
import { Report } from "./report.js";
import type { PlacedNode } from "./space.js";
import { placedIn, type Space } from "./space.js";
import { applyWedges } from "./wedge.js";
import { Wires } from "./wires.js";
import { type NodeInputs, orderNodes } from "./wiring.js";

/** What a check needs beside the text. */
export interface CheckOptions {
  /** The graph file as the user gave it; diagnostics show it. */
  readonly file: string;
  /** Its absolute folder, `$HIP`. */
  readonly folder: string;
  readonly registry: Registry;
  /** The absolute working folder, `$JOB`. */
  readonly job: string;
  /** Absolute folder of the project, in which paths are allowed; without it, the graph's folder. */
  readonly project?: string;
  /** Further absolute folders in which paths are allowed (`--allow`). */
  readonly allow?: readonly string[];
  /** The absolute folders that outputs go to and nowhere else. */
  readonly outputs?: readonly string[] | undefined;
  /** The environment's variables. */
  readonly environment: ReadonlyMap<string, string>;
  /** Values that are put over the file's. */
  readonly given?: OptionValues;
  /**
   * The text of a graph file that a node stands for, by its absolute path; throws with a message for the user. Without it
   * there are none.
   */
  readonly read?: (path: string) => string;
  /** Values found right in earlier checks; without it, all are checked anew. */
  readonly conformed?: Conformed;
}

/** A graph with warnings at most, or the problems for which there is none, in the order of their places. */
export interface Checked {
  readonly graph: Graph | undefined;
  readonly diagnostics: readonly Diagnostic[];
  /** The texts that the diagnostics' places lie in, by `place.file`. */
  readonly sources: ReadonlyMap<string, string>;
}

/** Checks a graph file's text. Rejects only where the engine is wrong, never for what the user wrote. */
export async function checkGraph(text: string, options: CheckOptions): Promise<Checked> {
  const { source, root, diagnostics } = readJson(options.file, text);
  const report = new Report();
  const { given = NOTHING_GIVEN } = options;
  report.diagnostics.push(...diagnostics, ...given.diagnostics);
  const files = new Map([[options.file, source.text]]);
  const graph = root && (await checkRoot(root, options, report, files));
  const sources = new Map([...files, ...given.sources]);
  return {
    graph: report.failed ? undefined : graph,
    diagnostics: inOrder(report.diagnostics, [...sources.keys()]),
    sources,
  };
}

async function checkRoot(
  given: Located,
  options: CheckOptions,
  report: Report,
  files: Map<string, string>,
): Promise<Graph | undefined> {
  const { file, folder, registry, job, environment, conformed } = options;
  const { project = folder, allow = [], outputs } = options;
  const roots: Roots = { folder, job, project, allow, outputs };
  const read = options.read ?? unreadable;
  const nested: string[] = [];
  const noted = (name: string, text: string, path: string): void => {
    files.set(name, text);
    nested.push(path);
  };
  const { overrides, wedges } = options.given ?? NOTHING_GIVEN;
  const root = applyWedges(applyOverrides(given, overrides, report), wedges, report);
  const space = await openSpace(root, folder, { registry, job, environment, roots, report, read, noted });
  if (space === undefined) return undefined;
  const nodes = new Map([...placedIn(space)].map((node) => [node.name, node]));
  const inputs = wiresOf(space, nodes, report);
  const order = orderNodes(inputs, report);
  const checks = checksOf(nodes.values(), conformed);
  const done = new Map<string, CheckedNode>();
  for (const name of order) {
    const node = nodes.get(name)!;
    try {
      done.set(name, checkNode(node, inputs.get(name)!, done, { checks, roots, report }));
    } catch (error) {
      if (!(error instanceof NodeError)) throw error;
      report.error(node.key, `Node "${name}": its node type cannot say what it declares for it: ${error.message}`);
      return undefined;
    }
  }
  if (report.failed) return undefined;
  const graph = linked([...done.values()]);
  loopBlockOf(graph, report);
  return { file, folder, roots, files: nested, variables: space.variables, nodes: graph };
}

function unreadable(): never {
  throw new UserError("A graph in a graph cannot be read here.");
}

function wiresOf(
  space: Space,
  nodes: ReadonlyMap<string, PlacedNode>,
  report: Report,
): ReadonlyMap<string, NodeInputs> {
  const wires = new Wires(report);
  wires.checkAll(space);
  return new Map([...nodes.values()].map((node) => [node.name, wires.inputsOf(node)]));
}

function inOrder(diagnostics: readonly Diagnostic[], files: readonly string[]): readonly Diagnostic[] {
  const file = (each: Diagnostic) => files.indexOf(each.place.file);
  return [...diagnostics].sort(
    (a, b) => file(a) - file(b) || a.place.line - b.place.line || a.place.column - b.place.column,
  );
}
