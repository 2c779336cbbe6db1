/** Tables for the terminal, and the same rows as CSV. Knows text alone. */
import { printable } from "../base/printable.js";

/** Columns padded to their widest cell, two spaces between them; numbers to the right. */
export function table(header: readonly string[], texts: readonly (readonly string[])[]): string {
  const rows = texts.map((row) => row.map((text) => printable(text).replaceAll("\n", "\\n")));
  const widths = header.map((name) => name.length);
  const numeric = header.map(() => true);
  for (const row of rows) {
    for (const [column, cell] of row.entries()) {
      if (cell.length > (widths[column] ?? 0)) widths[column] = cell.length;
      if (numeric[column] && !NUMBERS.test(cell)) numeric[column] = false;
    }
  }
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => (numeric[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join("  ")
      .trimEnd();
  return [line(header), ...rows.map(line)].join("\n");
}

const NUMBERS = /^[\d.,≥ ]*$/;

/** RFC 4180. */
export function csv(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const cell = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return [header, ...rows].map((row) => row.map(cell).join(",")).join("\n");
}
