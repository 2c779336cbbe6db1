/** Whether a node's items can be known before the items above it are cooked. Knows declarations, no items. */

import type { ValueType } from "../expression/value.js";
import { declaredFor, type GraphNode } from "../graph/graph.js";
import type { NodeDefinition } from "../nodetype/define.js";

/** The work at and above a run: shared by all runs that add none to it. */
export class UpstreamWork {
  /** Whether there is any. */
  readonly any: boolean;
  /** Names that its own cook writes; undefined: any name. */
  readonly #own: ReadonlySet<string> | undefined;
  readonly #upstream: readonly UpstreamWork[];
  /** Whether some cook may write any name. */
  readonly #open: boolean;
  /** Whether some cook writes a name at all. */
  readonly #some: boolean;
  /** By name: what was asked before. */
  readonly #asked = new Map<string, boolean>();

  private constructor(any: boolean, own: ReadonlySet<string> | undefined, upstream: readonly UpstreamWork[]) {
    this.any = any || upstream.some((each) => each.any);
    this.#own = own;
    this.#upstream = upstream;
    this.#open = own === undefined || upstream.some((each) => each.#open);
    this.#some = this.#open || own?.size !== 0 || upstream.some((each) => each.#some);
  }

  /** Of a node: its own work, with that of the runs that feed it. */
  static of(
    { cook, attributes }: NodeDefinition,
    { params }: GraphNode,
    sources: readonly UpstreamWork[],
  ): UpstreamWork {
    const upstream = [...new Set(sources)].filter(({ any }) => any);
    if (cook === undefined) return upstream.length === 1 ? upstream[0]! : new UpstreamWork(false, NOTHING, upstream);
    type Writes = Readonly<Record<string, ValueType>> | "any";
    const written = declaredFor<Writes>(attributes?.writes ?? {}, params) ?? "any";
    return new UpstreamWork(true, written === "any" ? undefined : new Set(Object.keys(written)), upstream);
  }

  /** Whether any of the cooks writes one of these names; undefined: any name counts. */
  writes(names: ReadonlySet<string> | undefined): boolean {
    if (this.#open || !this.#some) return this.#open;
    if (names === undefined) return true;
    return [...names].some((name) => this.#writesOne(name));
  }

  #writesOne(name: string): boolean {
    const known = this.#asked.get(name);
    if (known !== undefined) return known;
    const met = new Set<UpstreamWork>([this]);
    let found = false;
    for (const each of met) {
      found = each.#own?.has(name) === true || each.#asked.get(name) === true;
      if (found) break;
      if (each.#asked.get(name) === undefined)
        for (const upstream of each.#upstream) if (upstream.#some) met.add(upstream);
    }
    this.#asked.set(name, found);
    return found;
  }
}

const NOTHING: ReadonlySet<string> = new Set();

/** A node, and the work at and above what feeds it. */
interface FedItems {
  readonly node: GraphNode;
  readonly sources: readonly (readonly { readonly run: { readonly work: UpstreamWork } }[])[];
}

/** Whether what the items are made from is written by cooks above. */
export function waitsForCooks({ node, sources }: FedItems): boolean {
  if (node.generateWhen === "all_upstream_generated") return false;
  if (node.generateWhen !== "automatic") return true;
  const { generate, partition, loops, discover, attributes } = node.type.definition;
  // What it looks at may be what a cook above puts there.
  const upstream = sources.flat().map(({ run }) => run.work);
  if (discover !== undefined && upstream.some(({ any }) => any)) return true;
  if (generate === undefined && partition === undefined && loops === undefined) return false;
  const declared = declaredFor<readonly string[]>(attributes?.reads ?? [], node.params);
  const read = declared && new Set([...node.params.reads.attributes, ...declared]);
  if (read?.has("pdg_state")) return true;
  // All attributes of an input are read by its name.
  const readsInput = node.inputs.size > 1 && [...node.inputs.keys()].some((name) => read?.has(name));
  if (readsInput && upstream.some(({ any }) => any)) return true;
  if (read?.has("pdg_output") && upstream.some(({ any }) => any)) return true;
  return read?.size !== 0 && upstream.some((work) => work.writes(read));
}

/** Whether anything of a node reads an attribute: its parameters, its settings, its cook. */
export function readsName({ type, params, scheduleWhen, label, priority }: GraphNode, name: string): boolean {
  const texts = [scheduleWhen, label, priority].filter((text) => typeof text === "object" && text !== null);
  if ([params, ...texts].some(({ reads }) => reads.attributes.has(name))) return true;
  const { attributes } = type.definition;
  return declaredFor<readonly string[]>(attributes?.reads ?? [], params)?.includes(name) === true;
}
