/**
 * Work under way, by fingerprint. It outlives the cook that began it: a later cook of the same session takes it over where
 * it wants the same result, and ends it where its item wants another. Knows jobs, not what becomes of their results.
 */
import type { Digest } from "../base/hash.js";
import type { Begun, Job } from "../schedule/job.js";
import type { Scheduler } from "../schedule/scheduler.js";
import type { Outcome } from "../worker/protocol.js";
import type { WorkItem } from "../workitem/item.js";
import { upward } from "../workitem/upward.js";
import type { Prepared } from "./prepare.js";

/** Who hears of a flight. */
export interface Owner {
  /** A worker comes to it; again where it was returned. */
  started(flight: Flight, begun: Begun): void;
  /** Its worker ended while it had other work, too: it waits for another. */
  returned(prepared: Prepared): void;
  progress(prepared: Prepared, figures: Readonly<Record<string, number | string>>): void;
  warn(prepared: Prepared, line: string): void;
  settled(flight: Flight, outcome: Outcome): Promise<void>;
}

/** One attempt at an item's work. */
export interface Flight {
  /** The item as its present owner knows it. */
  prepared: Prepared;
  /** Undefined: left by the cook that began it. */
  owner: Owner | undefined;
  /** Undefined where no worker is at it. */
  begun: Begun | undefined;
  /** How it ended while nobody owned it. */
  outcome: Outcome | undefined;
  readonly job: Job;
  readonly attempt: number;
  /** As it was when the work was sent last: the attempt's folder, and what tells whether its inputs were written since. */
  readonly sent: { readonly directory: string; readonly stamps: Digest };
  readonly log: string;
}

export class Flights {
  readonly #scheduler: Scheduler;
  readonly #flights = new Set<Flight>();
  /** Those without an owner: no more than there are workers. */
  readonly #left = new Set<Flight>();

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  get anyUnderWay(): boolean {
    return this.#flights.size > 0;
  }

  get anyLeft(): boolean {
    return this.#left.size > 0;
  }

  /** Sends work off. */
  begin(
    prepared: Prepared,
    owner: Owner,
    job: Omit<Job, "started" | "returned" | "progress" | "warn" | "settled">,
    about: Pick<Flight, "attempt" | "sent" | "log">,
  ): void {
    const flight: Flight = {
      ...about,
      prepared,
      owner,
      begun: undefined,
      outcome: undefined,
      job: {
        ...job,
        started: (begun) => {
          flight.begun = begun;
          flight.owner?.started(flight, begun);
        },
        returned: () => {
          flight.begun = undefined;
          flight.owner?.returned(flight.prepared);
        },
        progress: (figures) => flight.owner?.progress(flight.prepared, figures),
        warn: (line) => flight.owner?.warn(flight.prepared, line),
        settled: (outcome) => {
          this.#flights.delete(flight);
          // A later cook may want it all the same.
          if (flight.owner === undefined) flight.outcome = outcome;
          else void flight.owner.settled(flight, outcome);
          this.#makeWay();
        },
      },
    };
    this.#flights.add(flight);
    this.#scheduler.submit(flight.job);
    // By then the scheduler has placed it, where it can.
    if (this.#left.size > 0) queueMicrotask(() => this.#makeWay());
  }

  /** Has an item's work save and stop, or ends it where it was asked before. Answers whether any is under way. */
  stop(item: WorkItem): boolean {
    const flight = [...this.#flights].find(({ prepared, owner }) => prepared.item === item && owner !== undefined);
    if (flight !== undefined) this.#scheduler.cancel(flight.job);
    return flight !== undefined;
  }

  /** Hands over what an earlier cook left that makes just this result. Ends what it left that makes another for the item. */
  takeOver(prepared: Prepared, owner: Owner): Flight | undefined {
    for (const flight of this.#left) {
      const same = flight.prepared.fingerprint.digest === prepared.fingerprint.digest;
      if (same) {
        this.#left.delete(flight);
        flight.prepared = prepared;
        flight.owner = owner;
        return flight;
      }
      if (flight.prepared.item.id === prepared.item.id) this.#end(flight);
    }
    return undefined;
  }

  /** The owner's cook is over before its work is: what has not begun is called off. */
  leave(owner: Owner): void {
    for (const flight of [...this.#flights]) {
      if (flight.owner !== owner) continue;
      flight.owner = undefined;
      this.#left.add(flight);
      if (flight.begun === undefined) this.#end(flight);
    }
  }

  /** Ends what earlier cooks left, except for the items that are kept. */
  endLeft(keep: (item: string) => boolean = () => false): void {
    for (const flight of [...this.#left]) if (!keep(flight.prepared.item.id)) this.#end(flight);
  }

  /**
   * Work that waits for slots is not held up by what an earlier cook left to be made from it: a training that runs for hours
   * on what was just edited. It would hold the same fingerprint again only where the edit changes no byte, and then goes on
   * from its resume folder.
   */
  #makeWay(): void {
    if (this.#left.size === 0) return;
    const owned = [...this.#flights].filter(({ owner }) => owner !== undefined);
    const waiting = owned.filter(({ job }) => this.#scheduler.waits(job));
    // What runs for this cook comes to an end, and then the slots are free.
    if (waiting.length === 0 || waiting.length < owned.length) return;
    const wanted = new Set(waiting.map(({ prepared }) => prepared.item.id));
    for (const flight of [...this.#left]) if (isMadeFrom(flight.prepared.item, wanted)) this.#end(flight);
  }

  #end(flight: Flight): void {
    this.#left.delete(flight);
    // One that has not begun may lie in a worker's hands together with others, which go on.
    this.#scheduler.cancel(flight.job, flight.begun ? "now" : "save");
  }
}

/** Whether an item is made, at however many removes, from one of those. */
function isMadeFrom(item: WorkItem, ids: ReadonlySet<string>): boolean {
  for (const above of upward(item.parents.flat())) if (ids.has(above.id)) return true;
  return false;
}
