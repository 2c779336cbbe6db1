/**
 * The attempts at items' work: sends them off in their turn, tries again where the node says so, and publishes what comes
 * back. Knows tasks and outcomes; what an end means for other items, the cook decides.
 */
import type { Clock } from "../base/clock.js";
import { problemIn } from "../base/error.js";
import type { Digest } from "../base/hash.js";
import type { EventSink } from "../event/event.js";
import type { Begun } from "../schedule/job.js";
import type { Scheduler } from "../schedule/scheduler.js";
import type { Outcome } from "../worker/protocol.js";
import type { WorkItem } from "../workitem/item.js";
import type { Failure } from "../workitem/outcome.js";
import { Backlog, type Due } from "./backlog.js";
import { type Ending, failureOf, type Halt, type Stage } from "./ending.js";
import type { Flight, Flights, Owner } from "./flight.js";
import type { Prepared, Preparer } from "./prepare.js";
import { publish } from "./publication.js";
import { backoff, Retries } from "./retry.js";
import { itemName, type States } from "./state.js";
import { type TaskDoors, taskOf } from "./task.js";

export interface AttemptDoors extends TaskDoors {
  readonly run: number;
  readonly clock: Clock;
  readonly flights: Flights;
  readonly scheduler: Pick<Scheduler, "wants" | "isFull">;
  readonly preparer: Preparer;
  readonly states: States;
  readonly sink: EventSink;
  /** Takes what nobody else may be blamed for: a fault of our own. */
  fault(error: unknown): void;
  /** At once where nothing has to be waited for. */
  ended(prepared: Prepared, ending: Ending): void | Promise<void>;
}

/** Of what is made from nothing outside the store. */
const UNSTAMPED = "" as Digest;

export class Attempts implements Owner {
  readonly #doors: AttemptDoors;
  /** Items with the same fingerprint as one that is being cooked: its result is theirs. */
  readonly #twins = new Map<Digest, Prepared[]>();
  readonly #retries: Retries<Prepared>;
  readonly #backlog: Backlog;
  #stopped = false;

