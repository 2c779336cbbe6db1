/**
 * The attempts at items' work: sends them off, tries again where the node says so, and publishes what comes back. Knows
 * tasks and outcomes; what an end means for other items, the cook decides.
 */
import type { Clock } from "../base/clock.js";
import type { Digest } from "../base/hash.js";
import type { EventSink, Failure } from "../event/event.js";
import type { Begun } from "../schedule/job.js";
import type { Outcome } from "../worker/protocol.js";
import type { WorkItem } from "../workitem/item.js";
import { type Ending, failureOf, type Halt } from "./ending.js";
import type { Flight, Flights, Owner } from "./flight.js";
import type { Prepared, Preparer } from "./prepare.js";
import { isPartial, publicationOf } from "./publication.js";
import { backoff, Retries } from "./retry.js";
import { itemName, type States } from "./state.js";
import { slotsOf, type TaskDoors, taskOf } from "./task.js";

export interface AttemptDoors extends TaskDoors {
  readonly run: number;
  readonly clock: Clock;
  readonly flights: Flights;
  readonly preparer: Preparer;
  readonly states: States;
  readonly sink: EventSink;
  ended(prepared: Prepared, ending: Ending): Promise<void>;
}

type Cooked = Extract<Outcome, { kind: "cooked" }>;
export class Attempts implements Owner {
  readonly #doors: AttemptDoors;
  /** Items with the same fingerprint as one that is being cooked: its result is theirs. */
  readonly #twins = new Map<Digest, Prepared[]>();
  readonly #retries: Retries<Prepared>;
  #stopped = false;

  constructor(doors: AttemptDoors) {
    this.#doors = doors;
    this.#retries = new Retries(doors.clock);
  }

  /** Cooks an item, takes over the work where it is under way, or waits for the item with the same fingerprint. */
  start(prepared: Prepared): void {
    const { digest } = prepared.fingerprint;
    const twins = this.#twins.get(digest);
    if (twins !== undefined) return void twins.push(prepared);
    this.#twins.set(digest, []);
    const flight = this.#doors.flights.takeOver(prepared, this);
    if (flight === undefined) this.#try(prepared, 1);
    else {
      this.#doors.states.move(prepared.item, "scheduled");
      if (flight.begun !== undefined) this.started(flight, flight.begun);
      if (flight.outcome !== undefined) void this.settled(flight, flight.outcome);
    }
  }

  /** Leaves what is under way to a later cook. */
  leave(): void {
    this.#retries.callOff();
    this.#doors.flights.leave(this);
  }

  /** Nothing is tried again. */
  stop(): void {
    this.#doors.sink({ type: "stop_asked", item: undefined });
    this.#stopped = true;
    this.#cancel(this.#retries.callOff());
  }

  /** Has an item's work save and stop, or ends it where it was asked before. Undefined: none is under way. */
  stopItem(item: WorkItem): Halt | undefined {
    this.#doors.sink({ type: "stop_asked", item: itemName(item) });
    if (this.#doors.flights.stop(item)) return "saving";
    const waiting = this.#retries.callOff((prepared) => prepared.item === item);
    this.#cancel(waiting);
    return waiting.length > 0 ? "cancelled" : undefined;
  }

  #cancel(waiting: readonly Prepared[]): void {
    for (const prepared of waiting)
      void this.#end(prepared, { kind: "cancelled", message: "stopped before another attempt" });
  }

  #try(prepared: Prepared, attempt: number): void {
    const { store, flights, preparer, states, run } = this.#doors;
    const { item, run: node, params } = prepared;
    const sent = { directory: "", stamps: "" as Digest };
    // Asked for whenever the work is sent: a worker that died may have left something in the last one.
    const fresh = (): string => {
      Object.assign(sent, { directory: store.attempt(), stamps: preparer.stampsOf(prepared.outside) });
      return sent.directory;
    };
    const log = store.log(run, item.name);
    states.move(item, "scheduled");
    const { timeout, batchSize: batch } = node.node;
    try {
      const task = taskOf(prepared, { log, directory: fresh }, this.#doors);
      const job = {
        order: item.order,
        priority: item.priority,
        slots: slotsOf(node.node, params),
        task,
        timeout,
        batch,
      };
      flights.begin(prepared, this, job, { attempt, sent, log });
    } catch (error) {
      const { message } = error as Error;
      const failed = failureOf({ prepared, log, attempt: attempt - 1 }, { cause: "refused", message, tail: [] });
      void this.#end(prepared, failed);
    }
  }

