/**
 * The only way by which text of a command reaches standard output and error: names, labels and logs may be a stranger's, and none
 * of them may move, colour or rename a terminal, nor what a file is shown in later. (Progress has a writer of its own: `report`.)
 */
import { printable } from "../base/printable.js";

/** To standard output as it stands, line feeds and all; control characters are spelled (`\u001b`), in JSON as JSON spells them. */
export function print(text: string): void {
  process.stdout.write(printable(text));
}

/** As `print`, to standard error. */
export function printError(text: string): void {
  process.stderr.write(printable(text));
}

/** As `print`, for a program of the user's own: its colours stay. */
export function printColoured(text: string): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one
  const parts = text.split(/(\u001b\[[\d;]*m)/);
  process.stdout.write(parts.map((part, place) => (place % 2 === 1 ? part : printable(part))).join(""));
}
