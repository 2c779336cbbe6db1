/** A cook that cooks nothing: what plan, items and why look at. */
import { relative } from "node:path";
import { digestOf } from "../base/hash.js";
import type { CookPlan, CookReport } from "../cook/request.js";
import { Session } from "../cook/session.js";
import { nodeOfItem } from "../cook/wanted.js";
import type { EventSink } from "../event/event.js";
import type { Store } from "../store/store.js";
import type { WorkItem } from "../workitem/item.js";
import { failedItems } from "./failed.js";
import { type GraphOptions, type OpenedGraph, openGraph, openStoreAt, requireNode } from "./open.js";
import { machineSlots, type SlotOptions } from "./slots.js";

export interface DryOptions extends GraphOptions, SlotOptions {
  readonly node?: readonly string[];
  readonly force?: readonly string[];
  /** Nothing is found out of other items than this one (its name, or `node:index`; a node for its only item) and those that it needs. */
  readonly item?: string;
  /** Nobody looks at single items: those of parts of the graph that stand as the last cook left them are left out. */
  readonly findUnchanged?: boolean;
}

export interface DryCook extends OpenedGraph {
  readonly report: CookReport;
  /** Items that were made dirty, of those that wait for others. */
  readonly dirty: ReadonlySet<WorkItem>;
  /** Names of items that failed when they were last cooked. */
  readonly failed: ReadonlySet<string>;
}

/**
 * Generates, fingerprints and looks up, and then stops. `sink` hears what happens. `look` is called when all
 * is known that can be, while the store is open.
 */
export async function dryCook(
  file: string,
  options: DryOptions,
  sink: EventSink,
  look: (plan: CookPlan, store: Store, opened: OpenedGraph) => void = () => {},
): Promise<DryCook> {
  const opened = await openGraph(file, options, { notify: sink });
  for (const name of [...(options.node ?? []), ...(options.force ?? [])]) requireNode(name, opened.graph.nodes);
  const slots = machineSlots(options);
  const store = await openStoreAt(opened.store, true, { notify: sink });
  const session = new Session({ store, slots, sink });
  try {
    const item = options.item === undefined ? undefined : itemNamed(options.item, opened.graph.nodes);
    const chosen = item === undefined ? options.node : [nodeOfItem(item)];
    const nodes = chosen && new Set(chosen);
    let dirty: ReadonlySet<WorkItem> = new Set();
    const begins = (plan: CookPlan): void => {
      dirty = dirtyOf(plan, store);
      look(plan, store, opened);
    };
    const request = {
      dry: true,
      force: new Set(options.force ?? []),
      nodes,
      item,
      begins,
      findUnchanged: options.findUnchanged,
      maxItems: options.maxItems,
    };
    const report = await session.cook(opened.graph, opened.project, request);
    const failed = failedItems(store, relative(opened.project, opened.graph.file));
    return { ...opened, report, dirty, failed };
  } finally {
    await session.close();
    await store.close();
  }
}

/** The item that is asked for, as a cook takes it; undefined where its node cannot be told from the name. */
function itemNamed(asked: string, nodes: ReadonlyMap<string, unknown>): string | undefined {
  if (nodes.has(asked)) return `${asked}:0`;
  return nodes.has(nodeOfItem(asked)) ? asked : undefined;
}

function dirtyOf({ runs, wants }: CookPlan, store: Store): ReadonlySet<WorkItem> {
  const waits = (item: WorkItem): boolean =>
    item.hasWork && !item.notScheduled && item.state === "waiting" && wants(item);
  const waiting = [...runs.values()].flatMap(({ items }) => items.filter(waits));
  // Their fingerprints are not known yet.
  const known = store.results.lookup(waiting.map((item) => ({ item: item.id, fingerprint: digestOf("none") })));
  return new Set(waiting.filter((_, place) => known[place]?.dirty));
}
