/** CSV text as a table and back (RFC 4180). Knows no items. */
import type { ParamSchemas } from "dag-cook";
import type { TextTable } from "./columns.js";
import { MOST_ROWS } from "./items.js";

export const DELIMITER = {
  delimiter: {
    type: "string",
    enum: [",", ";", "\t", "|"],
    default: ",",
    description: "What separates the cells of a row.",
  },
} as const satisfies ParamSchemas;

/** How a text is read. A type, since it is remembered as JSON with what was read. */
export type CsvForm = { readonly delimiter: string; readonly header: boolean };

/**
 * Reads a table, every cell as the text that it is; without a header, columns are `column_0`, `column_1` …. Rejects with the line's
 * number where a quote is not closed or a row has too many or too few cells.
 */
export async function parseCsv(text: string, { delimiter, header }: CsvForm): Promise<TextTable> {
  const { default: papaparse } = await import("papaparse");
  const { data, errors } = papaparse.parse<string[]>(text.replace(/^\uFEFF/, ""), { delimiter, skipEmptyLines: true });
  const [problem] = errors.filter(({ type }) => type === "Quotes");
  if (problem !== undefined) throw new Error(`row ${(problem.row ?? 0) + 1}: ${problem.message}`);
  const [head, ...rest] = data;
  if (head === undefined) return { text: true, columns: [], rows: [] };
  const columns = header ? head : head.map((_, index) => `column_${index}`);
  const rows = header ? rest : data;
  holdShape(columns, rows, header ? 2 : 1);
  return { text: true, columns, rows };
}

function holdShape(columns: readonly string[], rows: readonly (readonly string[])[], firstRow: number): void {
  const repeated = columns.find((name, place) => columns.indexOf(name) !== place);
  if (repeated !== undefined) throw new Error(`two columns are named "${repeated}"`);
  if (rows.length > MOST_ROWS) throw new Error(`it has ${rows.length} rows, above the limit of ${MOST_ROWS}`);
  const odd = rows.findIndex((row) => row.length !== columns.length);
  if (odd < 0) return;
  throw new Error(
    `row ${odd + firstRow} has ${rows[odd]!.length} cells, and the first has ${columns.length}; is the delimiter right?`,
  );
}

/**
 * The text of a table; cells with separators, quotes or line breaks are quoted. `escaped`: text that a spreadsheet would take
 * for a formula begins with an apostrophe.
 */
export async function formatCsv(
  rows: readonly (readonly (string | number | boolean | null)[])[],
  delimiter: string,
  escaped: boolean,
): Promise<string> {
  const { default: papaparse } = await import("papaparse");
  return rows.length === 0
    ? ""
    : `${papaparse.unparse(rows as unknown[][], { delimiter, newline: "\n", escapeFormulae: escaped })}\n`;
}
