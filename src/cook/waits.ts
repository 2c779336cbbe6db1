/** Whether a node's items can be known before the items above it are cooked. Knows declarations, no items. */

import type { ValueType } from "../expression/value.js";
import { declaredFor, type GraphNode } from "../graph/graph.js";
import type { NodeRun } from "./run.js";

/** Whether what the items are made from is written by cooks above. */
export function waitsForCooks({ node, sources }: Pick<NodeRun, "node" | "sources">): boolean {
  if (node.generateWhen === "all_upstream_generated") return false;
  if (node.generateWhen !== "automatic") return true;
  const { generate, partition, loops, discover, attributes } = node.type.definition;
  // What it looks at may be what a cook above puts there.
  if (discover !== undefined && sources.flat().some(({ run }) => cooksAbove(run))) return true;
  if (generate === undefined && partition === undefined && loops === undefined) return false;
  const declared = declaredFor<readonly string[]>(attributes?.reads ?? [], node.params);
  const read = declared && new Set([...node.params.reads.attributes, ...declared]);
  if (read?.has("pdg_state")) return true;
  if (read?.has("pdg_output") && sources.flat().some(({ run }) => cooksAbove(run))) return true;
  return read?.size !== 0 && sources.flat().some(({ run }) => run.writes(read));
}

/** Whether anything of a node reads an attribute: its parameters, its settings, its cook. */
export function readsName({ type, params, scheduleWhen, label, priority }: GraphNode, name: string): boolean {
  const texts = [scheduleWhen, label, priority].filter((text) => typeof text === "object" && text !== null);
  if ([params, ...texts].some(({ reads }) => reads.attributes.has(name))) return true;
  const { attributes } = type.definition;
  return declaredFor<readonly string[]>(attributes?.reads ?? [], params)?.includes(name) === true;
}

/** Whether there is any work at or above a node. */
function cooksAbove(run: NodeRun): boolean {
  return run.definition.cook !== undefined || run.sources.flat().some((source) => cooksAbove(source.run));
}

/** Whether a cook at or above a node writes one of these names; `undefined`: any name counts. */
export function cooksWrite(run: NodeRun, names: ReadonlySet<string> | undefined): boolean {
  const { cook, attributes } = run.definition;
  const written =
    declaredFor<Readonly<Record<string, ValueType>> | "any">(attributes?.writes ?? {}, run.node.params) ?? "any";
  const counts = (name: string): boolean => names === undefined || names.has(name);
  if (cook !== undefined && (written === "any" || Object.keys(written).some(counts))) return true;
  return run.sources.flat().some((source) => source.run.writes(names));
}
