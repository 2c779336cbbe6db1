/**
 * Paths in parameters: made symbolic, so that no machine's folder is ever in a key, and kept inside the allowed folders.
 * Knows paths as texts; touches no file.
 */
import { dirname, isAbsolute, join, normalize, relative, resolve, sep } from "node:path";
import { isForeignPath, slashed } from "../base/system.js";

/** The folders that paths are measured by; all absolute. */
export interface Roots {
  /** The graph file's folder, `$HIP`: symbolic paths start with it. */
  readonly folder: string;
  /** The folder of the file in the graph that says the path: `$HIP` there, where relative paths start. */
  readonly base?: string;
  /** The working folder, `$JOB`. */
  readonly job: string;
  /** The project that the graph belongs to. */
  readonly project: string;
  /** Further folders that the user allows. */
  readonly allow: readonly string[];
  /** Folders that outputs go to and nowhere else; without them, all of the above. */
  readonly outputs?: readonly string[] | undefined;
}

/** A symbolic path, or why it is refused. */
export type SymbolicPath = { readonly path: string } | { readonly problem: string };

/**
 * The symbolic form of a path: `$HIP/…` in the graph's folder, `$HIP/../…` elsewhere in the project, `$JOB/…` in the
 * working folder, and absolute in a folder that the user allows. A relative path starts at the graph's folder. An empty
 * one stays empty: no path. Refused: a path outside all of these, and one with a NUL.
 */
export function symbolicPath(path: string, roots: Roots): SymbolicPath {
  if (path === "") return { path };
  if (path.includes("\0")) return { problem: "A path cannot hold a NUL character." };
  if (/^~([/\\]|$)/.test(path)) return { problem: `"${path}": only a shell knows what ~ is; write $HOME.` };
  if (isForeignPath(path)) return { problem: `"${path}" is a path of Windows.` };
  const base = roots.base ?? roots.folder;
  const absolute = resolve(base, expandRoot(path, { folder: base, job: roots.job }));
  if (inside(absolute, roots.folder) || inside(absolute, roots.project))
    return { path: under("$HIP", relative(roots.folder, absolute)) };
  if (inside(absolute, roots.job)) return { path: under("$JOB", relative(roots.job, absolute)) };
  if (roots.allow.some((root) => inside(absolute, root))) return { path: slashed(absolute) };
  return {
    problem: `${absolute} lies outside of the graph's folder, the project and the working folder; allow it with --allow DIR.`,
  };
}

/**
 * Why nothing is put at a symbolic path that `symbolicPath` lets pass; undefined where it may be. A graph makes data, and never
 * what other programs run or are set up by: hidden files and folders, packages, node types. A folder that the user allows
 * (`--allow`) may be any of these.
 */
export function outputProblem(path: string, roots: Roots): string | undefined {
  const absolute = resolve(roots.folder, expandRoot(path, roots));
  if (roots.outputs?.some((root) => inside(absolute, root)) === false) {
    return `Outputs of an untrusted graph are written to ${roots.outputs.join(", ")}, not to ${absolute}; allow it with --allow-write DIR.`;
  }
  if (roots.allow.some((root) => inside(absolute, root))) return undefined;
  const around = [roots.folder, roots.job, roots.project].filter((each) => inside(absolute, each));
  const root = around.sort((a, b) => b.length - a.length)[0] ?? roots.folder;
  const parts = relative(root, absolute).split(sep);
  const bad = parts.find((part) => part.startsWith(".") || part === "node_modules" || part === "package.json");
  const what = bad === undefined && isAmongNodes(absolute, roots) ? "nodes" : bad;
  return what === undefined
    ? undefined
    : `Nothing is put into "${what}", which other programs may run or be set up by; allow it with --allow DIR.`;
}

/** Whether it lies among the project's node types: in a folder `nodes` beside the graph, or above it in the project. */
function isAmongNodes(absolute: string, { folder, project }: Roots): boolean {
  for (let here = folder; ; here = dirname(here)) {
    if (inside(absolute, join(here, "nodes"))) return true;
    if (here === project || here === dirname(here)) return false;
  }
}

/** What symbolic paths of a graph are resolved by. */
export interface Rooted {
  readonly folder: string;
  readonly variables: ReadonlyMap<string, string>;
}

/** The absolute path that a symbolic one stands for. */
export function resolveSymbolic(path: string, graph: Rooted): string {
  return normalize(expandRoot(path, { folder: graph.folder, job: graph.variables.get("JOB") ?? graph.folder }));
}

function expandRoot(path: string, roots: Pick<Roots, "folder" | "job">): string {
  const [, root, rest = ""] = /^\$(HIP|JOB)(?:[/\\](.*))?$/s.exec(path) ?? [];
  if (root === undefined) return path;
  return join(root === "HIP" ? roots.folder : roots.job, rest);
}

/** Whether an absolute path is a folder or lies in it. */
export function inside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

function under(root: string, way: string): string {
  return way === "" ? root : `${root}/${slashed(way)}`;
}
