/**
 * A node during one cook: its items so far, and whether they can be known before items above are cooked. Makes none itself.
 */
import type { GraphNode } from "../graph/graph.js";
import type { NodeDefinition } from "../nodetype/define.js";
import type { WorkItem } from "../workitem/item.js";

const BYPASSED: NodeDefinition = { description: "Bypassed.", version: 1, params: {} };

/** A node during one cook: its items so far. */
export class NodeRun {
  readonly node: GraphNode;
  readonly sources: readonly (readonly NodeRun[])[];
  readonly items: WorkItem[] = [];
  /** No more items will come. */
  complete = false;
  /** Why generation failed; then there are no more items. */
  failure: string | undefined;
  /** What to take next: an upstream item, counted over the merged sources of the only input; or a combination of them. */
  cursor = 0;
  /** Items that are not done. */
  undone = 0;
  readonly occurrences = new Map<string, number>();
  readonly waitsForCooks: boolean;

  constructor(node: GraphNode, sources: readonly (readonly NodeRun[])[]) {
    this.node = node;
    this.sources = node.bypass ? sources.slice(0, 1) : sources;
    this.waitsForCooks = waitsForCooks(node, sources);
  }

  /** The node type's; a bypassed node passes the items of its first input on. */
  get definition(): NodeDefinition {
    return this.node.bypass ? BYPASSED : this.node.type.definition;
  }

  /** Partitions, inputs that meet, and types that say so take all upstream items at once. */
  get together(): boolean {
    const { partition, meet, together } = this.definition;
    return partition !== undefined || this.sources.length > 1 || meet === "all" || together === true;
  }
}

/** Whether the node's items can be known only when upstream items are cooked: what they are made from is written then. */
function waitsForCooks(node: GraphNode, sources: readonly (readonly NodeRun[])[]): boolean {
  if (node.generateWhen === "all_upstream_generated") return false;
  if (node.generateWhen !== "automatic") return true;
  const { generate, partition: groups, attributes } = node.type.definition;
  if (generate === undefined && groups === undefined) return false;
  const declared = resolved<readonly string[]>(attributes?.reads ?? [], node);
  const read = declared && new Set([...node.params.reads.attributes, ...declared]);
  if (read?.has("pdg_state")) return true;
  return read?.size !== 0 && sources.flat().some((source) => cooksWrite(source, read));
}

/** Whether a cook at or above a node writes one of these names; `undefined`: any name counts. */
function cooksWrite(run: NodeRun, names: ReadonlySet<string> | undefined): boolean {
  const { cook, attributes } = run.definition;
  const written = resolved<Readonly<Record<string, unknown>> | "any">(attributes?.writes ?? {}, run.node) ?? "any";
  const counts = (name: string): boolean => names === undefined || names.has(name);
  if (cook !== undefined && (written === "any" || Object.keys(written).some(counts))) return true;
  return run.sources.flat().some((source) => cooksWrite(source, names));
}

/** A declaration that may depend on the parameters; undefined where those vary by item, so that it is not known. */
function resolved<T>(declared: T | ((params: never) => T), node: GraphNode): T | undefined {
  if (typeof declared !== "function") return declared;
  const params = node.params.constant;
  return params === null ? undefined : (declared as (params: unknown) => T)(params);
}
