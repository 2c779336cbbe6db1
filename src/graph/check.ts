/**
 * A graph file's text to a Graph: everything that can be known before a cook is checked here, all of it at once. The
 * order: JSON, overrides, the graph with all graphs in it, wires, then each node below those that feed it. Touches no file
 * but those of node types, and of graphs through a door.
 */
import type { Diagnostic } from "../base/diagnostic.js";
import type { Scope } from "../expression/index.js";
import { type Conform, type Conformed, conformToParams } from "../nodetype/conform.js";
import type { Registry } from "../nodetype/registry.js";
import type { TextHome } from "./evaluate.js";
import type { Graph, GraphNode } from "./graph.js";
import type { Located } from "./located.js";
import { placeOf, type Span } from "./located.js";
import { blockOf } from "./loops.js";
import { openSpace } from "./open.js";
import { applyOverrides, OVERRIDES, overridesText } from "./override.js";
import { compileParams } from "./params.js";
import type { Roots } from "./paths.js";
import { readJson } from "./read.js";
import { Report } from "./report.js";
import { type Attributes, kept, over, UNKNOWN, union, writtenAttributes } from "./scope.js";
import { type CompiledSettings, compileSettings, settingsCheck } from "./settings.js";
import { placedIn, type Space, Wires } from "./space.js";
import { applyWedges, WEDGES } from "./wedge.js";
import { type NodeInputs, orderNodes, type PlacedNode } from "./wiring.js";

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
  /** The environment's variables. */
  readonly environment: ReadonlyMap<string, string>;
  /** `node.param=JSON`, from `--set`. */
  readonly overrides?: readonly string[];
  /** `node.param=a,b,c`, from `--wedge`; applied after the overrides. */
  readonly wedges?: readonly string[];
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
  report.diagnostics.push(...diagnostics);
  const files = new Map([[options.file, source.text]]);
  const graph = root && (await checkRoot(root, options, report, files));
  const sources = new Map([
    ...files,
    [OVERRIDES, overridesText(options.overrides ?? [])],
    [WEDGES, (options.wedges ?? []).join("\n")],
  ]);
  return {
    graph: report.failed ? undefined : graph,
    diagnostics: inOrder(report.diagnostics, [...files.keys()]),
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
  const roots: Roots = { folder, job, project: options.project ?? folder, allow: options.allow ?? [] };
  const read = options.read ?? unreadable;
  const nested: string[] = [];
  const noted = (name: string, text: string, path: string): void => {
    files.set(name, text);
    nested.push(path);
  };
  const overridden = applyOverrides(given, options.overrides ?? [], report);
  const root = applyWedges(overridden, options.wedges ?? [], report.diagnostics);
  const space = await openSpace(root, folder, { registry, job, environment, roots, report, read, noted });
  if (space === undefined) return undefined;
  const nodes = new Map([...placedIn(space)].map((node) => [node.name, node]));
  const inputs = wiresOf(space, nodes, report);
  const order = orderNodes(inputs, report);
  const checks = checksOf(nodes.values(), conformed);
  const done = new Map<string, CheckedNode>();
  for (const name of order) {
    const node = nodes.get(name)!;
    done.set(name, checkNode(node, inputs.get(name)!, done, { checks, roots, report }));
  }
  if (report.failed) return undefined;
  const graph = linked([...done.values()]);
  blockOf(graph, report);
  return { file, folder, files: nested, variables: space.variables, nodes: graph };
}

