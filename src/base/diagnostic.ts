/** Problems in a graph file: their shape and how they are shown. Knows nothing of graphs. */

/** Where in a text something stands. Lines and columns count from 1; `length` is at least 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly length: number;
}

/** A problem that the user can mend, with its place. */
export interface Diagnostic {
  readonly severity: "error" | "warning";
  readonly message: string;
  /** The nearest valid name, shown as `Did you mean "…"?` */
  readonly suggestion?: string;
  readonly place: Place;
}

/** One line: `graphs/a.json:12:15 Node "tiles" has no parameter "sise". Did you mean "size"?` */
export function headline(diagnostic: Diagnostic): string {
  const { place, message, suggestion, severity } = diagnostic;
  const hint = suggestion === undefined ? "" : ` Did you mean "${suggestion}"?`;
  const kind = severity === "warning" ? "warning: " : "";
  return `${place.file}:${place.line}:${place.column} ${kind}${message}${hint}`;
}

/** The headline with the source line and a marker under the place. `source` is the file's whole text. */
export function render(diagnostic: Diagnostic, source: string): string {
  const { line, column, length } = diagnostic.place;
  const text = source.split("\n")[line - 1]?.replace(/\r$/, "");
  if (text === undefined) return headline(diagnostic);
  const shown = text.replaceAll("\t", " ");
  const marker = "~".repeat(Math.max(1, Math.min(length, shown.length - column + 1)));
  const gutter = `${line} | `;
  return `${headline(diagnostic)}\n  ${gutter}${shown}\n  ${" ".repeat(gutter.length + column - 1)}${marker}`;
}
