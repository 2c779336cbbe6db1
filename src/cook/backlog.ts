/**
 * Attempts that are due: of those that wait, the first by priority and order are handed on as slots can take them, so that
 * neither memory nor a stop depends on how many there are. Knows their order, and nothing of what is done with them.
 */
import type { Slots } from "../nodetype/define.js";
import { createHeap } from "../schedule/heap.js";
import type { WorkItem } from "../workitem/item.js";
import type { Prepared } from "./prepare.js";
import { slotsOf } from "./task.js";

/** An attempt to be made; counted from 1. */
export interface Due {
  readonly prepared: Prepared;
  readonly attempt: number;
  readonly slots: Slots;
  /** Of its item, as the scheduler has it. */
  readonly priority: number;
  readonly order: number;
}

export interface BacklogDoors {
  /** Whether such an attempt would find slots soon. */
  wants(due: Due): boolean;
  handOn(due: Due): void;
}

/** What waits for one kind of slot: one kind must not hold up the other. */
interface Line {
  readonly heap: ReturnType<typeof createHeap<Due>>;
  /** What was handed on and comes last: what comes before it is handed on at once. */
  last: Due | undefined;
}

export class Backlog {
  readonly #doors: BacklogDoors;
  readonly #lines: Readonly<Record<"cpu" | "gpu", Line>> = { cpu: emptyLine(), gpu: emptyLine() };
  /** Where it is not among these, it was called off. */
  readonly #waiting = new Map<WorkItem, Due>();
  #isAsked = false;

  constructor(doors: BacklogDoors) {
    this.#doors = doors;
  }

  put(prepared: Prepared, attempt: number): void {
    const { run, item, params } = prepared;
    const { priority, order } = item;
    const due = { prepared, attempt, slots: slotsOf(run.node, params), priority, order };
    this.#waiting.set(item, due);
    this.#lines[(due.slots.gpu ?? 0) > 0 ? "gpu" : "cpu"].heap.push(due);
    // What becomes due in one go is handed on together, the first of all of it first.
    if (!this.#isAsked) queueMicrotask(() => this.handOn());
    this.#isAsked = true;
  }

  /** Hands on what finds slots by now. */
  handOn(): void {
    this.#isAsked = false;
    if (this.#waiting.size > 0) for (const line of Object.values(this.#lines)) this.#handOn(line);
  }

  /** Items whose attempts wait. */
  get items(): Iterable<WorkItem> {
    return this.#waiting.keys();
  }

  /** Calls off those that are meant. Answers them. */
  callOff(isMeant: (item: WorkItem) => boolean = () => true): readonly Prepared[] {
    const off = [...this.#waiting.values()].filter(({ prepared }) => isMeant(prepared.item));
    for (const { prepared } of off) this.#waiting.delete(prepared.item);
    return off.map(({ prepared }) => prepared);
  }

  #handOn(line: Line): void {
    for (let due = line.heap.peek(); due !== undefined; due = line.heap.peek()) {
      const isWaiting = this.#waiting.get(due.prepared.item) === due;
      if (isWaiting && !(line.last !== undefined && before(due, line.last)) && !this.#doors.wants(due)) return;
      line.heap.pop();
      if (!isWaiting) continue;
      this.#waiting.delete(due.prepared.item);
      if (line.last === undefined || before(line.last, due)) line.last = due;
      this.#doors.handOn(due);
    }
  }
}

function emptyLine(): Line {
  return { heap: createHeap(before), last: undefined };
}

function before(a: Due, b: Due): boolean {
  return a.priority === b.priority ? a.order < b.order : a.priority > b.priority;
}
