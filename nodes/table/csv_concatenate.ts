/** Node type `csv_concatenate`: the rows of several CSV files as those of one. Knows nothing of what the cells mean. */
import { defineNode } from "dag-cook";
import { outputSchema, writeText } from "../file/made/output.js";
import { filesTagged } from "./rows/concatenated.js";
import { DELIMITER, formatCsv, parseCsv } from "./rows/csv.js";
import { readText } from "./rows/text-file.js";

export default defineNode({
  description: "Writes the rows of all CSV files of its partition into one, in order; cells stay as they are written.",
  version: 1,
  params: {
    tag: {
      type: "string",
      default: "file/text/csv",
      template: false,
      description: "Files with this tag or one below it; empty: all.",
    },
    header: {
      type: "boolean",
      default: true,
      description: "Whether the first row of every file holds the columns' names.",
    },
    ...DELIMITER,
    columns: {
      type: "string",
      enum: ["same", "union"],
      default: "same",
      description:
        "`same`: a file with other columns is refused; their order may differ. `union`: all columns that any file has; cells that a file lacks are empty.",
    },
    source: {
      type: ["string", "null"],
      default: null,
      minLength: 1,
      template: false,
      description: "Name of a further first column with the name of the file that each row is from.",
    },
    output: outputSchema("table.csv"),
  },
  inputs: {
    main: { description: "A partition, such as that of `wait_for_all`; of an item by itself, its own files." },
  },
  attributes: { writes: { row_count: "int" } },
  check: ({ header, columns, source }) =>
    header || (columns === "same" && source === null)
      ? []
      : [{ param: "header", message: 'without names of columns there is no "union" and no "source"' }],
  async cook({ inputs }, { tag, header, delimiter, columns, source, output }, { directory, signal }) {
    const names: string[] = [];
    const tables: { name: string; columns: readonly string[]; rows: readonly (readonly string[])[] }[] = [];
    for (const { path, name } of filesTagged(inputs.main!, tag)) {
      signal.throwIfAborted();
      try {
        const table = await parseCsv(await readText(path), { delimiter, header });
        if (table.columns.length === 0) continue; // an empty file has no columns to differ by
        holdColumns(table.columns, tables.length === 0 ? table.columns : names, columns);
        for (const column of table.columns) if (!names.includes(column)) names.push(column);
        tables.push({ name, ...table });
      } catch (cause) {
        throw new Error(`${name}: ${(cause as Error).message}`, { cause });
      }
    }
    if (source !== null && names.includes(source))
      throw new Error(`There is a column "${source}" already, which "source" names.`);
    const rows = tables.flatMap((table) => {
      const places = names.map((column) => table.columns.indexOf(column));
      return table.rows.map((row) => [
        ...(source === null ? [] : [table.name]),
        ...places.map((place) => row[place] ?? ""),
      ]);
    });
    const head = source === null ? names : [source, ...names];
    const text = await formatCsv(header && head.length > 0 ? [head, ...rows] : rows, delimiter, false);
    return {
      outputs: [await writeText(directory, output, "table.csv", text, "file/text/csv")],
      attributes: { row_count: rows.length },
    };
  },
});

function holdColumns(columns: readonly string[], others: readonly string[], rule: "same" | "union"): void {
  if (rule === "union") return;
  const extra = columns.find((column) => !others.includes(column));
  const lacking = others.find((column) => !columns.includes(column));
  if (extra === undefined && lacking === undefined) return;
  const what = extra === undefined ? `it has no column "${lacking}"` : `it has a column "${extra}"`;
  throw new Error(`${what}, unlike the files before it; "columns": "union" takes both`);
}
