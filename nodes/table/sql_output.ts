/** Node type `sql_output`: members of a partition as the rows of a SQLite table. Knows nothing of what the cells mean. */
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { defineNode } from "dag-cook";
import { madeFile, outputSchema } from "../file/made/output.js";
import { cellOf, columnNames, columnProblems, MEMBERS, neededBy, readsOf, rowsOf } from "./rows/members.js";
import { type SqlColumn, writeTable } from "./rows/sql.js";

type Cell = ReturnType<typeof cellOf>;

export default defineNode({
  description: "Writes a SQLite database with one table, with a row for every member of its partition.",
  version: 1,
  params: {
    ...MEMBERS,
    table: { type: "string", default: "items", minLength: 1, template: false, description: "Name of the table." },
    output: outputSchema("table.db"),
  },
  inputs: { main: { description: "A partition, such as that of `wait_for_all`; an item by itself is one row." } },
  attributes: { reads: readsOf, needs: neededBy, writes: { row_count: "int" } },
  check: (params) => [
    ...columnProblems(params),
    ...(/^sqlite_/i.test(params.table) ? [{ param: "table", message: 'names with "sqlite_" are its own' }] : []),
  ],
  async cook({ inputs }, { table, output, ...members }, { directory, signal }) {
    signal.throwIfAborted();
    const rows = rowsOf(inputs.main!, members).map((row) => row.map(cellOf));
    const columns = columnNames(members).map((name, place) => columnOf(name, rows, place));
    // The driver binds every number as a real, which as text would have a fraction.
    const bound = rows.map((row) => row.map((cell, place) => (columns[place]!.type === "text" ? textOf(cell) : cell)));
    const made = madeFile(output, "table.db", "file/database/sqlite");
    await mkdir(dirname(join(directory, made.path)), { recursive: true });
    await writeTable(join(directory, made.path), table, columns, bound);
    return { outputs: [made], attributes: { row_count: rows.length } };
  },
});

/** A column's type: that which all its values have. */
function columnOf(name: string, rows: readonly (readonly Cell[])[], place: number): SqlColumn {
  const cells = rows.map((row) => row[place]).filter((cell) => cell !== null);
  if (cells.every((cell) => typeof cell === "boolean" || Number.isInteger(cell))) return { name, type: "integer" };
  return { name, type: cells.every((cell) => typeof cell === "number") ? "real" : "text" };
}

function textOf(cell: Cell): Cell {
  return cell === null ? null : String(cell);
}
