/** How a work item ended, as data: one closed union. Makes no words of it (report/words does); the one transition sets it. */
import type { ItemName } from "./name.js";
import type { Reason } from "./reason.js";
import type { ItemState } from "./state.js";

/** A failed attempt that ended an item. */
export interface Failure {
  /**
   * `error`: its code threw, or gave up. `crash`, `timeout`, `memory`: its worker ended, or was ended. `refused`: what it was
   * given, or what it made, cannot be used; the message says what.
   */
  readonly cause: "error" | "crash" | "timeout" | "memory" | "refused";
  readonly message: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** The worker's last lines. */
  readonly tail: readonly string[];
  readonly log: string;
  readonly attempts: number;
  /** Of an item that is only to be read from the store: why it has no result there. */
  readonly missed?: readonly Reason[];
}

/** Why an item was canceled. */
export type CancelCause =
  /** Somebody stopped it, or the whole cook: as it became ready, as it waited for slots or another attempt, or as it cooked. */
  | { readonly kind: "stopped"; readonly stage: "ready" | "due" | "retry" | "cooking" }
  /** Items that it is made from have no result: the first few, how many, and of how many. */
  | {
      readonly kind: "upstream";
      readonly items: readonly { readonly item: ItemName; readonly state: ItemState }[];
      readonly broken: number;
      readonly of: number;
    }
  /** It waits for an item that failed and blocks. */
  | { readonly kind: "blocked" };

/** How an item ended. `partial`: it was stopped, and what it saved serves those below. */
export type Outcome =
  | { readonly kind: "done" }
  | { readonly kind: "cached" }
  | { readonly kind: "not_scheduled" }
  | { readonly kind: "partial" }
  | { readonly kind: "failed"; readonly failure: Failure }
  | { readonly kind: "canceled"; readonly cause: CancelCause };

/** Those that have nothing to add are one object each: there are as many outcomes as items. */
export const DONE: Outcome = { kind: "done" };
export const CACHED: Outcome = { kind: "cached" };
export const NOT_SCHEDULED: Outcome = { kind: "not_scheduled" };
export const PARTIAL: Outcome = { kind: "partial" };
export const BLOCKED: Outcome = { kind: "canceled", cause: { kind: "blocked" } };

/** The outcome of an item that was stopped. */
export function stoppedAt(stage: Extract<CancelCause, { kind: "stopped" }>["stage"]): Outcome {
  return { kind: "canceled", cause: { kind: "stopped", stage } };
}

/** The state in which an outcome leaves an item. */
export const STATE_OF = {
  done: "cooked_success",
  cached: "cooked_cache",
  not_scheduled: "cooked_success",
  partial: "cooked_success",
  failed: "cooked_fail",
  canceled: "cooked_cancel",
} as const satisfies Readonly<Record<Outcome["kind"], ItemState>>;

/** Why an item whose work was due, or under way, goes back in the line. */
export type Setback =
  | { readonly kind: "attempt_failed"; readonly attempt: number }
  /** Its worker ended with other work. */
  | { readonly kind: "returned" }
  /** An input changed while it was cooked. */
  | { readonly kind: "input_changed" };
