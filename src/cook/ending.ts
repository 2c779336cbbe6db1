/** How an item's attempts can end. Knows words alone; what an end means, the cook decides. */
import type { Entry } from "../cache/store.js";
import type { Failure } from "../event/event.js";
import type { Outcome } from "../worker/protocol.js";
import type { Flight } from "./flight.js";

/** How an item's attempts ended. */
export type Ending =
  | { readonly kind: "published"; readonly entry: Entry; readonly seconds: number }
  /** A graceful stop: usable, but not the result of this fingerprint. */
  | { readonly kind: "partial"; readonly entry: Entry; readonly seconds: number }
  /** An input changed while it was read: the item is to be looked at again. */
  | { readonly kind: "dropped" }
  | { readonly kind: "cancelled"; readonly message: string }
  /** `entry`: what it could save. */
  | { readonly kind: "failed"; readonly failure: Failure; readonly entry?: Entry };

/** What came of the wish to stop an item's work: it may save, or it waited for another attempt and is cancelled. */
export type Halt = "saving" | "cancelled";

type Failed = Pick<Extract<Outcome, { kind: "failed" }>, "message" | "tail"> & Pick<Failure, "cause">;

/** The failure of an attempt, with what the item had. */
export function failureOf(
  { prepared, log, attempt }: Pick<Flight, "prepared" | "log" | "attempt">,
  failed: Failed,
): Extract<Ending, { kind: "failed" }> {
  const attributes: Record<string, unknown> = {};
  for (const name of prepared.item.attributeNames()) attributes[name] = prepared.item.attribute(name);
  return { kind: "failed", failure: { ...failed, attributes, log, attempts: attempt } };
}
