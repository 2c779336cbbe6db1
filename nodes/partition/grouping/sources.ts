/** Items by the node that they come from. Knows no parameters. */
import type { UpstreamItem } from "dag-cook";

/** Nodes with the items that come from each, in the order of the input. */
export type Sources = readonly { readonly node: string; readonly items: readonly UpstreamItem[] }[];

/** Answers, for some items of an input, which node each comes from; nodes of which there is none are among them. */
export function sourcesOf(input: Sources | undefined): (items: readonly UpstreamItem[]) => Sources {
  const origins = (input ?? []).map(({ node, items }) => ({ node, all: new Set(items) }));
  return (items) => origins.map(({ node, all }) => ({ node, items: items.filter((item) => all.has(item)) }));
}
