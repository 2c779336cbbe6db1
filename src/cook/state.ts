/** The one function through which every work item changes its state; all counts are views of what passed through it. */
import type { Begun, EventSink, ItemName } from "../event/event.js";
import type { WorkItem } from "../workitem/item.js";
import { NEXT, STATES, type State } from "../workitem/state.js";
import { upward } from "../workitem/upward.js";

export type Counts = Record<State, number>;

/** What is told of a move beside it. */
interface About {
  readonly seconds?: number;
  readonly begun?: Begun;
}

export class States {
  readonly #sink: EventSink;
  readonly #counts: Counts = zero();
  #notScheduled = 0;
  #cooked = 0;
  #partial = 0;

  constructor(sink: EventSink) {
    this.#sink = sink;
  }

  /** Takes a new item in; it is uncooked. */
  add(_item: WorkItem): void {
    this.#counts.uncooked += 1;
  }

  /** Moves an item. Throws where the states do not allow it: that is a bug. */
  move(item: WorkItem, to: State, reason?: string, about?: About): void {
    const from = item.state;
    if (!NEXT[from].includes(to)) throw new Error(`${item.name}: a work item cannot go from ${from} to ${to}`);
    item.state = to;
    item.reason = reason;
    this.#counts[from] -= 1;
    this.#counts[to] += 1;
    if (item.notScheduled) this.#notScheduled += 1;
    else if (item.partial) this.#partial += 1;
    else if (item.hasWork && to === "cooked_success") this.#cooked += 1;
    // Items without work pass unseen: an event each would cost more than they do.
    if (!item.hasWork && to !== "cooked_fail" && to !== "cooked_cancel") return;
    const event = { type: "item_state" as const, item: itemName(item), from, to, reason };
    if (about !== undefined) this.#sink(Object.assign(event, about));
    else if (from !== "uncooked") this.#sink(event);
    else this.#sink(item.parents.length === 0 ? { ...event, inputs: NO_INPUTS } : withInputs(event, item));
  }

  counts(): Counts {
    return { ...this.#counts };
  }

  /** Items whose work was done. */
  get cooked(): number {
    return this.#cooked;
  }

  /** Items that were stopped and saved what they had. */
  get partial(): number {
    return this.#partial;
  }

  get notScheduled(): number {
    return this.#notScheduled;
  }
}

const NO_INPUTS: readonly string[] = [];

/** The inputs are found out only where somebody reads them: a partition has many. */
function withInputs<E extends object>(event: E, item: WorkItem): E & { readonly inputs: readonly string[] } {
  return Object.defineProperty(event, "inputs", { enumerable: true, get: () => worksAbove(item) }) as never;
}

/** Names of the nearest items with work above an item. */
function worksAbove(item: WorkItem): string[] {
  const above = [...upward(item.parents.flat(), ({ hasWork }) => hasWork)];
  return above.filter(({ hasWork }) => hasWork).map(({ name }) => name);
}

export function itemName(item: WorkItem): ItemName {
  const { node, name, index, label = name } = item;
  return { node, name, index, label };
}

function zero(): Counts {
  return Object.fromEntries(STATES.map((state) => [state, 0])) as Counts;
}
