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
  settled(flight: Flight, outcome: Outcome): void;
  /** Items whose work is to be done, and has not been sent off. */
  readonly due: Iterable<WorkItem>;
}

/** What is told of an attempt beside its job. */
export interface About {
  readonly attempt: number;
  /** As it was when the work was sent last: the attempt's folder, and what tells whether its inputs were written since. */
  readonly sent: { readonly directory: string; readonly stamps: Digest };
  readonly log: string;
}

type Work = Pick<Job, "order" | "priority" | "slots" | "task" | "timeout" | "batch">;

/** One attempt at an item's work. */
export class Flight implements Job {
  /** The item as its present owner knows it. */
  prepared: Prepared;
  /** Undefined: left by the cook that began it. */
  owner: Owner | undefined;
  /** Undefined where no worker is at it. */
  begun: Begun | undefined;
  /** How it ended while nobody owned it. */
  outcome: Outcome | undefined;
  readonly attempt: number;
  readonly sent: About["sent"];
  readonly log: string;
  readonly order: number;
  readonly priority: number;
  readonly slots: Job["slots"];
  readonly task: Job["task"];
  readonly timeout: number | null;
  readonly batch: number;
  readonly #over: (flight: Flight) => void;

  constructor(prepared: Prepared, owner: Owner, work: Work, about: About, over: (flight: Flight) => void) {
    this.prepared = prepared;
    this.owner = owner;
    this.attempt = about.attempt;
    this.sent = about.sent;
    this.log = about.log;
    this.order = work.order;
    this.priority = work.priority;
    this.slots = work.slots;
    this.task = work.task;
    this.timeout = work.timeout;
    this.batch = work.batch;
    this.#over = over;
  }

  started(begun: Begun): void {
    this.begun = begun;
    this.owner?.started(this, begun);
  }

  returned(): void {
    this.begun = undefined;
    this.owner?.returned(this.prepared);
  }

  progress(figures: Readonly<Record<string, number | string>>): void {
    this.owner?.progress(this.prepared, figures);
  }

  warn(line: string): void {
    this.owner?.warn(this.prepared, line);
  }

  settled(outcome: Outcome): void {
    this.#over(this);
    // A later cook may want it all the same.
    if (this.owner === undefined) this.outcome = outcome;
    else this.owner.settled(this, outcome);
  }
}

export class Flights {
  readonly #scheduler: Scheduler;
  readonly #flights = new Set<Flight>();
  /** Those without an owner: no more than there are workers. */
  readonly #left = new Set<Flight>();
  readonly #over = (flight: Flight): void => {
    this.#flights.delete(flight);
    if (this.#left.size > 0) queueMicrotask(() => this.#makeWay());
  };

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  get anyLeft(): boolean {
    return this.#left.size > 0;
  }

  /** Sends work off. */
  begin(prepared: Prepared, owner: Owner, work: Work, about: About): void {
    const flight = new Flight(prepared, owner, work, about, this.#over);
    this.#flights.add(flight);
    this.#scheduler.submit(flight);
    // By then the scheduler has placed it, where it can.
    if (this.#left.size > 0) queueMicrotask(() => this.#makeWay());
  }

  /** Has an item's work save and stop, or ends it where it was asked before. Answers whether any is under way. */
  stop(item: WorkItem): boolean {
    const flight = [...this.#flights].find(({ prepared, owner }) => prepared.item === item && owner !== undefined);
    if (flight !== undefined) this.#scheduler.cancel(flight);
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
    const waiting = owned.filter((flight) => this.#scheduler.waits(flight));
    // What runs for this cook comes to an end, and then the slots are free.
    if (waiting.length === 0 || waiting.length < owned.length) return;
    const wanted = new Set(waiting.map(({ prepared }) => prepared.item.id));
    for (const owner of new Set(owned.map((flight) => flight.owner!))) for (const { id } of owner.due) wanted.add(id);
    for (const flight of [...this.#left]) if (isMadeFrom(flight.prepared.item, wanted)) this.#end(flight);
  }

  #end(flight: Flight): void {
    this.#left.delete(flight);
    // One that has not begun may lie in a worker's hands together with others, which go on.
    this.#scheduler.cancel(flight, flight.begun ? "now" : "save");
  }
}

/** Whether an item is made, at however many removes, from one of those. */
function isMadeFrom(item: WorkItem, ids: ReadonlySet<string>): boolean {
  for (const above of upward(item.parents.flat())) if (ids.has(above.id)) return true;
  return false;
}
