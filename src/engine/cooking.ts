/**
 * A cook of a graph file from its opening to its store's end: what the command and the door for programs share. Tells what
 * happens to whoever asks, and shows nothing.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { problemIn, UserError } from "../base/error.js";
import { canonicalJson, type Digest, digestOf } from "../base/hash.js";
import type { Cook } from "../cook/cook.js";
import type { CookRequest } from "../cook/request.js";
import { Session } from "../cook/session.js";
import { nodeOfItem, UnknownItemError } from "../cook/wanted.js";
import { openForecast } from "../forecast/run-forecast.js";
import { NOTHING_GIVEN } from "../graph/given.js";
import { plain } from "../graph/located.js";
import { explain } from "../store/errors.js";
import type { Store } from "../store/store.js";
import { Control } from "./control.js";
import type { Events } from "./events.js";
import { FailedItems } from "./failed.js";
import { type GraphOptions, type NoticeSink, type OpenedGraph, openGraph, openStoreAt, requireNode } from "./open.js";
import { machineSlots, type SlotOptions, workerMemory } from "./slots.js";

export interface CookingOptions extends GraphOptions, SlotOptions {
  readonly node?: readonly string[];
  readonly item?: string;
  readonly force?: readonly string[];
  /** False: cooks whatever room the disks have. */
  readonly diskCheck: boolean;
}

/** What is open while a graph is cooked. */
export interface Cooking {
  readonly opened: OpenedGraph;
  readonly store: Store;
  readonly session: Session;
  readonly request: Omit<CookRequest, "run">;
  /** Called with each cook as it begins: what others ask of the engine is asked of it. */
  readonly started: (cook: Cook) => void;
  /** A watch gives how it is made to cook again. */
  readonly watches: (again: () => void) => void;
}

/** Rejects with a UserError where the graph, the store or the machine do not let it be cooked. */
export async function withCooking<T>(
  file: string,
  options: CookingOptions,
  events: Events,
  work: (cooking: Cooking) => Promise<T>,
): Promise<T> {
  const { sink } = events;
  const opened = await openGraph(file, options, { notify: sink });
  checkNames(options, opened);
  checkTemporaryFolder();
  const slots = machineSlots(options);
  const store = await openStoreAt(opened.store, false, { notify: sink });
  try {
    const graph = relative(opened.project, opened.graph.file);
    const failed = new FailedItems(store, graph);
    const leave = events.subscribe((event) => failed.receive(event));
    const session = new Session({
      store,
      slots,
      memory: workerMemory(options),
      openForecast: openForecast(options.diskCheck),
      sink,
    });
    const control = new Control({ store, graph, options: digestOfOptions(options), events });
    try {
      await openOrWarn(control, sink);
      const { started, watches } = control;
      return await work({ opened, store, session, request: requestOf(options), started, watches });
    } finally {
      await control.close();
      await session.close();
      leave();
      failed.remember();
    }
  } finally {
    await store.close();
  }
}

/** A cook goes on though nobody can ask anything of it: a sandbox may allow no sockets, or no folder for one. */
async function openOrWarn(control: Control, notify: NoticeSink): Promise<void> {
  try {
    await control.open();
  } catch (error) {
    const why = problemIn(error);
    const message = `Other commands cannot ask this cook anything while it runs (dag stop, a second dag cook): ${why}`;
    notify({ type: "notice", severity: "warning", message });
  }
}

/** Programs, workers and node types write there: without it every one of their items would fail for the same reason. */
function checkTemporaryFolder(): void {
  const folder = tmpdir();
  try {
    rmSync(mkdtempSync(join(folder, "dag-")), { recursive: true });
  } catch (error) {
    throw explain(`Cannot write temporary files to ${folder} (TMPDIR says where)`, error);
  }
}

function checkNames({ node = [], force = [], item }: CookingOptions, { graph: { nodes } }: OpenedGraph): void {
  for (const name of [...node, ...force]) requireNode(name, nodes);
  if (item === undefined) return;
  if (nodes.has(item)) {
    throw new UserError(`"${item}" is a node: --node ${item} cooks it, --item ${item}:0 its first item.`, 2);
  }
  if (!nodes.has(nodeOfItem(item))) throw new UnknownItemError(item);
}

function requestOf({ node, item, force = [], maxItems }: CookingOptions): Omit<CookRequest, "run"> {
  const chosen = item === undefined ? node : [nodeOfItem(item)];
  return { dry: false, force: new Set(force), nodes: chosen && new Set(chosen), item, maxItems };
}

/** Of all that decides what is cooked: two cooks of the same graph with the same digest are the same. */
export function digestOfOptions(options: CookingOptions): Digest {
  const { given = NOTHING_GIVEN, node = null, item = null, force = [], untrusted = false } = options;
  const { allow = [], allowWrite = [] } = options;
  const overrides = given.overrides.map(({ steps, value }) => [steps.map(({ name }) => name), plain(value)]);
  const wedges = given.wedges.map((wedge) => [wedge.node, wedge.path, wedge.values.map(({ value }) => value)]);
  return digestOf(canonicalJson([overrides, wedges, node, item, force, allow, allowWrite, untrusted]));
}
