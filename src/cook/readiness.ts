/**
 * Which items are ready: those whose parents are all done, and that need not wait for their number, in the order in which they became so; and which nodes may make
 * more items. It knows who waits for whom, and not what is done with what is ready.
 */

import { type NodeRun, runOf } from "../generate/run.js";
import type { WorkItem } from "../workitem/item.js";
import { isDone } from "../workitem/state.js";

/**
 * Items taken in one go: as many as the database is asked for at once, and few enough that what they are prepared with is garbage
 * before it is collected, not after it was moved.
 */
const BATCH = 500;

export class Readiness {
  readonly #toAdvance = new Set<NodeRun>();
  /** Runs of which some item was done since: those that wait for that are noted once, however many items were. */
  readonly #moved = new Set<NodeRun>();
  #ready: WorkItem[] = [];
  /** How many of them are taken. */
  #taken = 0;

  /** A new item: it is ready when its parents are done. */
  add(item: WorkItem): void {
    runOf(item).undone += 1;
    for (const group of item.parents) {
      for (const parent of group) {
        if (isDone(parent.state)) continue;
        item.pending += 1;
        parent.children ??= [];
        parent.children.push(item);
      }
    }
    if (item.pending === 0) this.#put(item);
  }

  /** An item is ready once more. */
  again(item: WorkItem): void {
    this.#ready.push(item);
  }

  #put(item: WorkItem): void {
    const { counts, complete } = runOf(item);
    if (!counts || complete) this.#ready.push(item);
  }

  /** An item is done: its children may be ready, and nodes that wait for it may generate. `blocked`: they wait in vain. */
  done(item: WorkItem, blocked: boolean): void {
    const run = runOf(item);
    run.undone -= 1;
    if (!blocked && item.children !== undefined) {
      for (const child of item.children) {
        child.pending -= 1;
        if (child.pending === 0) this.#put(child);
      }
    }
    item.children = undefined;
    this.#moved.add(run);
  }

  /** A node has more items, or its last one: those that it feeds may generate. */
  grown(run: NodeRun): void {
    // Those of its items that only waited for how many they are.
    if (run.complete && run.counts) {
      for (const item of run.items) if (item.pending === 0 && item.state === "waiting") this.#ready.push(item);
    }
    for (const below of run.downstream) this.#toAdvance.add(below);
  }

  /** A node may generate: it is new, or what it asked for is there. */
  advance(run: NodeRun): void {
    this.#toAdvance.add(run);
  }

  /** Whether some node may generate. */
  get growing(): boolean {
    this.#noteMoved();
    return this.#toAdvance.size > 0;
  }

  /** Takes out the nodes that may generate; those that this lets generate come in the same turn. */
  *growable(): Generator<NodeRun> {
    this.#noteMoved();
    for (const run of this.#toAdvance) {
      this.#toAdvance.delete(run);
      yield run;
    }
  }

  /** Takes out what is ready. */
  take(): WorkItem[] {
    const batch = this.#ready.slice(this.#taken, this.#taken + BATCH);
    this.#taken += batch.length;
    if (this.#taken === this.#ready.length) this.clear();
    return batch;
  }

  #noteMoved(): void {
    for (const run of this.#moved) {
      for (const below of run.downstream) if (below.listens && !below.complete) this.#toAdvance.add(below);
    }
    this.#moved.clear();
  }

  clear(): void {
    this.#ready = [];
    this.#taken = 0;
  }
}
