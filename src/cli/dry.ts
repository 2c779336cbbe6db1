/** A cook that cooks nothing: what plan, items and why look at. */
import type { CookReport } from "../cook/request.js";
import { Session } from "../cook/session.js";
import type { CookEvent } from "../event/event.js";
import { checkNode, type GraphOptions, type OpenedGraph, openGraph, openStoreAt } from "./open.js";
import { machineSlots } from "./slots.js";

export interface DryOptions extends GraphOptions {
  readonly node?: readonly string[];
  readonly force?: readonly string[];
}

export interface DryCook extends OpenedGraph {
  readonly report: CookReport;
  /** Seconds of past cooks of a node type, newest first. */
  history(type: string): readonly number[];
}

/** Generates, fingerprints and looks up, and then stops. Warnings and failures of nodes are shown. */
export async function dryCook(file: string, options: DryOptions): Promise<DryCook> {
  const opened = await openGraph(file, options);
  for (const name of [...(options.node ?? []), ...(options.force ?? [])]) checkNode(name, opened.graph.nodes);
  const store = await openStoreAt(opened.store, true);
  const session = new Session({ store, slots: machineSlots({}), sink: show });
  try {
    const nodes = options.node === undefined ? undefined : new Set(options.node);
    const request = { dry: true, force: new Set(options.force ?? []), nodes };
    const report = await session.cook(opened.graph, opened.project, request);
    const types = new Set([...opened.graph.nodes.values()].map((node) => node.type.name));
    const history = new Map([...types].map((type) => [type, store.history(type, 100)]));
    return { ...opened, report, history: (type) => history.get(type) ?? [] };
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
