/** `dag verify GRAPH`: cooks a sample of what the store has again, and says what comes out differently. */

import { type CachedItem, repeat } from "../../cook/repeat.js";
import { Session } from "../../cook/session.js";
import { requireNode } from "../../engine/open.js";
import { machineSlots, type SlotOptions } from "../../engine/slots.js";
import { type Flags, graphOf, storeAt } from "../open.js";
import { print } from "../print.js";

export interface VerifyOptions extends Flags, SlotOptions {
  readonly node?: readonly string[];
  /** Items of each node that are cooked again. */
  readonly sample: number;
}

export async function verifyCommand(file: string, options: VerifyOptions): Promise<number> {
  const opened = await graphOf(file, options);
  for (const name of options.node ?? []) requireNode(name, opened.graph.nodes);
  const slots = machineSlots(options);
  const store = await storeAt(opened.store, true);
  const session = new Session({ store, slots, sink: () => {} });
  try {
    const hits: CachedItem[] = [];
    const nodes = options.node === undefined ? undefined : new Set(options.node);
    const found = (hit: CachedItem): void => void hits.push(hit);
    const request = { dry: true, force: new Set<string>(), nodes, found, maxItems: options.maxItems };
    await session.cook(opened.graph, opened.project, request);
    const sample = sampleOf(hits, options.sample).filter(({ prepared }) => nodes?.has(prepared.item.node) ?? true);
    const deps = session.taskDeps(opened.graph);
    const ends = await Promise.all(sample.map(async (hit) => ({ hit, differs: await repeat(hit, deps) })));
    const wrong = ends.filter(({ differs }) => differs.length > 0);
    for (const { hit, differs } of wrong) {
      const { name, label } = hit.prepared.item;
      print(`${name}${label === undefined || label === name ? "" : ` (${label})`}: ${differs.join("; ")}\n`);
    }
    const same = ends.length - wrong.length;
    print(`${ends.length} of ${hits.length} items were cooked again: ${same} as before, ${wrong.length} otherwise.\n`);
    return wrong.length === 0 ? 0 : 1;
  } finally {
    await session.close();
    await store.close();
  }
}

/** Some of each node, by their keys: the same ones each time, and none preferred. */
function sampleOf(hits: readonly CachedItem[], count: number): CachedItem[] {
  const taken = new Map<string, number>();
  const sorted = [...hits].sort((a, b) => (a.prepared.item.key < b.prepared.item.key ? -1 : 1));
  return sorted.filter(({ prepared: { item } }) => {
    const number = taken.get(item.node) ?? 0;
    taken.set(item.node, number + 1);
    return number < count;
  });
}
