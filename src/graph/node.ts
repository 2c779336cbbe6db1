/**
 * One node of a graph: its settings and parameters compiled, and the attributes that its items have, below those that feed
 * it. Knows no files and no order.
 */
import { ITEM_ATTRIBUTES, type Scope } from "../expression/index.js";
import { type Conform, type Conformed, conformToParams } from "../nodetype/conform.js";
import type { RegisteredNodeType } from "../nodetype/registry.js";
import { upstreamParam } from "../nodetype/schema.js";
import type { TextHome } from "./evaluate.js";
import { type CompiledParams, declaredFor, type GraphNode, type NodeFlags } from "./graph.js";
import { placeOf, type Span } from "./located.js";
import { requireNamed } from "./named.js";
import { compileParams } from "./params.js";
import type { Roots } from "./paths.js";
import type { Report } from "./report.js";
import {
  afterLoop,
  flagsOf,
  innermost,
  type KnownAttributes,
  kept,
  type LoopScope,
  NO_FLAGS,
  over,
  UNKNOWN,
  union,
  without,
  writtenAttributes,
} from "./scope.js";
import { type CompiledSettings, compileSettings, settingsCheck } from "./settings.js";
import type { PlacedNode, Space } from "./space.js";
import type { NamedSource, NodeInputs } from "./wiring.js";

/** What values are checked against. */
interface Checks {
  readonly settings: Conform;
  readonly params: ReadonlyMap<string, Conform>;
}

