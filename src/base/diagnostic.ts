/** Problems in a graph file: their shape and how they are shown. Knows nothing of graphs. */
import { printable, printableLine } from "./printable.js";

/** Where in a text something stands. Lines and columns count from 1; `length` is at least 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly length: number;
}

/** A problem that the user can fix, or a hint at what may do better, with its place. */
export interface Diagnostic {
  readonly severity: "error" | "warning" | "hint";
  readonly message: string;
  /** The nearest valid name, shown as `Did you mean "…"?` */
  readonly suggestion?: string;
  readonly place: Place;
}

/** One line: `graphs/a.json:12:15 Node "tiles" has no parameter "sise". Did you mean "size"?` */
export function headline(diagnostic: Diagnostic): string {
  const { place, message, suggestion, severity } = diagnostic;
  const hint = suggestion === undefined ? "" : ` Did you mean "${suggestion}"?`;
  const kind = severity === "error" ? "" : `${severity}: `;
  return printable(`${place.file}:${place.line}:${place.column} ${kind}${message}${hint}`);
}

/** Columns of a source line that are shown, and how many of them before the place: a file may be one line. */
const SHOWN = 160;
const BEFORE = 60;

/** The headline with the source line and a marker under the place. `source` is the file's whole text. */
export function render(diagnostic: Diagnostic, source: string): string {
  const { line, column, length } = diagnostic.place;
  const text = lineOf(source, line);
  if (text === undefined) return headline(diagnostic);
  const from = text.length <= SHOWN ? 0 : Math.max(0, column - 1 - BEFORE);
  const cut = printableLine(text.slice(from, from + SHOWN));
  const shown = `${from > 0 ? "…" : ""}${cut}${from + SHOWN < text.length ? "…" : ""}`;
  const at = column - 1 - from + (from > 0 ? 1 : 0);
  const marker = "~".repeat(Math.max(1, Math.min(length, shown.length - at)));
  const gutter = `${line} | `;
  return `${headline(diagnostic)}\n  ${gutter}${shown}\n  ${" ".repeat(gutter.length + at)}${marker}`;
}

/** A line by its number, without taking the whole text to pieces: there may be many problems in a long one. */
function lineOf(source: string, line: number): string | undefined {
  let start = 0;
  for (let number = 1; number < line; number++) {
    start = source.indexOf("\n", start) + 1;
    if (start === 0) return undefined;
  }
  const end = source.indexOf("\n", start);
  return source.slice(start, end === -1 ? undefined : end).replace(/\r$/, "");
}
