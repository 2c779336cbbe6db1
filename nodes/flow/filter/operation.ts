/** What all filters share: whether items that fit are kept or removed. Knows no conditions. */

export const OPERATION = {
  type: "string",
  enum: ["keep", "remove"],
  default: "keep",
  description: "Whether the items that fit are kept, and all others removed, or the other way round.",
} as const;

/** Whether an item that fits (or does not) goes on. */
export function goesOn(fits: boolean, operation: "keep" | "remove"): boolean {
  return fits === (operation === "keep");
}
