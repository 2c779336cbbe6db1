/** Opens what commands and programs work on: a checked graph (or its diagnostics), and its store. Prints nothing. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { codeOf } from "../base/code.js";
import { render } from "../base/diagnostic.js";
import { problemIn, UserError } from "../base/error.js";
import { nearest } from "../base/suggest.js";
import type { UserNotice } from "../event/event.js";
import { checkGraph } from "../graph/check.js";
import { NOTHING_GIVEN, type OptionValues } from "../graph/given.js";
import type { Graph } from "../graph/graph.js";
import type { Registry } from "../nodetype/registry.js";
import type { Store } from "../store/store.js";
import { openConformed } from "./conformed.js";
import { nodeTypes, projectOf, storeOf } from "./project.js";
import { untrustedTypes } from "./untrusted.js";

/** How a graph is opened. */
export interface GraphOptions {
  /** Values put over the graph's. */
  readonly given?: OptionValues;
  readonly allow?: readonly string[];
  /** As `allow`; outputs of an untrusted graph are written to these and to `out` beside the graph file alone. */
  readonly allowWrite?: readonly string[];
  readonly store?: string;
  readonly maxItems?: number;
  /** Whether hints at what may do better are shown, next to problems. */
  readonly hints?: boolean;
  /** The graph is a stranger's. */
  readonly untrusted?: boolean;
}

export interface OpenedGraph {
  readonly graph: Graph;
  readonly project: string;
  readonly store: string;
  readonly registry: Registry;
}

/** Takes what the user is told. */
export type NoticeSink = (notice: UserNotice) => void;

/** Who opens a graph again and again. */
export interface OpenListener {
  /** Told the absolute path of each graph file before it is read. */
  readonly reads?: (path: string) => void;
  /** Told of each problem. */
  readonly notify: NoticeSink;
}

/** More problems than this are one problem. */
const MOST_SHOWN = 200;

/** Reads and checks a graph. Warnings are shown; errors end the command with code 2. */
export async function openGraph(
  file: string,
  options: GraphOptions,
  { reads = () => {}, notify }: OpenListener,
): Promise<OpenedGraph> {
  const text = readGraphFile(file);
  const folder = resolve(dirname(file));
  const project = projectOf(folder);
  const types = nodeTypes({ folder, store: options.store });
  const registry = options.untrusted === true ? untrustedTypes(nodeTypes(), types) : types;
  const allowWrite = (options.allowWrite ?? []).map((path) => resolve(path));
  const environment = options.untrusted === true ? [] : Object.entries(process.env);
  const checked = await checkGraph(text, {
    file,
    folder,
    registry,
    job: process.cwd(),
    project,
    allow: [...(options.allow ?? []).map((path) => resolve(path)), ...allowWrite],
    outputs: options.untrusted === true ? [join(folder, "out"), ...allowWrite] : undefined,
    environment: new Map(environment.map(([name, value]) => [name, value ?? ""])),
    read(path) {
      reads(path);
      return readGraphFile(path);
    },
    given: options.given ?? NOTHING_GIVEN,
    conformed: openConformed(storeOf(project, options.store)),
  });
  const diagnostics = checked.diagnostics.filter(({ severity }) => severity !== "hint" || options.hints === true);
  for (const diagnostic of diagnostics.slice(0, MOST_SHOWN)) {
    const text = render(diagnostic, checked.sources.get(diagnostic.place.file) ?? "");
    notify({ type: "diagnostic", ...diagnostic, text });
  }
  if (diagnostics.length > MOST_SHOWN)
    notify({ type: "notice", severity: "info", message: `… and ${diagnostics.length - MOST_SHOWN} more.` });
  if (checked.graph === undefined) {
    const count = diagnostics.filter(({ severity }) => severity === "error").length;
    throw new UserError(`${count} problem${count === 1 ? "" : "s"} in ${file}; nothing was run.`, 2);
  }
  return { graph: checked.graph, project, store: storeOf(project, options.store), registry };
}

/** The text of a graph file; what hinders it ends the command with code 2. */
export function readGraphFile(file: string): string {
  try {
    const found = statSync(file);
    if (found.isDirectory()) throw new UserError(`${file} is a folder, not a graph file.`, 2);
    // To open a pipe is to wait for who writes it, and some devices never end.
    if (!found.isFile()) throw new UserError(`${file} is a pipe or a device, not a graph file.`, 2);
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof UserError) throw error;
    const message = problemIn(error);
    throw new UserError(codeOf(error) === "ENOENT" ? `There is no graph file ${file}.` : `${file}: ${message}`, 2);
  }
}

/** Opens a store; what hinders it ends the command with code 3. */
export async function openStoreAt(
  folder: string,
  readonly: boolean,
  { rebuild = false, notify }: { readonly rebuild?: boolean; readonly notify: NoticeSink },
): Promise<Store> {
  const [{ openStore }, { openEntries }, { realFiles }, { realClock }, { thisHost }] = await Promise.all([
    import("../store/open.js"),
    import("../store/libsql.js"),
    import("../base/files.js"),
    import("../base/clock.js"),
    import("../store/lock.js"),
  ]);
  const warn = (message: string): void => notify({ type: "notice", severity: "warning", message });
  const parts = { files: realFiles, entries: openEntries, clock: realClock, host: thisHost(), warn };
  try {
    return await openStore({ folder, readonly, rebuild, ...parts });
  } catch (error) {
    throw error instanceof UserError ? error : new UserError(problemIn(error), 3, { cause: error });
  }
}

/** The store of the project around the working folder, for commands that name an item and no graph. */
export async function openNearestStore(
  options: Pick<GraphOptions, "store">,
  notify: NoticeSink,
): Promise<{ store: Store; project: string }> {
  const project = projectOf(process.cwd());
  const folder = storeOf(project, options.store);
  if (!existsSync(folder)) throw new UserError(`Nothing was cooked here yet: there is no store ${folder}.`, 2);
  return { store: await openStoreAt(folder, true, { notify }), project };
}

/** The graph that an item command means: the one given, else that of the last cook in this project. */
export async function lastGraph(
  options: Pick<GraphOptions, "store"> & { readonly graph?: string },
  notify: NoticeSink,
): Promise<string> {
  if (options.graph !== undefined) return options.graph;
  const { store, project } = await openNearestStore(options, notify);
  const last = store.history.runs(1)[0];
  await store.close();
  if (last === undefined) throw new UserError("Nothing was cooked here yet. Give the graph with --graph FILE.", 2);
  return relative(process.cwd(), join(project, last.graph)) || basename(last.graph);
}

/** Ends the command where the graph has no such node. */
export function requireNode(name: string, nodes: ReadonlyMap<string, unknown>): void {
  if (nodes.has(name)) return;
  const hint = nearest(name, nodes.keys());
  throw new UserError(`The graph has no node "${name}".${hint === undefined ? "" : ` Did you mean "${hint}"?`}`, 2);
}
