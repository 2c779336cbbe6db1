/** The state words of a work item, and which may follow which. The one transition lives in cook/state. */

export const STATES = [
  "uncooked",
  "waiting",
  "scheduled",
  "cooking",
  "cooked_success",
  "cooked_cache",
  "cooked_fail",
  "cooked_cancel",
] as const;
export type ItemState = (typeof STATES)[number];

/** Which states may follow each. */
export const NEXT: Readonly<Record<ItemState, readonly ItemState[]>> = {
  uncooked: ["waiting", "cooked_cancel"],
  waiting: ["scheduled", "cooked_success", "cooked_cache", "cooked_fail", "cooked_cancel"],
  scheduled: ["cooking", "waiting", "cooked_cache", "cooked_fail", "cooked_cancel"],
  cooking: ["cooked_success", "cooked_fail", "cooked_cancel", "scheduled", "waiting"],
  cooked_success: [],
  cooked_cache: [],
  cooked_fail: [],
  cooked_cancel: [],
};

/** Whether nothing more will happen to an item in this state during this cook. */
export function isDone(state: ItemState): boolean {
  return state === "cooked_success" || state === "cooked_cache" || state === "cooked_fail" || state === "cooked_cancel";
}

/** Whether an item in this state offers its outputs and attributes to those below. */
export function isGood(state: ItemState): boolean {
  return state === "cooked_success" || state === "cooked_cache";
}
