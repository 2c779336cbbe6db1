/** `dag cook GRAPH`: cooks, shows how it goes, and answers with an exit code. */

import { relative } from "node:path";
import { realClock } from "../../base/clock.js";
import { realFiles } from "../../base/files.js";
import { openDoor } from "../../cache/door.js";
import { thisHost } from "../../cache/lock.js";
import type { Cook } from "../../cook/cook.js";
import type { CookRequest } from "../../cook/request.js";
import { NoRoomError } from "../../cook/room.js";
import { Session } from "../../cook/session.js";
import { nodeOfItem, UnknownItemError } from "../../cook/wanted.js";
import { createReporter, type Progress } from "../../report/reporter.js";
import type { WatchDoors } from "../../watch/watch.js";
import { CommandError } from "../fail.js";
import { checkNode, type GraphOptions, type OpenedGraph, openGraph, openStoreAt } from "../open.js";
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
  const opened = await openGraph(file, options);
  for (const name of [...(options.node ?? []), ...(options.force ?? [])]) checkNode(name, opened.graph.nodes);
  const { item } = options;
  if (item !== undefined && !opened.graph.nodes.has(nodeOfItem(item))) {
    throw new CommandError(new UnknownItemError(item).message, 2);
  }
  const store = await openStoreAt(opened.store, false);
  const reporter = await createReporter(options.progress, process.stderr, process.env);
  const session = new Session({
    store,
    slots: machineSlots(options),
    memory: workerMemory(options),
    room: options.diskCheck,
    sink: reporter.sink,
  });
  const stop = new StopOnSignals();
  const { graph, project } = opened;
  const door = { folder: store.folder, files: realFiles, host: thisHost() };
  const closeDoor = openDoor(door, realClock, (asked) => answerWish(asked, stop.cook, relative(project, graph.file)));
  try {
    if (options.watch === true) return await watchCommand(file, options, { ...opened, session, stop });
    const { exit } = await session.cook(graph, project, requestOf(options), stop);
    return exit;
  } catch (error) {
    if (error instanceof NoRoomError) throw new CommandError(error.message, 3);
    throw error instanceof UnknownItemError ? new CommandError(error.message, 2) : error;
  } finally {
    closeDoor();
    await session.close();
    reporter.end();
    await store.close();
  }
}

/** Cooks whenever something changes, until it is stopped. */
async function watchCommand(
  file: string,
  options: CookOptions,
  { graph, project, session, stop }: OpenedGraph & { readonly session: Session; readonly stop: StopOnSignals },
): Promise<number> {
  const { watch } = await import("../../watch/watch.js");
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const doors: WatchDoors = {
    cook: (present, { started, looked }) => {
      const begun = (cook: Cook): void => {
        stop.started(cook);
        started(cook);
      };
      return session.cook(present, project, requestOf(options), { started: begun, looked }).catch((error: unknown) => {
        if (!(error instanceof NoRoomError)) throw error;
        say(error.message);
      });
    },
    open: () =>
      openGraph(file, options).then(
        (anew) => anew.graph,
        (error: unknown) => {
          if (!(error instanceof CommandError)) throw error;
          say(`${error.message} The last good graph stays.`);
          return undefined;
        },
      ),
    renew: () => session.renew(),
    changed: (paths) => say(`Changed: ${listed(paths.map((path) => relative(process.cwd(), path)))}`),
    waiting: () => say("Waiting for changes; Ctrl-C ends."),
  };
  await watch(graph, file, doors, stop.requested);
  return 130;
}

function listed(names: readonly string[]): string {
  return names.length > 5 ? `${names.slice(0, 5).join(", ")} and ${names.length - 5} more` : names.join(", ");
}

function requestOf(options: CookOptions): Omit<CookRequest, "run"> {
  const chosen = options.item === undefined ? options.node : [nodeOfItem(options.item)];
  const nodes = chosen === undefined ? undefined : new Set(chosen);
  return { dry: false, force: new Set(options.force ?? []), nodes, item: options.item };
}

/** Ctrl-C once: no new items, running ones may save and stop. Twice: at once. */
class StopOnSignals {
  /** Resolves at the first signal. */
  readonly requested: Promise<undefined>;
  /** The cook that signals are for. */
  cook: Cook | undefined;
  #count = 0;

  constructor() {
    this.requested = new Promise((resolve) => {
      const stop = (): void => {
        this.#count += 1;
        if (this.#count === 1) {
          process.stderr.write("\nStopping: running items may save. Once more ends them at once.\n");
        }
        this.cook?.stop(this.#count === 1 ? "save" : "now");
        resolve(undefined);
      };
      process.on("SIGINT", stop);
      process.on("SIGTERM", stop);
    });
  }

  readonly started = (cook: Cook): void => {
    this.cook = cook;
  };
}
