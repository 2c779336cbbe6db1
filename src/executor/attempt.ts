/**
 * One attempt at some work, from when it is due until it has ended: its owner, the scheduler and the executor share this object.
 * It keeps what each of them knows of it, and decides nothing.
 */
import type { Digest } from "../base/hash.js";
import type { Slots } from "../nodetype/define.js";
import type { DiscoverPort, ProgressValues, Task, TaskResult } from "../worker/protocol.js";
import type { Grant, Machine } from "./machine.js";

/** What is asked of a scheduler. */
export interface Demand {
  /** File URL of the node type's module: attempts of one module may share a message. */
  readonly module: string;
  /** Place in the order of generation; no two attempts share it. */
  readonly order: number;
  /** Higher first. */
  readonly priority: number;
  readonly slots: Slots;
  /** Seconds that it may take, from its start in a worker; null: any number. */
  readonly timeout: number | null;
  /** How many of its kind may share a message; 1: the scheduler joins only those that turn out shorter than a message. */
  readonly batch: number;
}

/** Who wants the result of an attempt. */
export interface Owner<Of> {
  /** It has its slots: what its worker is to do. Undefined: that cannot be said; the owner is done with it. */
  task(attempt: Attempt<Of>): Task | undefined;
  /** A worker begins it; again where it was returned. */
  started(attempt: Attempt<Of>): void;
  /** After it was started: its worker ended while it had others, too, and it waits for another. */
  returned(attempt: Attempt<Of>): void;
  progress(attempt: Attempt<Of>, figures: ProgressValues): void;
  warn(attempt: Attempt<Of>, line: string): void;
  /** Something went wrong that is nobody's but the engine's. */
  fault(error: unknown): void;
  /** Each once, and last; in one call all that ended together. One that has a worker and was not started began meanwhile. */
  settled(attempts: readonly Attempt<Of>[], results: readonly TaskResult[]): void;
}

export class Attempt<Of = unknown> implements Demand {
  /** What it is an attempt at, as its present owner knows it. */
  of: Of;
  /** Undefined: the cook that began it left it. */
  owner: Owner<Of> | undefined;
  /** Counted from 1. */
  readonly number: number;
  readonly module: string;
  readonly order: number;
  readonly priority: number;
  readonly slots: Slots;
  readonly timeout: number | null;
  readonly batch: number;
  /** What a discovery asks. */
  deps: DiscoverPort | undefined;
  /** Slots that it takes; the scheduler finds out how many there are. */
  request: Machine = NO_SLOTS;
  /** The slots that it was given; undefined: it waits for them. */
  grant: Grant | undefined;
  /** What its worker was told last; undefined: it was never sent. */
  task: Task | undefined;
  /** The digest of its outside inputs' stamps when it was sent last. */
  stamps: Digest | undefined;
  /** The process that is at it; undefined: none is. */
  worker: number | undefined;
  /** A worker ended while it had this one and had, or had had, others: it is sent by itself, to a new one. */
  alone = false;
  /** It was asked to save and stop. */
  asked = false;
  /** It has ended. */
  gone = false;
  /** How it ended, where nobody owned it. */
  result: TaskResult | undefined;
  /** Calls off its timeout. */
  stopTimer: (() => void) | undefined;

  constructor(of: Of, owner: Owner<Of>, demand: Demand, number = 1) {
    this.of = of;
    this.owner = owner;
    this.number = number;
    this.module = demand.module;
    this.order = demand.order;
    this.priority = demand.priority;
    this.slots = demand.slots;
    this.timeout = demand.timeout;
    this.batch = demand.batch;
  }
}

const NO_SLOTS: Machine = { cpu: 0, gpu: 0 };

/** Hands results to their owners: those that follow each other and have one owner together. */
export function handOver(attempts: readonly Attempt[], results: readonly TaskResult[]): void {
  for (let from = 0, to = 0; from < attempts.length; from = to) {
    const { owner } = attempts[from]!;
    while (to < attempts.length && attempts[to]!.owner === owner) to += 1;
    // A later cook may want it all the same.
    if (owner === undefined) for (let at = from; at < to; at++) attempts[at]!.result = results[at];
    else if (to - from === attempts.length) owner.settled(attempts, results);
    else owner.settled(attempts.slice(from, to), results.slice(from, to));
  }
}
