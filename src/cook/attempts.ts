/**
 * The attempts at items' work: sends them off in their turn, tries again where the node says so, and publishes what comes
 * back. Knows tasks and results; what an end means for other items, the cook decides.
 */
import type { Clock } from "../base/clock.js";
import { problemIn } from "../base/error.js";
import type { Digest } from "../base/hash.js";
import type { EventSink } from "../event/event.js";
import { Attempt, type Owner } from "../executor/attempt.js";
import type { Prepared, Preparer } from "../prepare/prepare.js";
import type { Scheduler } from "../schedule/scheduler.js";
import type { CookedResult, ProgressValues, Task, TaskResult } from "../worker/protocol.js";
import type { WorkItem } from "../workitem/item.js";
import { stoppedAt } from "../workitem/outcome.js";
import { type Ended, failed } from "./finish.js";
import type { LeftoverWork } from "./left.js";
import { publish } from "./publication.js";
import { backoff, Retries } from "./retry.js";
import { itemName, type States } from "./state.js";
import type { StopKind } from "./stops.js";
import { demandOf, type TaskDeps, taskOf } from "./task.js";

export interface AttemptDeps extends TaskDeps {
  readonly run: number;
  readonly clock: Clock;
  readonly left: LeftoverWork;
  readonly scheduler: Scheduler;
  readonly preparer: Preparer;
  readonly states: States;
  readonly sink: EventSink;
  /** Takes what nobody else may be blamed for: a fault of our own. */
  fault(error: unknown): void;
  /** At once where nothing has to be waited for. */
  ended(prepared: Prepared, ended: Ended): void | Promise<void>;
}

type Failed = Extract<TaskResult, { kind: "failed" }>;

const NO_TWINS: readonly Prepared[] = [];

export class Attempts implements Owner<Prepared> {
  readonly #deps: AttemptDeps;
  /** Items with the same fingerprint as one that is being cooked: its result is theirs. */
  readonly #twins = new Map<Digest, readonly Prepared[]>();
  readonly #retries: Retries<Prepared>;
  /** Those that are due, or under way. */
  readonly #open = new Set<Attempt<Prepared>>();
  #makesWay = false;
  #stopped = false;

  constructor(deps: AttemptDeps) {
    this.#deps = deps;
    this.#retries = new Retries(deps.clock);
  }

  /** Cooks an item, takes over the work where it is under way, or waits for the item with the same fingerprint. */
  start(prepared: Prepared): void {
    const { digest } = prepared.fingerprint;
    const twins = this.#twins.get(digest);
    this.#twins.set(digest, twins === undefined ? NO_TWINS : [...twins, prepared]);
    if (twins !== undefined) return;
    const attempt = this.#deps.left.takeOver(prepared, this);
    if (attempt === undefined) return void this.#submit(prepared, 1);
    this.#open.add(attempt);
    this.#deps.states.move(prepared.item, "scheduled");
    if (attempt.worker !== undefined) this.started(attempt);
    if (attempt.result !== undefined) this.settled([attempt], [attempt.result]);
  }

  /** Leaves what is under way to a later cook. */
  leave(): void {
    this.#retries.callOff();
    this.#deps.left.add(this.#open);
  }

  /** Nothing is begun any more. */
  stop(): void {
    this.#deps.sink({ type: "stop_asked", item: undefined });
    this.#stopped = true;
    for (const prepared of this.#retries.callOff()) this.#end(prepared, { outcome: stoppedAt("retry") });
  }

  /** Has an item's work save and stop, or ends it where it was asked before. Undefined: none is under way, or due. */
  stopItem(item: WorkItem): StopKind | undefined {
    this.#deps.sink({ type: "stop_asked", item: itemName(item) });
    const [retried] = this.#retries.callOff((prepared) => prepared.item === item);
    if (retried !== undefined) {
      this.#end(retried, { outcome: stoppedAt("retry") });
      return "retry";
    }
    for (const attempt of this.#open) {
      if (attempt.of.item !== item) continue;
      const isDue = attempt.grant === undefined;
      this.#deps.scheduler.cancel(attempt);
      return isDue ? "due" : "saving";
    }
    return undefined;
  }

  #submit(prepared: Prepared, number: number): void {
    let attempt: Attempt<Prepared>;
    try {
      attempt = new Attempt(prepared, this, demandOf(prepared), number);
    } catch (error) {
      // Its node type says which slots it takes.
      return void this.#rejected(prepared, error, "", number - 1);
    }
    this.#open.add(attempt);
    this.#deps.scheduler.submit(attempt);
    this.#makeWay();
  }

  /** By the next microtask the scheduler has placed what it can. */
  #makeWay(): void {
    if (this.#makesWay || !this.#deps.left.any) return;
    this.#makesWay = true;
    queueMicrotask(() => {
      this.#makesWay = false;
      this.#deps.left.makeWay(this.#open);
    });
  }