/** The checks of all types that nodes have. */
export function checksOf(nodes: Iterable<PlacedNode>, before: Conformed | undefined): Checks {
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
export interface CheckedNode {
  readonly node: PlacedNode;
  readonly inputs: NodeInputs;
  readonly settings: CompiledSettings;
  readonly params: GraphNode["params"] | undefined;
  /** What its items have. */
  readonly attributes: KnownAttributes;
  /** What those below it inherit. */
  readonly handed: KnownAttributes;
  /** Where it closes a loop: what those below its result inherit. */
  readonly result: KnownAttributes | undefined;
  /** The loop that those below it lie in. */
  readonly loop: LoopScope | undefined;
  readonly flags: NodeFlags;
  /** Attributes that nodes below may not write. */
  readonly readOnly: ReadonlySet<string>;
}

/** Checks a node below those that are done. */
export function checkNode(
  node: PlacedNode,
  inputs: NodeInputs,
  done: ReadonlyMap<string, CheckedNode>,
  { checks, roots, report }: NodeContext,
): CheckedNode {
  const sources = [...inputs.values()].flat().map((source) => done.get(source.node));
  // What a graph takes from outside is unknown where it is checked by itself.
  const fromOutside = sources.length === 0 && node.space.outer === undefined && node.space.inputs.size > 0;
  const handedBy = (all: readonly NamedSource[]) => union(all.map((source) => handedOn(source, done)));
  const inherited = fromOutside ? UNKNOWN : handedBy([...inputs.values()].flat());
  const withName = new Map(node.space.variables).set("OS", node.name);
  // Of several inputs, each one's attributes are under its name, too.
  const byName = [...inputs.keys()].map((name) => [name, "dict"] as const);
  const named: KnownAttributes["attributes"] = new Map(inputs.size > 1 ? byName : []);
  const scopeOf = ({ attributes, open }: KnownAttributes): Scope => {
    return { attributes: new Map([...named, ...attributes]), open, variables: withName };
  };
  const { type } = node;
  const conform = type && checks.params.get(type.name);
  if (type === undefined || conform === undefined) {
    const settings = compileSettings(node, scopeOf(UNKNOWN), checks.settings, report);
    return { node, inputs, settings, params: undefined, ...NOTHING_KNOWN };
  }
  const params = compileParams(node, {
    type,
    scope: scopeOf(inherited),
    conform,
    homeOf: (span) => homeOf(node, span, roots),
    report,
  });
  requireDeclarations(type, params);
  const written = writtenAttributes(type, params);
  // What a cook writes is not there yet when an item is scheduled and labelled; what generation writes is.
  const generated = type.definition.generate ?? type.definition.partition;
  const left = kept(inherited, type, params);
  const settingsScope = scopeOf(generated === undefined ? inherited : over(left, written));
  const settings = compileSettings(node, settingsScope, checks.settings, report);
  if (params !== undefined && !settings.bypass && !fromOutside) {
    const byInput = new Map([...inputs].map(([input, all]) => [input, handedBy(all)]));
    if (sources.length > 0) requireNamed(node, type, params, byInput, report);
    else requireFiles(node, type, params, report);
  }
  const attributes = settings.bypass ? inherited : over(left, written);
  const above = sources.map((source) => ({ ...(source?.flags ?? NO_FLAGS), readOnly: source?.readOnly ?? new Set() }));
  const { flags, protects } = flagsOf(type, settings.bypass ? undefined : params, above);
  requireWritable(node, written, flags, report);
  const handed = without(attributes, flags.noCopy);
  const readOnly = new Set([...flags.readOnly, ...protects]);
  const around = innermost(sources.map((source) => source?.loop));
  const opens = !settings.bypass && type.definition.loops !== undefined;
  const closes = !settings.bypass && type.definition.again !== undefined;
  const result = closes && around !== undefined ? afterLoop(handed, around) : undefined;
  const loop = opens ? { before: inherited, outer: around } : closes ? around?.outer : around;
  return { node, inputs, settings, params, attributes, handed, result, loop, flags, readOnly };
}

/** Throws a NodeError where the type cannot say what it declares: a cook would meet it where no item is to blame. */
function requireDeclarations({ definition }: RegisteredNodeType, params: CompiledParams | undefined): void {
  const { attributes, environment, together } = definition;
  for (const declared of [attributes?.reads, attributes?.needs, attributes?.removes, environment, together])
    declaredFor<unknown>(declared, params);
}

const NOTHING_KNOWN = {
  attributes: UNKNOWN,
  handed: UNKNOWN,
  result: undefined,
  loop: undefined,
  flags: NO_FLAGS,
  readOnly: new Set<string>(),
};

/** What items below an output inherit. */
function handedOn({ node, output }: NamedSource, done: ReadonlyMap<string, CheckedNode>): KnownAttributes {
  const from = done.get(node);
  const [first] = Object.keys(from?.node.type?.definition.outputs ?? {});
  return (output === first ? from?.result : undefined) ?? from?.handed ?? UNKNOWN;
}

/** Reports that nothing is upstream whose files the node could take. */
function requireFiles(node: PlacedNode, type: RegisteredNodeType, { known }: CompiledParams, report: Report): void {
  const param = upstreamParam(type.definition.params, known);
  if (param === undefined) return;
  report.error(node.key, `Node "${node.name}" needs parameter "${param}", or an input whose items have the files.`);
}

/** Reports attributes that the node writes though a node above protects them, or the engine gives them. */
function requireWritable(node: PlacedNode, written: KnownAttributes, { readOnly }: NodeFlags, report: Report): void {
  for (const name of written.attributes.keys()) {
    if (ITEM_ATTRIBUTES.has(name))
      report.error(
        node.key,
        `Node "${node.name}" writes the attribute "${name}", which the engine gives: choose another name.`,
      );
    if (readOnly.has(name)) {
      const message = `Node "${node.name}" writes the attribute "${name}", which a node above it made read-only.`;
      report.error(placeOf(node.key), message);
    }
  }
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
export function linked(nodes: readonly CheckedNode[]): ReadonlyMap<string, GraphNode> {
  const graph = new Map<string, GraphNode>();
  const consumers = new Map(nodes.map(({ node }) => [node.name, [] as GraphNode[]]));
  for (const { node, inputs, settings, params, attributes, flags } of nodes) {
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
      flags,
      place: placeOf(node.key),
    };
    for (const source of new Set(sources.flatMap(([, all]) => all.map((each) => each.node))))
      consumers.get(source.name)!.push(own);
    graph.set(node.name, own);
  }
  return graph;
}
