/**
 * Items whose results are not in the store: why, and the start of their work. They are held until all is known that can be
 * without cooking, and whoever asked for the cook is told of it. Knows nothing of slots or attempts.
 */

import type { Activity } from "../base/activity.js";
import type { EventSink } from "../event/event.js";
import type { Prepared } from "../prepare/prepare.js";
import type { Lookup } from "../store/results.js";
import type { Store } from "../store/store.js";
import type { WorkItem } from "../workitem/item.js";
import type { Reason } from "../workitem/reason.js";
import type { Attempts } from "./attempts.js";
import type { CodeNotes } from "./codenotes.js";
import type { Finish } from "./finish.js";
import { traced } from "./firsts.js";
import { partOf, reasonsOf } from "./miss.js";
import type { CookPlan, CookRequest } from "./request.js";
import { itemName } from "./state.js";

/** What is known of an item that the store has never heard of. */
const UNKNOWN: Lookup = { entry: undefined, previous: undefined, dirty: false };

export interface MissDeps {
  readonly store: Store;
  readonly sink: EventSink;
  readonly finish: Finish;
  readonly attempts: Pick<Attempts, "start">;
  readonly codeNotes: Pick<CodeNotes, "note">;
  readonly activity: Activity;
  readonly request: CookRequest;
}

export class Misses {
  readonly #deps: MissDeps;
  /** Every miss, and why. */
  readonly reasons = new Map<WorkItem, readonly Reason[]>();
  /** Those of which the store has a part. */
  readonly partial = new Set<WorkItem>();
  /** Until the work begins; undefined from then on. */
  #waiting: Map<WorkItem, Prepared> | undefined = new Map();

  constructor(deps: MissDeps) {
    this.#deps = deps;
  }

  /** Whether the work has not begun. */
  get waiting(): boolean {
    return this.#waiting !== undefined;
  }

  /** The store has no result of an item. */
  add(prepared: Prepared, known: Lookup = UNKNOWN): void {
    const { store, sink, finish, request } = this.#deps;
    const { item, run } = prepared;
    const reasons = traced(item, reasonsOf(prepared, known, request.force, store.results), this.reasons);
    this.reasons.set(item, reasons);
    const part = partOf(prepared, known.previous, store.results);
    if (part !== undefined) this.partial.add(item);
    // It is cooked on from there all the same.
    if (part !== undefined && request.dry) finish.show(prepared, part);
    sink({ type: "item_missed", item: itemName(item), reasons });
    if (run.node.cacheMode === "always_read") {
      finish.fail(item, "Its cache_mode is always_read, and nothing is in the cache for it.", reasons);
    } else if (this.#waiting !== undefined) this.#waiting.set(item, prepared);
    else if (!request.dry) this.#start(prepared);
  }

  /** All is known that can be before something is cooked: tells it where anybody may cook, and lets the work begin. */
  begin(about: Omit<CookPlan, "missed">, mayCook: boolean): void {
    const { dry, begins } = this.#deps.request;
    const missed = this.#waiting ?? new Map<WorkItem, Prepared>();
    this.#waiting = undefined;
    if (dry || (missed.size > 0 && mayCook)) begins?.({ ...about, missed });
    if (!dry) for (const prepared of missed.values()) this.#start(prepared);
  }

  #start(prepared: Prepared): void {
    this.#deps.codeNotes.note(prepared.run.node.type.module);
    this.#deps.activity.begin();
    this.#deps.attempts.start(prepared);
  }
}
