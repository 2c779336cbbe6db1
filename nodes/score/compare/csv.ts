/** CSV as RFC 4180 has it. It knows cells, no tables. */

/** A cell as it stands in a line. */
export function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
