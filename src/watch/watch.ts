/**
 * Cooks again whenever what a graph comes from changes: its file, node code, and the folders and files that discovery looked
 * at. What runs goes on where its result is still wanted. Knows files and cooks, nothing of terminals.
 */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { type FSWatcher, watch as watchFiles } from "chokidar";
import type { Cook } from "../cook/cook.js";
import type { Graph } from "../graph/graph.js";
import { CodeReader } from "../nodetype/code.js";

/** Changes that come this close together are one. */
const DEBOUNCE_MS = 80;

export interface WatchDoors {
  /** Opens the graph anew. Undefined where it is broken (the problems were shown): the last good one stays. */
  open(): Promise<Graph | undefined>;
  /** Cooks; `looked` is told what the items come from, `started` gets the cook. */
  cook(graph: Graph, doors: CookListeners): Promise<unknown>;
  /** Node code has changed. */
  renew(): void;
  changed(paths: readonly string[]): void;
  /** Nothing is left to do until something changes. */
  waiting(): void;
}

export interface CookListeners {
  readonly started: (cook: Cook) => void;
  readonly looked: (path: string, deep: boolean) => void;
}

/** Watches until `stopped` resolves. `graph` is the file as opened first. */
export async function watch(graph: Graph, file: string, doors: WatchDoors, stopped: Promise<undefined>): Promise<void> {
  const watched = new Watched();
  let present = graph;
  watched.add(file, false);
  try {
    for (;;) {
      const inPlace = modulesOf(present);
      // Sources with their folders: a file that an edit now imports may come later.
      for (const file of [...inPlace, ...sourcesOf(present), ...present.files]) watched.add(file, false);
      let cook: Cook | undefined;
      const cooking = doors.cook(present, {
        started: (begun) => {
          cook = begun;
        },
        looked: (path, deep) => watched.add(path, deep),
      });
      const first = await Promise.race([watched.next(), stopped, cooking.then(() => "done" as const)]);
      const outcome = first === "done" ? await idle(watched, stopped, doors) : first;
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
    await watched.close();
  }
}

function idle(
  watched: Watched,
  stopped: Promise<undefined>,
  doors: WatchDoors,
): Promise<readonly string[] | undefined> {
  doors.waiting();
  return Promise.race([watched.next(), stopped]);
}

/** Modules that are imported where they are. */
function modulesOf(graph: Graph): ReadonlySet<string> {
  const reader = new CodeReader();
  const types = [...graph.nodes.values()].map(({ type }) => type).filter(({ sources }) => sources === undefined);
  return new Set(types.flatMap(({ module }) => reader.codeOf(module).modules).map((url) => fileURLToPath(url)));
}

function sourcesOf(graph: Graph): ReadonlySet<string> {
  const files = [...graph.nodes.values()].flatMap(({ type }) => type.sources ?? []);
  return new Set(files.flatMap((file) => [file, dirname(file)]));
}

/** The watched paths, and what changed since it was last asked. */
class Watched {
  readonly #known = new Set<string>();
  readonly #shallow: FSWatcher = watchFiles([], { ignoreInitial: true, depth: 0, ignored: isOurs });
  readonly #deep: FSWatcher = watchFiles([], { ignoreInitial: true, ignored: isOurs });
  readonly #changed = new Set<string>();
  #wake: (() => void) | undefined;

  constructor() {
    for (const watcher of [this.#shallow, this.#deep]) {
      watcher.on("all", (_event, path) => {
        this.#changed.add(path);
        this.#wake?.();
      });
    }
  }

  add(path: string, deep: boolean): void {
    const key = `${deep} ${path}`;
    if (this.#known.has(key)) return;
    this.#known.add(key);
    (deep ? this.#deep : this.#shallow).add(path);
  }

  /** Resolves with what changed once nothing more has changed for a moment. */
  async next(): Promise<readonly string[]> {
    while (this.#changed.size === 0) {
      await new Promise<void>((wake) => {
        this.#wake = wake;
      });
    }
    for (let seen = -1; seen !== this.#changed.size; ) {
      seen = this.#changed.size;
      await new Promise((quiet) => setTimeout(quiet, DEBOUNCE_MS));
    }
    const paths = [...this.#changed].sort();
    this.#changed.clear();
    return paths;
  }

  async close(): Promise<void> {
    await Promise.all([this.#shallow.close(), this.#deep.close()]);
  }
}

/** The store is never watched. */
function isOurs(path: string): boolean {
  return /[/\\]\.dag([/\\]|$)/.test(path);
}
