/** `dag cook GRAPH`: cooks, shows how it goes, and answers with an exit code. */

import { relative } from "node:path";
import { realClock } from "../../base/clock.js";
import { realFiles } from "../../base/files.js";
import { digestOf } from "../../base/hash.js";
import { openDoor } from "../../cache/door.js";
import { thisHost } from "../../cache/lock.js";
import type { Store } from "../../cache/store.js";
import type { Cook } from "../../cook/cook.js";
import { type CookRequest, RefusedError } from "../../cook/request.js";
import { NoRoomError } from "../../cook/room.js";
import { Session } from "../../cook/session.js";
import { nodeOfItem, UnknownItemError } from "../../cook/wanted.js";
import type { EventSink } from "../../event/event.js";
import type { Graph } from "../../graph/graph.js";
import { reachOf } from "../../graph/reach.js";
import { createReporter, type Progress } from "../../report/reporter.js";
import { CommandError } from "../fail.js";
import { checkNode, type GraphOptions, openGraph, openStoreAt, type Tell } from "../open.js";
import { machineSlots, type SlotOptions, workerMemory } from "../slots.js";
import { printPlan } from "./plan.js";
import { answerWish } from "./stop.js";

export interface CookOptions extends GraphOptions, SlotOptions {
  readonly node?: readonly string[];
  readonly item?: string;
  readonly force?: readonly string[];
  readonly watch?: boolean;
  readonly dryRun?: boolean;
  /** False: cooks whatever room the disks have. */
  readonly diskCheck: boolean;
  readonly progress: Progress;
}

export async function cookCommand(file: string, options: CookOptions): Promise<number> {
  if (options.dryRun === true) return printPlan(file, options);
  const reporter = await createReporter(options.progress, process.stderr, process.env, { watching: options.watch });
  try {
    return await cook(file, options, reporter.sink);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    reporter.sink({ type: "notice", severity: "error", message: error.message });
    return error.exit;
  } finally {
    reporter.end();
  }
}

async function cook(file: string, options: CookOptions, tell: EventSink): Promise<number> {
  const opened = await openGraph(file, options, { tell });
  for (const name of [...(options.node ?? []), ...(options.force ?? [])]) checkNode(name, opened.graph.nodes);
  const { item } = options;
  if (item !== undefined && opened.graph.nodes.has(item)) {
    throw new CommandError(`"${item}" is a node: --node ${item} cooks it, --item ${item}:0 its first item.`, 2);
  }
  if (item !== undefined && !opened.graph.nodes.has(nodeOfItem(item))) {
    throw new CommandError(new UnknownItemError(item).message, 2);
  }
  const slots = machineSlots(options);
  const store = await openStoreAt(opened.store, false, { tell });
  const placed = new Set<string>();
  const sink: EventSink = (event) => {
    if (event.type === "output_placed") placed.add(event.path);
    tell(event);
  };
  if (options.progress !== "quiet") tellReach(opened.graph, store, tell);
  const session = new Session({ store, slots, memory: workerMemory(options), room: options.diskCheck, sink });
  const stop = new StopOnSignals(tell);
  const { graph, project } = opened;
  const door = { folder: store.folder, files: realFiles, host: thisHost() };
  const closeDoor = openDoor(door, realClock, (asked) => answerWish(asked, stop.cook, relative(project, graph.file)));
  try {
    const request = requestOf(options);
    if (options.watch === true) {
      const { watchCommand } = await import("./watch.js");
      return await watchCommand(file, { opened, options, request, session, sink, placed, stop });
    }
    const { exit } = await session.cook(graph, project, request, stop);
    return exit;
  } catch (error) {
    if (error instanceof NoRoomError) throw new CommandError(error.message, 3);
    throw error instanceof RefusedError ? new CommandError(error.message, 2) : error;
  } finally {
    closeDoor();
    await session.close();
    await store.close();
  }
}

/** Says once to a store what a graph runs and asks: whoever got it from others should know. */
function tellReach(graph: Graph, store: Store, tell: Tell): void {
  const lines = reachOf(graph, ["programs", "network"]);
  const key = digestOf(lines.join("\n"));
  if (lines.length === 0 || store.recall("reach", key) !== undefined) return;
  const message = `${lines.join(" ")} A graph of strangers is cooked with --untrusted (docs/security.md).`;
  tell({ type: "notice", severity: "info", message });
  store.remember("reach", key, "");
}

function requestOf(options: CookOptions): Omit<CookRequest, "run"> {
  const chosen = options.item === undefined ? options.node : [nodeOfItem(options.item)];
  const nodes = chosen === undefined ? undefined : new Set(chosen);
  return { dry: false, force: new Set(options.force ?? []), nodes, item: options.item, maxItems: options.maxItems };
}

const STOPPING = "Stopping: running items may save. Once more ends them at once.";

/** Ctrl-C, or a terminal that closes, once: no new items, running ones may save and stop. Twice: at once. */
class StopOnSignals {
  /** Resolves at the first signal. */
  readonly requested: Promise<undefined>;
  /** The cook that signals are for. */
  cook: Cook | undefined;
  #count = 0;

  constructor(tell: Tell) {
    this.requested = new Promise((resolve) => {
      const stop = (): void => {
        this.#count += 1;
        if (this.#count === 1) tell({ type: "notice", severity: "info", message: STOPPING });
        this.cook?.stop(this.#count === 1 ? "save" : "now");
        resolve(undefined);
      };
      for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);
    });
  }

  readonly started = (cook: Cook): void => {
    this.cook = cook;
  };
}