  constructor(doors: AttemptDoors) {
    this.#doors = doors;
    this.#retries = new Retries(doors.clock);
    this.#backlog = new Backlog({
      wants: ({ slots, prepared }) => doors.scheduler.wants(slots, prepared.run.node.batchSize),
      handOn: (due) => this.#guard(() => this.#try(due)),
    });
  }

  /** Cooks an item, takes over the work where it is under way, or waits for the item with the same fingerprint. */
  start(prepared: Prepared): void {
    const { digest } = prepared.fingerprint;
    const twins = this.#twins.get(digest);
    if (twins !== undefined) return void twins.push(prepared);
    this.#twins.set(digest, []);
    const flight = this.#doors.flights.takeOver(prepared, this);
    if (flight === undefined) this.#wait(prepared, 1);
    else {
      this.#doors.states.move(prepared.item, "scheduled");
      if (flight.begun !== undefined) this.started(flight, flight.begun);
      if (flight.outcome !== undefined) this.settled(flight, flight.outcome);
    }
  }

  /** Leaves what is under way to a later cook. */
  leave(): void {
    this.#retries.callOff();
    this.#backlog.callOff();
    this.#doors.flights.leave(this);
  }

  /** Nothing is begun any more. */
  stop(): void {
    this.#doors.sink({ type: "stop_asked", item: undefined });
    this.#stopped = true;
    this.#cancel(this.#retries.callOff(), "retry");
    this.#cancel(this.#backlog.callOff(), "due");
  }

  /** Has an item's work save and stop, or ends it where it was asked before. Undefined: none is under way, or due. */
  stopItem(item: WorkItem): Halt | undefined {
    this.#doors.sink({ type: "stop_asked", item: itemName(item) });
    if (this.#doors.flights.stop(item)) return "saving";
    const retried = this.#retries.callOff((prepared) => prepared.item === item);
    const due = this.#backlog.callOff((one) => one === item);
    this.#cancel(retried, "retry");
    this.#cancel(due, "due");
    if (retried.length > 0) return "retry";
    return due.length > 0 ? "due" : undefined;
  }

  /** Items whose attempts are due, and have not been sent off. */
  get due(): Iterable<WorkItem> {
    return this.#backlog.items;
  }

  #cancel(waiting: readonly Prepared[], stage: Stage): void {
    for (const prepared of waiting) this.#end(prepared, { kind: "cancelled", stage });
  }

  #wait(prepared: Prepared, attempt: number): void {
    if (this.#stopped) return void this.#cancel([prepared], "due");
    try {
      this.#backlog.put(prepared, attempt);
    } catch (error) {
      // Its node type says which slots it takes.
      const failed = { cause: "refused", message: problemIn(error), tail: [] } as const;
      this.#end(prepared, failureOf({ prepared, log: "", attempt: attempt - 1 }, failed));
    }
  }

  #try({ prepared, attempt, slots }: Due): void {
    const { store, flights, preparer, states, run } = this.#doors;
    const { item, run: node } = prepared;
    const sent = { directory: "", stamps: UNSTAMPED };
    // Asked for whenever the work is sent: a worker that died may have left something in the last one.
    const fresh = (): string => {
      sent.directory = store.workspace.attempt();
      if (prepared.outside.length > 0)
        this.#guard(() => {
          sent.stamps = preparer.stampsOf(prepared.outside);
        });
      return sent.directory;
    };
    const log = store.workspace.log(run, item.name);
    states.move(item, "scheduled");
    const { timeout, batchSize: batch } = node.node;
    try {
      const task = taskOf(prepared, { log, directory: fresh }, this.#doors);
      const job = { order: item.order, priority: item.priority, slots, task, timeout, batch };
      flights.begin(prepared, this, job, { attempt, sent, log });
    } catch (error) {
      const message = problemIn(error);
      const failed = failureOf({ prepared, log, attempt: attempt - 1 }, { cause: "refused", message, tail: [] });
      this.#end(prepared, failed);
    }
  }

  started({ prepared, attempt }: Flight, { pid, grant }: Begun): void {
    const begun = { attempt, worker: pid, slots: grant };
    this.#doors.states.move(prepared.item, "cooking", { begun });
    this.#backlog.handOn();
  }

  returned({ item }: Prepared): void {
    this.#doors.states.move(item, "scheduled", { setback: { kind: "returned" } });
  }

  progress({ item }: Prepared, figures: Readonly<Record<string, number | string>>): void {
    this.#doors.sink({ type: "item_progress", item: itemName(item), figures });
  }

  warn({ item }: Prepared, line: string): void {
    this.#doors.sink({ type: "warning", node: item.node, message: `${item.label ?? item.name}: ${line}` });
  }

  settled(flight: Flight, outcome: Outcome): void {
    this.#guard(() => this.#settle(flight, outcome));
  }

  #settle(flight: Flight, outcome: Outcome): void {
    const { prepared, attempt } = flight;
    const ended = outcome.kind === "failed" && outcome.cause === "cancelled" ? "cancelled" : outcome.kind;
    if (ended !== "discovered")
      this.#doors.sink({ type: "attempt_ended", item: itemName(prepared.item), attempt, outcome: ended });
    this.#backlog.handOn();
    if (outcome.kind === "cooked") {
      void publish(flight, outcome, this.#doors)
        .then((ending) => this.#end(prepared, ending))
        .catch((error: unknown) => this.#doors.fault(error));
    } else if (outcome.kind === "failed" && outcome.cause === "cancelled") {
      this.#end(prepared, { kind: "cancelled", stage: "cooking" });
    } else if (outcome.kind === "failed") {
      const { cause, message, tail } = outcome;
      const { onFailure, retries } = prepared.run.node;
      if (onFailure === "retry" && attempt <= retries && !this.#stopped) this.#later(prepared, attempt, message);
      else this.#end(prepared, failureOf(flight, { cause: cause as Failure["cause"], message, tail }));
    }
  }

  #later(prepared: Prepared, attempt: number, message: string): void {
    const { retries, retryDelay } = prepared.run.node;
    const seconds = backoff(attempt, retryDelay, prepared.item.seed);
    this.#doors.states.move(prepared.item, "waiting", { setback: { kind: "attempt_failed", attempt } });
    const when = seconds === 0 ? "at once" : `in ${seconds.toFixed(1)} s`;
    this.warn(prepared, `attempt ${attempt} of ${retries + 1} failed (${message}); tried again ${when}`);
    this.#retries.wait(prepared, seconds, () => this.#wait(prepared, attempt + 1));
  }

  #end(prepared: Prepared, ending: Ending): void {
    const { digest } = prepared.fingerprint;
    const twins = this.#twins.get(digest) ?? [];
    this.#twins.delete(digest);
    const over = this.#doors.ended(prepared, ending);
    if (twins.length === 0) return void over?.catch((error: unknown) => this.#doors.fault(error));
    const next = over === undefined ? this.#endTwins(twins, ending) : over.then(() => this.#endTwins(twins, ending));
    next.catch((error: unknown) => this.#doors.fault(error));
  }

  /** Nobody waits for what the scheduler calls. */
  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#doors.fault(error);
    }
  }

  async #endTwins(twins: readonly Prepared[], ending: Ending): Promise<void> {
    for (const twin of twins) {
      if (ending.kind === "published" || ending.kind === "partial") await this.#doors.ended(twin, ending);
      else this.start(twin);
    }
  }
}