  task(attempt: Attempt<Prepared>): Task | undefined {
    const { store, preparer, states, run } = this.#deps;
    const { item, outside } = attempt.of;
    const log = store.workspace.log(run, item.name);
    try {
      if (item.state === "waiting") states.move(item, "scheduled");
      if (outside.length > 0) attempt.stamps = preparer.stampsOf(outside);
      // Another folder whenever it is sent: a worker that died may have left something in the last one.
      return taskOf(attempt, { log, directory: store.workspace.attempt() }, this.#deps);
    } catch (error) {
      this.#guard(() => {
        this.#open.delete(attempt);
        this.#rejected(attempt.of, error, log, attempt.number - 1);
      });
      return undefined;
    }
  }

  started({ of, number, worker, grant }: Attempt<Prepared>): void {
    const begun = { attempt: number, worker: worker!, slots: grant! };
    this.#deps.states.move(of.item, "cooking", { begun });
  }

  returned({ of }: Attempt<Prepared>): void {
    this.#deps.states.move(of.item, "scheduled", { setback: { kind: "returned" } });
  }

  progress({ of }: Attempt<Prepared>, figures: ProgressValues): void {
    this.#deps.sink({ type: "item_progress", item: itemName(of.item), figures });
  }

  warn({ of }: Attempt<Prepared>, line: string): void {
    this.#warn(of.item, line);
  }

  #warn(item: WorkItem, line: string): void {
    this.#deps.sink({ type: "warning", node: item.node, message: `${item.label ?? item.name}: ${line}` });
  }

  settled(attempts: readonly Attempt<Prepared>[], results: readonly TaskResult[]): void {
    this.#guard(() => {
      const cooked: Attempt<Prepared>[] = [];
      const made: CookedResult[] = [];
      for (const [place, attempt] of attempts.entries()) {
        const result = cookResult(results[place]!);
        this.#open.delete(attempt);
        this.#note(attempt, result);
        if (result.kind === "failed") this.#failed(attempt, result);
        else {
          cooked.push(attempt);
          made.push(result);
        }
      }
      if (cooked.length > 0) this.#publish(cooked, made).catch((error: unknown) => this.#deps.fault(error));
      this.#makeWay();
    });
  }

  /** Shows how an attempt ended; and that it began, where nobody has said so yet. */
  #note(attempt: Attempt<Prepared>, result: CookedResult | Failed): void {
    const { of, number, task, worker } = attempt;
    if (task === undefined) return;
    if (worker !== undefined && of.item.state === "scheduled") this.started(attempt);
    const outcome = result.kind === "failed" && result.cause === "cancelled" ? "cancelled" : result.kind;
    this.#deps.sink({ type: "attempt_ended", item: itemName(of.item), attempt: number, outcome });
  }

  async #publish(cooked: readonly Attempt<Prepared>[], made: readonly CookedResult[]): Promise<void> {
    const ends = await publish(cooked, made, this.#deps);
    for (const [place, { of }] of cooked.entries()) this.#end(of, ends[place]!);
  }

  #failed(attempt: Attempt<Prepared>, { cause, message, tail }: Failed): void {
    const { of: prepared, number, task } = attempt;
    const { onFailure, retries } = prepared.run.node;
    if (cause === "fault") this.fault(new Error(message));
    else if (cause === "cancelled") this.#end(prepared, { outcome: stoppedAt(task === undefined ? "due" : "cooking") });
    else if (onFailure === "retry" && number <= retries && !this.#stopped) this.#later(prepared, number, message);
    else this.#end(prepared, failed(prepared, { cause, message, tail, log: task?.log ?? "", attempts: number }));
  }

  #later(prepared: Prepared, attempt: number, message: string): void {
    const { retries, retryDelay } = prepared.run.node;
    const seconds = backoff(attempt, retryDelay, prepared.item.seed);
    this.#deps.states.move(prepared.item, "waiting", { setback: { kind: "attempt_failed", attempt } });
    const when = seconds === 0 ? "at once" : `in ${seconds.toFixed(1)} s`;
    this.#warn(prepared.item, `attempt ${attempt} of ${retries + 1} failed (${message}); tried again ${when}`);
    this.#retries.wait(prepared, seconds, () => this.#guard(() => this.#submit(prepared, attempt + 1)));
  }

  /** Ends an item that cannot be attempted. Throws what is a fault of our own. */
  #rejected(prepared: Prepared, error: unknown, log: string, attempts: number): void {
    const message = problemIn(error);
    this.#end(prepared, failed(prepared, { cause: "refused", message, tail: [], log, attempts }));
  }

  #end(prepared: Prepared, ended: Ended): void {
    const { digest } = prepared.fingerprint;
    const twins = this.#twins.get(digest) ?? NO_TWINS;
    this.#twins.delete(digest);
    const over = this.#deps.ended(prepared, ended);
    if (over === undefined && twins.length === 0) return;
    this.#endTwins(twins, ended, over).catch((error: unknown) => this.#deps.fault(error));
  }

  async #endTwins(twins: readonly Prepared[], ended: Ended, over: void | Promise<void>): Promise<void> {
    await over;
    const { kind } = ended.outcome ?? {};
    for (const twin of twins) {
      if (kind === "done" || kind === "partial") await this.#deps.ended(twin, ended);
      else this.start(twin);
    }
  }

  fault(error: unknown): void {
    this.#deps.fault(error);
  }

  /** Nobody waits for what the scheduler calls. */
  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#deps.fault(error);
    }
  }
}

/** Node code can send what it likes: one that was asked to cook does not discover. */
function cookResult(result: TaskResult): CookedResult | Failed {
  if (result.kind !== "discovered") return result;
  const message = "Its worker sent the result of a discovery.";
  return { kind: "failed", cause: "error", message, tail: [], seconds: result.seconds };
}
