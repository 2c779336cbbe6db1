/** What outcomes and causes are called, for people: the one place where words are made of them, and nobody reads them back. */

import type { ItemName } from "../workitem/name.js";
import type { CancelCause, Failure, Outcome, Setback } from "../workitem/outcome.js";
import { reasonsText } from "./reasons.js";

const STOPPED: Readonly<Record<Extract<CancelCause, { kind: "stopped" }>["stage"], string>> = {
  ready: "the cook was stopped",
  due: "stopped before it began",
  retry: "stopped before another attempt",
  cooking: "stopped while it cooked",
};

/** Why an item was canceled. */
export function cancelText(cause: CancelCause): string {
  if (cause.kind === "blocked") return "blocked";
  if (cause.kind === "stopped") return STOPPED[cause.stage];
  const { items, broken, of } = cause;
  const [first] = items;
  if (of === 1 && first !== undefined) return `${first.item.name} is ${first.state}`;
  const shown = items.map(({ item, state }) => `${titleOf(item)} (${state})`).join(", ");
  const more = broken > items.length ? ` and ${broken - items.length} more` : "";
  return `${broken} of ${of} items that it is made from have no result: ${shown}${more}`;
}

/** A failure in one line. */
export function failureText({ message, missed }: Failure): string {
  return missed === undefined ? message : `${message} (${reasonsText(missed)})`;
}

/** Why an item is in its state, where that needs a word. */
export function outcomeText(outcome: Outcome | undefined): string | undefined {
  if (outcome?.kind === "failed") return failureText(outcome.failure);
  if (outcome?.kind === "canceled") return cancelText(outcome.cause);
  return outcome?.kind === "not_scheduled" || outcome?.kind === "partial" ? outcome.kind : undefined;
}

/** Why an item goes back in the line. */
export function setbackText(setback: Setback): string {
  if (setback.kind === "attempt_failed") return `attempt ${setback.attempt} failed`;
  return setback.kind === "returned" ? "its worker ended with other work" : "an input changed while it was cooked";
}

function titleOf({ name, label }: ItemName): string {
  return label === name ? name : `${name} ${label}`;
}
