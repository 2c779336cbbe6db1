/**
 * A graph file's text to a Graph: everything that can be known before a cook is checked here, all of it at once. The
 * order: JSON, overrides, top level, nodes and their types, wires, then each node below those that feed it. Touches no
 * file but those of node types.
 */
import type { Diagnostic } from "../base/diagnostic.js";
import type { Scope } from "../expression/index.js";
import { type Conform, type Conformed, conformToParams } from "../nodetype/conform.js";
import type { Registry } from "../nodetype/registry.js";
import type { Graph, GraphNode } from "./graph.js";
import type { Located } from "./located.js";
import { placeOf } from "./located.js";
import { blockOf } from "./loops.js";
import { applyOverrides, OVERRIDES, overridesText } from "./override.js";
import { compileParams } from "./params.js";
import type { Roots } from "./paths.js";
import { readJson } from "./read.js";
import { Report } from "./report.js";
import { type Attributes, kept, over, UNKNOWN, union, writtenAttributes } from "./scope.js";
import { type CompiledSettings, compileSettings, settingsCheck } from "./settings.js";
import { placeNodes, readVariables, topLevel } from "./top.js";
import { applyWedges, WEDGES } from "./wedge.js";
import { type NodeInputs, orderNodes, type PlacedNode, readInputs } from "./wiring.js";

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
  const graph = root && (await checkRoot(root, options, report));
  const sources = new Map([
    [options.file, source.text],
    [OVERRIDES, overridesText(options.overrides ?? [])],
    [WEDGES, (options.wedges ?? []).join("\n")],
  ]);
  return { graph: report.failed ? undefined : graph, diagnostics: inOrder(report.diagnostics), sources };
}

async function checkRoot(given: Located, options: CheckOptions, report: Report): Promise<Graph | undefined> {
  const overridden = applyOverrides(given, options.overrides ?? [], report);
  const root = topLevel(applyWedges(overridden, options.wedges ?? [], report.diagnostics), report);
  if (root === undefined) return undefined;
  const variables = readVariables(root, options, report);
  const nodes = await placeNodes(root, options.registry, report);
  const inputs = new Map([...nodes.values()].map((node) => [node.name, readInputs(node, nodes, report)]));
  const order = orderNodes(inputs, report);
  const checks = checksOf(nodes.values(), options.conformed);
  const roots: Roots = {
    folder: options.folder,
    job: options.job,
    project: options.project ?? options.folder,
    allow: options.allow ?? [],
  };
  const done = new Map<string, CheckedNode>();
  for (const name of order) {
    const node = nodes.get(name)!;
    done.set(name, checkNode(node, inputs.get(name)!, done, { variables, checks, roots, report }));
  }
  if (report.failed) return undefined;
  const { file, folder } = options;
  const linkedNodes = linked([...done.values()]);
  blockOf(linkedNodes, report);
  return { file, folder, variables, nodes: linkedNodes };
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
  readonly variables: ReadonlyMap<string, string>;
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
  { variables, checks, roots, report }: NodeContext,
): CheckedNode {
  const sources = [...inputs.values()].flat().map((source) => done.get(source.node)?.attributes ?? UNKNOWN);
  const inherited = union(sources);
  const withName = new Map(variables).set("OS", node.name);
  const scopeOf = (known: Attributes): Scope => ({ ...known, variables: withName });
  const { type } = node;
  const conform = type && checks.params.get(type.name);
  if (type === undefined || conform === undefined) {
    const settings = compileSettings(node, scopeOf(UNKNOWN), checks.settings, report);
    return { node, inputs, settings, params: undefined, attributes: UNKNOWN };
  }
  const params = compileParams(node, { type, scope: scopeOf(inherited), conform, roots, report });
  const written = writtenAttributes(type, params);
  // What a cook writes is not there yet when an item is scheduled and labelled; what generation writes is.
  const generated = type.definition.generate ?? type.definition.partition;
  const left = kept(inherited, type, params);
  const settingsScope = scopeOf(generated === undefined ? inherited : over(left, written));
  const settings = compileSettings(node, settingsScope, checks.settings, report);
  const attributes = settings.bypass ? inherited : over(left, written);
  return { node, inputs, settings, params, attributes };
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

function inOrder(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const file = (each: Diagnostic) => [OVERRIDES, WEDGES].indexOf(each.place.file);
  return [...diagnostics].sort(
    (a, b) => file(a) - file(b) || a.place.line - b.place.line || a.place.column - b.place.column,
  );
}