function unreadable(): never {
  throw new Error("A graph in a graph cannot be read here.");
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

/** What values are checked against. */
interface Checks {
  readonly settings: Conform;
  readonly params: ReadonlyMap<string, Conform>;
}

function checksOf(nodes: Iterable<PlacedNode>, before: Conformed | undefined): Checks {
  const types = new Map([...nodes].flatMap(({ type }) => (type === undefined ? [] : [[type.name, type]])));
  const params = [...types.values()].map(
    (type) => [type.name, conformToParams(type.definition.params, before)] as const,
  );
  return { settings: settingsCheck(before), params: new Map(params) };
}

interface NodeContext {
  readonly checks: Checks;
  readonly roots: Roots;
  readonly report: Report;
}

/** A node with what is known of it; without parameters where they are wrong. */
interface CheckedNode {
  readonly node: PlacedNode;
  readonly inputs: NodeInputs;
  readonly settings: CompiledSettings;
  readonly params: GraphNode["params"] | undefined;
  readonly attributes: Attributes;
}

function checkNode(
  node: PlacedNode,
  inputs: NodeInputs,
  done: ReadonlyMap<string, CheckedNode>,
  { checks, roots, report }: NodeContext,
): CheckedNode {
  const sources = [...inputs.values()].flat().map((source) => done.get(source.node)?.attributes ?? UNKNOWN);
  const inherited = union(sources);
  const withName = new Map(node.space.variables).set("OS", node.name);
  const scopeOf = (known: Attributes): Scope => ({ ...known, variables: withName });
  const { type } = node;
  const conform = type && checks.params.get(type.name);
  if (type === undefined || conform === undefined) {
    const settings = compileSettings(node, scopeOf(UNKNOWN), checks.settings, report);
    return { node, inputs, settings, params: undefined, attributes: UNKNOWN };
  }
  const params = compileParams(node, {
    type,
    scope: scopeOf(inherited),
    conform,
    homeOf: (span) => homeOf(node, span, roots),
    report,
  });
  const written = writtenAttributes(type, params);
  // What a cook writes is not there yet when an item is scheduled and labelled; what generation writes is.
  const generated = type.definition.generate ?? type.definition.partition;
  const left = kept(inherited, type, params);
  const settingsScope = scopeOf(generated === undefined ? inherited : over(left, written));
  const settings = compileSettings(node, settingsScope, checks.settings, report);
  const attributes = settings.bypass ? inherited : over(left, written);
  return { node, inputs, settings, params, attributes };
}

/** The graph file that says a text: of a promoted parameter, one around that of the node. */
function homeOf({ space }: PlacedNode, { source }: Span, roots: Roots): TextHome {
  let home: Space = space;
  // What no file says, such as --set, is said of the graph itself.
  const own = home.source === source || source.file === home.source.file;
  while (!own && home.outer !== undefined && home.source !== source) home = home.outer.space;
  const { variables, folder } = home;
  return { variables, roots: { ...roots, base: folder }, foreign: home !== space };
}

/** Graph nodes that refer to each other, in the same order. */
function linked(nodes: readonly CheckedNode[]): ReadonlyMap<string, GraphNode> {
  const graph = new Map<string, GraphNode>();
  const consumers = new Map(nodes.map(({ node }) => [node.name, [] as GraphNode[]]));
  for (const { node, inputs, settings, params, attributes } of nodes) {
    const sources = [...inputs].map(
      ([input, all]) => [input, all.map(({ node: from, output }) => ({ node: graph.get(from)!, output }))] as const,
    );
    const own: GraphNode = {
      name: node.name,
      type: node.type!,
      inputs: new Map(sources),
      consumers: consumers.get(node.name)!,
      params: params!,
      variables: node.space.variables,
      ...settings,
      ...attributes,
      place: placeOf(node.key),
    };
    for (const source of new Set(sources.flatMap(([, all]) => all.map((each) => each.node))))
      consumers.get(source.name)!.push(own);
    graph.set(node.name, own);
  }
  return graph;
}

function inOrder(diagnostics: readonly Diagnostic[], files: readonly string[]): readonly Diagnostic[] {
  const order = [...files, OVERRIDES, WEDGES];
  const file = (each: Diagnostic) => order.indexOf(each.place.file);
  return [...diagnostics].sort(
    (a, b) => file(a) - file(b) || a.place.line - b.place.line || a.place.column - b.place.column,
  );
}