  started({ prepared, attempt }: Flight, { pid, grant }: Begun): void {
    const begun = { attempt, worker: pid, slots: grant };
    this.#doors.states.move(prepared.item, "cooking", undefined, { begun });
  }

  returned({ item }: Prepared): void {
    this.#doors.states.move(item, "scheduled", "its worker ended with other work");
  }

  progress({ item }: Prepared, figures: Readonly<Record<string, number | string>>): void {
    this.#doors.sink({ type: "item_progress", item: itemName(item), figures });
  }

  warn({ item }: Prepared, line: string): void {
    this.#doors.sink({ type: "warning", node: item.node, message: `${item.label ?? item.name}: ${line}` });
  }

  async settled(flight: Flight, outcome: Outcome): Promise<void> {
    const { prepared, attempt, sent } = flight;
    const ended = outcome.kind === "failed" && outcome.cause === "cancelled" ? "cancelled" : outcome.kind;
    if (ended !== "discovered")
      this.#doors.sink({ type: "attempt_ended", item: itemName(prepared.item), attempt, outcome: ended });
    if (outcome.kind === "cooked") {
      try {
        const ending = await this.#publish(prepared, outcome, sent);
        const { failure } = outcome;
        if (failure === undefined || ending.kind !== "partial") return await this.#end(prepared, ending);
        const gaveUp = failureOf(flight, { cause: "error", message: failure, tail: [] });
        await this.#end(prepared, { ...gaveUp, entry: ending.entry });
      } catch (error) {
        const { message } = error as Error;
        await this.#end(prepared, failureOf(flight, { cause: "refused", message, tail: [] }));
      }
    } else if (outcome.kind === "failed" && outcome.cause === "cancelled") {
      await this.#end(prepared, { kind: "cancelled", message: outcome.message });
    } else if (outcome.kind === "failed") {
      const { cause, message, tail } = outcome;
      const { onFailure, retries } = prepared.run.node;
      if (onFailure === "retry" && attempt <= retries && !this.#stopped) this.#later(prepared, attempt, message);
      else await this.#end(prepared, failureOf(flight, { cause: cause as Failure["cause"], message, tail }));
    }
  }

  #later(prepared: Prepared, attempt: number, message: string): void {
    const { retries, retryDelay } = prepared.run.node;
    const seconds = backoff(attempt, retryDelay, prepared.item.seed);
    this.#doors.states.move(prepared.item, "waiting", `attempt ${attempt} failed`);
    const when = seconds === 0 ? "at once" : `in ${seconds.toFixed(1)} s`;
    this.warn(prepared, `attempt ${attempt} of ${retries + 1} failed (${message}); tried again ${when}`);
    this.#retries.wait(prepared, seconds, () => this.#try(prepared, attempt + 1));
  }

  async #publish(prepared: Prepared, outcome: Cooked, { directory, stamps }: Flight["sent"]): Promise<Ending> {
    const { store, flights, preparer, run } = this.#doors;
    const stillHolds = () => preparer.unchanged(prepared.outside, stamps);
    const publishing = store.publish(publicationOf(prepared, outcome, { directory, cook: run, stillHolds }));
    // Nobody else's result will come to share the commit: a chain of short items must not wait at every step.
    if (!flights.anyUnderWay) void store.flush();
    const published = await publishing;
    if (published.kind === "dropped") {
      store.endResume(prepared.fingerprint.digest);
      return { kind: "dropped" };
    }
    const { entry } = published;
    const partial = isPartial(outcome);
    const { fingerprint } = entry;
    this.#doors.sink({ type: "item_published", item: itemName(prepared.item), fingerprint, partial });
    return { kind: partial ? "partial" : "published", entry, seconds: outcome.seconds };
  }

  async #end(prepared: Prepared, ending: Ending): Promise<void> {
    const twins = this.#twins.get(prepared.fingerprint.digest) ?? [];
    this.#twins.delete(prepared.fingerprint.digest);
    await this.#doors.ended(prepared, ending);
    if (ending.kind === "published" || ending.kind === "partial")
      for (const twin of twins) await this.#doors.ended(twin, ending);
    else for (const twin of twins) this.start(twin);
  }
}
