/** How an item's attempts can end. Knows words alone; what an end means, the cook decides. */

import type { Value } from "../expression/value.js";
import type { Entry } from "../store/results.js";
import type { Outcome } from "../worker/protocol.js";
import type { WorkItem } from "../workitem/item.js";
import type { CancelCause, Failure } from "../workitem/outcome.js";
import type { Flight } from "./flight.js";

/** How far an item had come that was stopped. */
export type Stage = Extract<CancelCause, { kind: "stopped" }>["stage"];

/** How an item's attempts ended. */
export type Ending =
  | { readonly kind: "published"; readonly entry: Entry; readonly seconds: number }
  /** A graceful stop: usable, but not the result of this fingerprint. */
  | { readonly kind: "partial"; readonly entry: Entry; readonly seconds: number }
  /** An input changed while it was read: the item is to be looked at again. */
  | { readonly kind: "dropped" }
  | { readonly kind: "cancelled"; readonly stage: Stage }
  /** `entry`: what it could save. */
  | { readonly kind: "failed"; readonly failure: Failure; readonly entry?: Entry };

/** What came of the wish to stop an item's work: it may save; or it waited, for slots or another attempt, and is canceled. */
export type Halt = "saving" | "due" | "retry";

type Failed = Pick<Extract<Outcome, { kind: "failed" }>, "message" | "tail"> & Pick<Failure, "cause">;

/** The failure of an attempt, with what the item had. */
export function failureOf(
  { prepared, log, attempt }: Pick<Flight, "prepared" | "log" | "attempt">,
  failed: Failed,
): Extract<Ending, { kind: "failed" }> {
  return { kind: "failed", failure: { ...failed, attributes: attributesOf(prepared.item), log, attempts: attempt } };
}

/** What an item has; without the names on which a partition's members do not agree. */
export function attributesOf(item: WorkItem): Readonly<Record<string, Value>> {
  const named = [...item.attributeNames()].map((name) => [name, item.attribute(name)] as const);
  return Object.fromEntries(named.filter((pair): pair is readonly [string, Value] => pair[1] !== undefined));
}
