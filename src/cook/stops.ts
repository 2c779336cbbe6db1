/** The wishes to stop single items of a running cook. Knows which item is meant, and what to say; how work stops, it does not. */

import type { Runs } from "../generate/run.js";
import type { WorkItem } from "../workitem/item.js";
import { findItems, UnknownItemError } from "./wanted.js";

/** What came of the wish to stop an item's work: it may save; or it waited, for slots or another attempt, and is canceled. */
export type StopKind = "saving" | "due" | "retry";

/** What came of a wish; the words are for the user. */
export interface Stopped {
  readonly ok: boolean;
  readonly said: string;
}

export class Stops {
  readonly #runs: Runs;
  readonly #halt: (item: WorkItem) => StopKind | undefined;
  readonly #asked = new Set<WorkItem>();

  constructor(runs: Runs, halt: (item: WorkItem) => StopKind | undefined) {
    this.#runs = runs;
    this.#halt = halt;
  }

  /** Whether any item was stopped. */
  get any(): boolean {
    return this.#asked.size > 0;
  }

  /** A running item may save and stop, and is ended where it was asked before. A node stands for its only running item. */
  stop(asked: string): Stopped {
    const items = this.#runs.get(asked)?.items;
    if (items === undefined) {
      const found = findItems(this.#runs, asked);
      if (found.length === 1) return this.#stop(found[0]!);
      return { ok: false, said: new UnknownItemError(asked, found).message };
    }
    const running = items.filter(({ state }) => state === "scheduled" || state === "cooking");
    if (running.length === 1) return this.#stop(running[0]!);
    if (running.length === 0) return { ok: false, said: `No item of node "${asked}" is running.` };
    const names = running.map(({ name }) => name).join(", ");
    return { ok: false, said: `${running.length} items of node "${asked}" are running: say which, ${names}.` };
  }

  #stop(item: WorkItem): Stopped {
    const { name, state } = item;
    const halt = this.#halt(item);
    if (halt === undefined) return { ok: false, said: `${name} is not running: it is ${state}.` };
    if (this.#asked.has(item)) return { ok: true, said: `${name} is ended at once.` };
    this.#asked.add(item);
    if (halt !== "saving") {
      const waited = halt === "due" ? "slots" : "another attempt";
      return { ok: true, said: `${name} waited for ${waited}: it is cancelled.` };
    }
    const said = `Stopping ${name}: it may save what it has, and the rest of the cook goes on. Once more ends it at once.`;
    return { ok: true, said };
  }
}
