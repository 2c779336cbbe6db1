/** A cook that cooks nothing: what plan, items and why look at. */
import type { Store } from "../cache/store.js";
import { type CookReport, type Outlook, RefusedError } from "../cook/request.js";
import { Session } from "../cook/session.js";
import type { CookEvent } from "../event/event.js";
import { CommandError } from "./fail.js";
import { checkNode, type GraphOptions, type OpenedGraph, openGraph, openStoreAt } from "./open.js";
import { machineSlots, type SlotOptions } from "./slots.js";

export interface DryOptions extends GraphOptions, SlotOptions {
  readonly node?: readonly string[];
  readonly force?: readonly string[];
}

export interface DryCook extends OpenedGraph {
  readonly report: CookReport;
}

/**
 * Generates, fingerprints and looks up, and then stops. Warnings and failures of nodes are shown. `look` is called when all
 * is known that can be, while the store is open.
 */
export async function dryCook(
  file: string,
  options: DryOptions,
  look: (outlook: Outlook, store: Store, opened: OpenedGraph) => void = () => {},
): Promise<DryCook> {
  const opened = await openGraph(file, options);
  for (const name of [...(options.node ?? []), ...(options.force ?? [])]) checkNode(name, opened.graph.nodes);
  const store = await openStoreAt(opened.store, true);
  const session = new Session({ store, slots: machineSlots(options), sink: show });
  try {
    const nodes = options.node === undefined ? undefined : new Set(options.node);
    const begins = (outlook: Outlook): void => look(outlook, store, opened);
    const request = { dry: true, force: new Set(options.force ?? []), nodes, begins, maxItems: options.maxItems };
    return { ...opened, report: await session.cook(opened.graph, opened.project, request) };
  } catch (error) {
    throw error instanceof RefusedError ? new CommandError(error.message, 2) : error;
  } finally {
    await session.close();
    await store.close();
  }
}

function show(event: CookEvent): void {
  if (event.type === "warning") process.stderr.write(`Warning: ${event.node}: ${event.message}\n`);
  if (event.type === "node_failed") process.stderr.write(`Failed: node "${event.node}": ${event.message}\n`);
  if (event.type === "item_failed") process.stderr.write(`Failed: ${event.item.name}: ${event.failure.message}\n`);
}
