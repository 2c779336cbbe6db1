/** Whether a node's items can be known before the items above it are cooked. Knows declarations, no items. */

import { declaredFor, type GraphNode } from "../graph/graph.js";
import type { WorkAbove } from "./work-above.js";

/** A node, and the work at and above what feeds it. */
interface Fed {
  readonly node: GraphNode;
  readonly sources: readonly (readonly { readonly run: { readonly work: WorkAbove } }[])[];
}

/** Whether what the items are made from is written by cooks above. */
export function waitsForCooks({ node, sources }: Fed): boolean {
  if (node.generateWhen === "all_upstream_generated") return false;
  if (node.generateWhen !== "automatic") return true;
  const { generate, partition, loops, discover, attributes } = node.type.definition;
  // What it looks at may be what a cook above puts there.
  const above = sources.flat().map(({ run }) => run.work);
  if (discover !== undefined && above.some(({ any }) => any)) return true;
  if (generate === undefined && partition === undefined && loops === undefined) return false;
  const declared = declaredFor<readonly string[]>(attributes?.reads ?? [], node.params);
  const read = declared && new Set([...node.params.reads.attributes, ...declared]);
  if (read?.has("pdg_state")) return true;
  // All attributes of an input are read by its name.
  const readsInput = node.inputs.size > 1 && [...node.inputs.keys()].some((name) => read?.has(name));
  if (readsInput && above.some(({ any }) => any)) return true;
  if (read?.has("pdg_output") && above.some(({ any }) => any)) return true;
  return read?.size !== 0 && above.some((work) => work.writes(read));
}

/** Whether anything of a node reads an attribute: its parameters, its settings, its cook. */
export function readsName({ type, params, scheduleWhen, label, priority }: GraphNode, name: string): boolean {
  const texts = [scheduleWhen, label, priority].filter((text) => typeof text === "object" && text !== null);
  if ([params, ...texts].some(({ reads }) => reads.attributes.has(name))) return true;
  const { attributes } = type.definition;
  return declaredFor<readonly string[]>(attributes?.reads ?? [], params)?.includes(name) === true;
}
