/** A failure in words: what, where, why, with which attributes, the worker's last lines, the log, and what to do. */

import type { ItemName } from "../workitem/name.js";
import type { Failure } from "../workitem/outcome.js";
import { failureText } from "./words.js";

/** More attributes than a reader takes in are left to `dag items`. */
const SHOWN_ATTRIBUTES = 12;
const LONGEST_VALUE = 80;

/** The failure of an item, as lines. */
export function failureLines(item: ItemName, failure: Failure): string[] {
  const { cause, message, attributes, tail, attempts, log } = failure;
  const called = item.label === item.name ? item.name : `${item.name} (${item.label})`;
  const lines = [`Failed: ${called} of node "${item.node}": ${failureText(failure)}`];
  const shown = Object.entries(attributes).map(([name, value]) => `${name}=${short(JSON.stringify(value))}`);
  const more = shown.length > SHOWN_ATTRIBUTES ? ` and ${shown.length - SHOWN_ATTRIBUTES} more` : "";
  if (shown.length > 0) lines.push(`  attributes: ${shown.slice(0, SHOWN_ATTRIBUTES).join(" ")}${more}`);
  for (const line of tail) lines.push(`  | ${line}`);
  if (attempts > 1) lines.push(`  after ${attempts} attempts`);
  if (log !== "") lines.push(`  log: dag log ${item.name}  (${log})`);
  const advice = FULL.test(message) ? FREE : ADVICE[cause](item);
  lines.push(`  to do: ${advice}`);
  return lines;
}

const AGAIN = "the same command cooks what is left";

/** As the system says it to a node's own code. */
const FULL = /\b(ENOSPC|EDQUOT)\b/;
const FREE = `free some space on the disk of the store, or choose another with --store: ${AGAIN}.`;

const ADVICE: Readonly<Record<Failure["cause"], (item: ItemName) => string>> = {
  error: () => `its own code refused; the log shows where. Mend the code, a parameter or an input: ${AGAIN}.`,
  crash: ({ node }) =>
    `its process ended; the log has its last words. Mend it, or have it tried again ("on_failure": "retry" of node "${node}").`,
  timeout: ({ node }) => `raise "timeout" of node "${node}", or give its items less work: ${AGAIN}.`,
  memory: ({ node }) =>
    `raise the memory limit of node "${node}", give its items less work, or have fewer cook at once ("slots", --cpu-slots).`,
  refused: () => `change what the message names: ${AGAIN}.`,
};

function short(text: string): string {
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text;
}
