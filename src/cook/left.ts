/**
 * Work that the last cook of a session left running: a later cook takes it over where it wants the same result, and ends it
 * where its item wants another. Knows attempts, not what becomes of their results.
 */
import type { Attempt, Owner } from "../executor/attempt.js";
import type { Prepared } from "../prepare/prepare.js";
import type { Scheduler } from "../schedule/scheduler.js";
import type { WorkItem } from "../workitem/item.js";
import { upward } from "../workitem/upward.js";

export class LeftoverWork {
  readonly #scheduler: Pick<Scheduler, "cancel">;
  /** No more than there are workers. */
  readonly #left = new Set<Attempt<Prepared>>();

  constructor(scheduler: Pick<Scheduler, "cancel">) {
    this.#scheduler = scheduler;
  }

  get any(): boolean {
    return this.#left.size > 0;
  }

  /** The cook of these attempts is over before they are: those that have not begun are called off. */
  add(attempts: Iterable<Attempt<Prepared>>): void {
    for (const attempt of [...attempts]) {
      attempt.owner = undefined;
      this.#left.add(attempt);
      if (attempt.worker === undefined) this.#end(attempt);
    }
  }

  /** Hands over what makes just this result. Ends what makes another for the item. */
  takeOver(prepared: Prepared, owner: Owner<Prepared>): Attempt<Prepared> | undefined {
    for (const attempt of this.#left) {
      if (attempt.of.fingerprint.digest === prepared.fingerprint.digest) {
        this.#left.delete(attempt);
        attempt.of = prepared;
        attempt.owner = owner;
        return attempt;
      }
      if (attempt.of.item.id === prepared.item.id) this.#end(attempt);
    }
    return undefined;
  }

  /** Ends all of it, except for the items that are kept. */
  end(keep: (item: string) => boolean = () => false): void {
    for (const attempt of [...this.#left]) if (!keep(attempt.of.item.id)) this.#end(attempt);
  }

  /**
   * Work that waits for slots is not held up by what was left to be made from it: a training that runs for hours on what was
   * just edited. It would have the same fingerprint again only where the edit changes no byte, and then goes on from its resume
   * folder. `owned`: the present cook's.
   */
  makeWay(owned: Iterable<Attempt<Prepared>>): void {
    if (!this.any) return;
    const waiting = new Set<string>();
    for (const { grant, of } of owned) {
      // What runs for this cook comes to an end, and then the slots are free.
      if (grant !== undefined) return;
      waiting.add(of.item.id);
    }
    if (waiting.size === 0) return;
    for (const attempt of [...this.#left]) if (isMadeFrom(attempt.of.item, waiting)) this.#end(attempt);
  }

  #end(attempt: Attempt<Prepared>): void {
    this.#left.delete(attempt);
    // One that has not begun may be in a worker's hands together with others, which go on.
    this.#scheduler.cancel(attempt, attempt.worker === undefined ? "save" : "now");
  }
}

/** Whether an item is made, at however many removes, from one of those. */
function isMadeFrom(item: WorkItem, ids: ReadonlySet<string>): boolean {
  for (const upstream of upward(item.parents.flat())) if (ids.has(upstream.id)) return true;
  return false;
}
