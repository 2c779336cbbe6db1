/**
 * Cooks again whenever what a graph comes from changes: its file, node code, and the folders and files that discovery looked
 * at. What runs goes on where its result is still wanted. Knows files and cooks, nothing of terminals.
 */
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Clock } from "../base/clock.js";
import type { Cook } from "../cook/cook.js";
import type { ListQuery } from "../generate/listed.js";
import type { Looked } from "../generate/listing.js";
import type { Graph } from "../graph/graph.js";
import { CodeReader } from "../nodetype/code.js";
import { FileChanges } from "./changes.js";
import { WatchedFiles } from "./files.js";

/** A graph as it is now. */
export interface Reopening {
  /** Undefined where it is broken (the problems were shown): the last good one stays. */
  readonly graph: Graph | undefined;
  /** Of a broken one: files, whether they are there or not, and folders of node types, any of which may mend it. */
  readonly files: readonly string[];
  readonly folders: readonly string[];
}

export interface WatchDeps {
  readonly clock: Clock;
  /** Opens the graph anew. `again`: only because something may have changed before it was watched. */
  open(again: boolean): Promise<Reopening>;
  /** Cooks; `looked` is told what the items come from, `started` gets the cook. */
  cook(graph: Graph, deps: CookListeners): Promise<unknown>;
  /** Whether a path is of the store, or an output that a cook has put there. */
  isOurs(path: string): boolean;
  /** Node code has changed. */
  renew(): void;
  changed(paths: readonly string[]): void;
  /** Nothing is left to do until something changes. */
  waiting(): void;
  /** Something cannot be watched. */
  failed(error: Error): void;
  /** Gets how it is made to cook again though nothing changed. */
  watches?(again: () => void): void;
}

export interface CookListeners {
  readonly started: (cook: Cook) => void;
  readonly looked: Looked;
}

/** Sources lie in folders: a file that an edit now imports may come later. */
const SOURCES: ListQuery = { directory: "", glob: "*.{ts,mts,js,mjs,json}", recursive: false };
/** A node type that is to come may lie anywhere below. */
const ALL_SOURCES: ListQuery = { ...SOURCES, recursive: true };

/** Watches until `stopped` resolves. `graph` is the file as opened first. */
export async function watch(graph: Graph, file: string, deps: WatchDeps, stopped: Promise<undefined>): Promise<void> {
  const changes = new FileChanges(deps.clock);
  const files = new WatchedFiles({ ...deps, changed: (path) => changes.note(path) });
  deps.watches?.(() => changes.note(resolve(file)));
  let opening: Reopening = { graph, files: [], folders: [] };
  let present = graph;
  const open = async (again: boolean): Promise<void> => {
    opening = await deps.open(again);
    present = opening.graph ?? present;
  };
  try {
    for (;;) {
      files.turn();
      const inPlace = modulesOf(present);
      const own = [resolve(file), ...present.files, ...opening.files, ...inPlace];
      // It was read before it was watched: what came between was not heard.
      if (await watchAll(files, own, present, opening.folders)) {
        await open(true);
        continue;
      }
      let cook: Cook | undefined;
      const cooking = deps.cook(present, {
        started: (begun) => {
          cook = begun;
        },
        looked: (path, listed) => files.add(path, listed).then(() => {}),
      });
      const first = await Promise.race([changes.next(), stopped, cooking.then(() => "done" as const)]);
      if (first === "done") {
        files.leaveOthers();
        deps.waiting();
      }
      const outcome = first === "done" ? await Promise.race([changes.next(), stopped]) : first;
      if (outcome === undefined) {
        await cooking;
        return;
      }
      deps.changed(outcome);
      cook?.leave();
      await cooking;
      // What comes from sources is another module by now, and reaches the workers as such.
      if (outcome.some((path) => inPlace.has(path))) deps.renew();
      await open(false);
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
  return new Set(types.flatMap(({ module }) => reader.filesOf(module).modules).map((url) => fileURLToPath(url)));
}

/** Answers whether any of it was not watched until now. */
async function watchAll(
  files: WatchedFiles,
  own: readonly string[],
  graph: Graph,
  folders: readonly string[],
): Promise<boolean> {
  const sources = [...new Set([...graph.nodes.values()].flatMap(({ type }) => type.sources ?? []))];
  const around = [...new Set(sources.map((source) => dirname(source)))];
  const added = await Promise.all([
    ...[...own, ...sources].map((path) => files.add(path)),
    ...around.map((folder) => files.add(folder, SOURCES)),
    ...folders.map((folder) => files.add(folder, ALL_SOURCES)),
  ]);
  return added.includes(true);
}
