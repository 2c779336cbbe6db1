/** What a worker leaves behind besides its answers: raw output, last words, the end of a log. Knows no tasks. */
import { appendFileSync, closeSync, fstatSync, mkdirSync, openSync, readSync } from "node:fs";
import { dirname } from "node:path";
import { TAIL_LINES } from "../worker/log.js";
import { OVER_MEMORY } from "../worker/protocol.js";

const TAIL_BYTES = 16_384;
/** Lines that say why a process ends, best first. */
const REASONS = [
  new RegExp(`^${OVER_MEMORY}`),
  /out of memory|bad_alloc|cannot allocate memory/i,
  /^(Uncaught )?\w*(Error|Exception)\b/,
  /\S/,
];
const MEMORY = new RegExp(`${REASONS[0]!.source}|${REASONS[1]!.source}`, "i");
/** The runtime's own farewell, which says nothing. */
const FAREWELL = /^Node\.js v\d/;

/** Adds what native code printed to an item's log; a log that cannot be written is left out. */
export function keepOutput(log: string, text: string): void {
  try {
    mkdirSync(dirname(log), { recursive: true });
    appendFileSync(log, text);
  } catch {}
}

/** The last lines of a log; none where there is no log. */
export function endOfLog(log: string): readonly string[] {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(log, "r");
    const { size } = fstatSync(descriptor);
    const bytes = Buffer.alloc(Math.min(size, TAIL_BYTES));
    readSync(descriptor, bytes, 0, bytes.length, size - bytes.length);
    return bytes.toString().trimEnd().split("\n").slice(-TAIL_LINES);
  } catch {
    return [];
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** The line of a process's standard error that tells best why it ended, if any, and whether it ran out of memory. */
export function lastWords(stderr: readonly string[]): { readonly line: string | undefined; readonly memory: boolean } {
  const said = stderr.filter((line) => !FAREWELL.test(line));
  const line = REASONS.map((reason) => said.findLast((each) => reason.test(each))).find((found) => found !== undefined);
  return { line: line?.trim(), memory: line !== undefined && MEMORY.test(line) };
}
