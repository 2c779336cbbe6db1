/** The parts of a graph that hang together, and what is written of one. Knows nodes and code, no items and no files. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Digest, digestOf } from "../base/hash.js";
import { stampAt } from "../base/stamp.js";
import type { Compiled } from "../expression/index.js";
import { declaredFor, type Graph, type GraphNode, sourceName } from "../graph/graph.js";
import type { Codes } from "../nodetype/code.js";

/** Raised when items, keys or events of the same graph come to be others. */
const FORMAT = 2;

/** Nodes between which wires lead, in topological order: what becomes of one part is no matter to another. */
export function partsOfGraph(nodes: readonly GraphNode[]): readonly (readonly GraphNode[])[] {
  const leaders = new Map<GraphNode, GraphNode>(nodes.map((node) => [node, node]));
  const leaderOf = (node: GraphNode): GraphNode => {
    let at = node;
    for (let next = leaders.get(at)!; next !== at; next = leaders.get(at)!) {
      leaders.set(at, leaders.get(next)!);
      at = next;
    }
    return at;
  };
  for (const node of nodes) {
    for (const { node: from } of [...node.inputs.values()].flat()) {
      // One that is not cooked is used by nobody.
      if (leaders.has(from)) leaders.set(leaderOf(from), leaderOf(node));
    }
  }
  const parts = new Map<GraphNode, GraphNode[]>();
  for (const node of nodes) {
    const leader = leaderOf(node);
    const part = parts.get(leader);
    if (part === undefined) parts.set(leader, [node]);
    else part.push(node);
  }
  return [...parts.values()];
}

/** Whether what a node's items come to follows from what is written of it, and from files. */
export function isPlain({ cacheMode, type, params }: GraphNode): boolean {
  const { cache, environment } = type.definition;
  if (cache === "never" || cacheMode === "always_write" || cacheMode === "never") return false;
  return declaredFor<readonly string[] | "any">(environment ?? [], params) !== undefined;
}

/** One digest of all that is written of a part's nodes. `shared`: of those with work, the first lines of their manifests. */
export function digestOfPart(
  part: readonly GraphNode[],
  { folder, roots }: Graph,
  code: Codes,
  shared: ReadonlyMap<GraphNode, string>,
): Digest {
  const texts = part.map((node) => JSON.stringify(written(node, code, shared.get(node))));
  return digestOf([ENGINE, folder, JSON.stringify(roots), ...texts].join("\n"));
}

function written(node: GraphNode, code: Codes, shared: string | undefined): unknown {
  const { name, type, params, scheduleWhen, label, priority, generateWhen, cacheMode, bypass, env } = node;
  const environment = declaredFor<readonly string[] | "any">(type.definition.environment ?? [], params) ?? [];
  const texts = [scheduleWhen, label, priority];
  const reads = [params, ...texts.filter((each) => isCompiled(each))].flatMap((each) => [...each.reads.variables]);
  return [
    [name, type.name, type.definition.version, code.filesOf(type.module).digest, bypass, generateWhen, cacheMode],
    params.text,
    texts.map((each) => (isCompiled(each) ? { text: each.text } : each)),
    [...new Set(reads)].sort().map((each) => [each, node.variables.get(each)]),
    [...env],
    environment === "any" ? [] : environment.map((each) => [each, process.env[each]]),
    [...node.inputs].map(([input, sources]) => [input, sources.map(sourceName)]),
    shared,
  ];
}

function isCompiled(setting: Compiled | string | null): setting is Compiled {
  return typeof setting === "object" && setting !== null;
}

/** Another engine may come to other items: an installed one is told by its version, one that is worked on by its file. */
const ENGINE = `${FORMAT} ${versionOf(new URL("../../../package.json", import.meta.url))} ${stampAt(fileURLToPath(import.meta.url))}`;

function versionOf(file: URL): string {
  return (JSON.parse(readFileSync(file, "utf8")) as { readonly version: string }).version;
}
