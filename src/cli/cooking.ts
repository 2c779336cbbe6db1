/**
 * A cook of a graph file from its opening to its store's end: what the command and the door for programs share. Tells what
 * happens to whoever asks, and shows nothing.
 */
import { relative } from "node:path";
import { realClock } from "../base/clock.js";
import { realFiles } from "../base/files.js";
import { openDoor } from "../cache/door.js";
import { thisHost } from "../cache/lock.js";
import type { Store } from "../cache/store.js";
import type { Cook } from "../cook/cook.js";
import { type CookRequest, RefusedError } from "../cook/request.js";
import { NoRoomError } from "../cook/room.js";
import { Session } from "../cook/session.js";
import { nodeOfItem, UnknownItemError } from "../cook/wanted.js";
import type { EventSink } from "../event/event.js";
import { answerWish } from "./commands/stop.js";
import { CommandError } from "./fail.js";
import { FailedItems } from "./failed.js";
import { checkNode, type GraphOptions, type OpenedGraph, openGraph, openStoreAt } from "./open.js";
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
  /** Called with each cook as it begins: `dag stop` asks it. */
  readonly started: (cook: Cook) => void;
}

/** Rejects with a CommandError where the graph, the store or the machine do not let it be cooked. */
export async function withCooking<T>(
  file: string,
  options: CookingOptions,
  sink: EventSink,
  work: (cooking: Cooking) => Promise<T>,
): Promise<T> {
  const opened = await openGraph(file, options, { tell: sink });
  checkNames(options, opened);
  const slots = machineSlots(options);
  const store = await openStoreAt(opened.store, false, { tell: sink });
  try {
    const name = relative(opened.project, opened.graph.file);
    const failed = new FailedItems(store, name);
    const hear: EventSink = (event) => {
      failed.hear(event);
      sink(event);
    };
    const session = new Session({ store, slots, memory: workerMemory(options), room: options.diskCheck, sink: hear });
    const door = { folder: store.folder, files: realFiles, host: thisHost() };
    let current: Cook | undefined;
    const closeDoor = openDoor(door, realClock, (asked) => answerWish(asked, current, name));
    const started = (cook: Cook): void => {
      current = cook;
    };
    try {
      return await work({ opened, store, session, request: requestOf(options), started });
    } finally {
      closeDoor();
      await session.close();
      failed.remember();
    }
  } catch (error) {
    if (error instanceof NoRoomError) throw new CommandError(error.message, 3);
    throw error instanceof RefusedError ? new CommandError(error.message, 2) : error;
  } finally {
    await store.close();
  }
}

function checkNames({ node = [], force = [], item }: CookingOptions, { graph: { nodes } }: OpenedGraph): void {
  for (const name of [...node, ...force]) checkNode(name, nodes);
  if (item === undefined) return;
  if (nodes.has(item)) {
    throw new CommandError(`"${item}" is a node: --node ${item} cooks it, --item ${item}:0 its first item.`, 2);
  }
  if (!nodes.has(nodeOfItem(item))) throw new CommandError(new UnknownItemError(item).message, 2);
}

function requestOf({ node, item, force = [], maxItems }: CookingOptions): Omit<CookRequest, "run"> {
  const chosen = item === undefined ? node : [nodeOfItem(item)];
  return { dry: false, force: new Set(force), nodes: chosen && new Set(chosen), item, maxItems };
}
