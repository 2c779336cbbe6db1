/**
 * Cooks again whenever what a graph comes from changes: its file, node code, and the folders and files that discovery looked
 * at. What runs goes on where its result is still wanted. Knows files and cooks, nothing of terminals.
 */
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Clock } from "../base/clock.js";
import type { Cook } from "../cook/cook.js";
import type { ListQuery, Looked } from "../cook/listing.js";
import type { Graph } from "../graph/graph.js";
import { CodeReader } from "../nodetype/code.js";
import { Changes } from "./changes.js";
import { WatchedFiles } from "./files.js";

export interface WatchDoors {
  readonly clock: Clock;
  /** Opens the graph anew. Undefined where it is broken (the problems were shown): the last good one stays. */
  open(): Promise<Graph | undefined>;
  /** Cooks; `looked` is told what the items come from, `started` gets the cook. */
  cook(graph: Graph, doors: CookListeners): Promise<unknown>;
  /** Whether a path is of the store, or an output that a cook has put there. */
  isOurs(path: string): boolean;
  /** Node code has changed. */
  renew(): void;
  changed(paths: readonly string[]): void;
  /** Nothing is left to do until something changes. */
  waiting(): void;
  /** Something cannot be watched. */
  failed(error: Error): void;
}

export interface CookListeners {
  readonly started: (cook: Cook) => void;
  readonly looked: Looked;
}

/** Sources lie in folders: a file that an edit now imports may come later. */
const SOURCES: ListQuery = { directory: "", glob: "*.{ts,mts,js,mjs,json}", recursive: false };

/** Watches until `stopped` resolves. `graph` is the file as opened first. */
export async function watch(graph: Graph, file: string, doors: WatchDoors, stopped: Promise<undefined>): Promise<void> {
  const changes = new Changes(doors.clock);
  const files = new WatchedFiles({ ...doors, changed: (path) => changes.note(path) });
  let present = graph;
  try {
    for (;;) {
      files.turn();
      const inPlace = modulesOf(present);
      await Promise.all([resolve(file), ...present.files, ...inPlace].map((path) => files.add(path)));
      await watchSources(present, files);
      let cook: Cook | undefined;
      const cooking = doors.cook(present, {
        started: (begun) => {
          cook = begun;
        },
        looked: (path, listed) => files.add(path, listed),
      });
      const first = await Promise.race([changes.next(), stopped, cooking.then(() => "done" as const)]);
      if (first === "done") {
        files.leaveOthers();
        doors.waiting();
      }
      const outcome = first === "done" ? await Promise.race([changes.next(), stopped]) : first;
      if (outcome === undefined) {
        await cooking;
        return;
      }
      doors.changed(outcome);
      cook?.leave();
      await cooking;
      // What comes from sources is another module by now, and reaches the workers as such.
      if (outcome.some((path) => inPlace.has(path))) doors.renew();
      present = (await doors.open()) ?? present;
    }
  } finally {
    changes.close();
    files.close();
  }
}

/** Modules that are imported where they are. */
function modulesOf(graph: Graph): ReadonlySet<string> {
  const reader = new CodeReader();
  const types = [...graph.nodes.values()].map(({ type }) => type).filter(({ sources }) => sources === undefined);
  return new Set(types.flatMap(({ module }) => reader.codeOf(module).modules).map((url) => fileURLToPath(url)));
}

async function watchSources(graph: Graph, files: WatchedFiles): Promise<void> {
  const sources = [...new Set([...graph.nodes.values()].flatMap(({ type }) => type.sources ?? []))];
  const folders = [...new Set(sources.map((file) => dirname(file)))];
  await Promise.all([
    ...sources.map((file) => files.add(file)),
    ...folders.map((folder) => files.add(folder, SOURCES)),
  ]);
}
