/** The one function through which every work item changes its state; all counts are views of what passed through it. */
import type { Begun, EventSink } from "../event/event.js";
import type { NodeRecord } from "../unchanged/pieces.js";
import type { WorkItem } from "../workitem/item.js";
import type { ItemName } from "../workitem/name.js";
import { type Outcome, type Setback, STATE_OF } from "../workitem/outcome.js";
import { type ItemState, NEXT, STATES } from "../workitem/state.js";
import { upward } from "../workitem/upward.js";

export type Counts = Record<ItemState, number>;

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

  /** Moves an item that does not end. `begun`: where it begins to cook; `setback`: where it goes back in the line. */
  move(
    item: WorkItem,
    to: "waiting" | "scheduled" | "cooking",
    about?: { readonly begun: Begun } | { readonly setback: Setback },
  ): void {
    const from = item.state;
    if (!this.#change(item, to)) return;
    const event = { type: "item_state" as const, item: itemName(item), from, to, ...about };
    if (from !== "uncooked") this.#sink(event);
    else this.#sink(item.parents.length === 0 ? { ...event, inputs: NO_INPUTS } : withInputs(event, item));
  }

  /** Ends an item. `seconds`: of its work. */
  end(item: WorkItem, outcome: Outcome, seconds?: number): void {
    const from = item.state;
    const to = STATE_OF[outcome.kind];
    const isTold = this.#change(item, to);
    item.outcome = outcome;
    if (outcome.kind === "not_scheduled") this.#notScheduled += 1;
    else if (outcome.kind === "partial") this.#partial += 1;
    else if (outcome.kind === "done" && item.hasWork) this.#cooked += 1;
    if (!isTold) return;
    const event = { type: "item_state" as const, item: itemName(item), from, to, outcome };
    this.#sink(seconds === undefined ? event : { ...event, seconds });
  }

  /**
   * The transition itself; throws where the states do not allow it: that is a bug. Answers whether it is told: items without work
   * pass unseen, since an event each would cost more than they do, unless something is wrong with them.
   */
  #change(item: WorkItem, to: ItemState): boolean {
    const from = item.state;
    if (!NEXT[from].includes(to)) throw new Error(`${item.name}: a work item cannot go from ${from} to ${to}`);
    item.state = to;
    this.#counts[from] -= 1;
    this.#counts[to] += 1;
    return item.hasWork || to === "cooked_fail" || to === "cooked_cancel";
  }

  /** Takes in the items of a node that stand as they were. */
  addUnchanged({ items, cached, notScheduled }: NodeRecord): void {
    this.#counts.cooked_cache += cached;
    this.#counts.cooked_success += items - cached;
    this.#notScheduled += notScheduled;
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
  return Object.defineProperty(event, "inputs", { enumerable: true, get: () => upstreamWork(item) }) as never;
}

/** Names of the nearest items with work above an item. */
function upstreamWork(item: WorkItem): string[] {
  const upstream = [...upward(item.parents.flat(), ({ hasWork }) => hasWork)];
  return upstream.filter(({ hasWork }) => hasWork).map(({ name }) => name);
}

export function itemName(item: WorkItem): ItemName {
  const { node, name, index, label = name } = item;
  return { node, name, index, label };
}

function zero(): Counts {
  return Object.fromEntries(STATES.map((state) => [state, 0])) as Counts;
}
