/** Node type `sql_input`: an item for each row that a query of a SQLite file answers. Knows nothing of what they mean. */
import { defineNode } from "dag-cook";
import { ROWS, rowsProblems, type Table, writtenBy } from "./rows/columns.js";
import { itemsOfRows } from "./rows/items.js";
import { queryRows } from "./rows/sql.js";

export default defineNode({
  description: "Makes an item for every row that a query of a SQLite database answers, with its columns as attributes.",
  version: 1,
  params: {
    file: { type: "string", path: "input", required: true, description: "The database, a file. It is only read." },
    query: {
      type: "string",
      required: true,
      template: false,
      minLength: 1,
      description: "One statement that begins with SELECT, WITH or VALUES; `?` stands for the next of `values`.",
    },
    values: {
      type: "array",
      items: { type: ["string", "number", "boolean"] },
      default: [],
      description: "What stands for each `?`. Text is a template.",
    },
    ...ROWS,
  },
  inputs: { main: { description: "Items for each of which the query is made.", optional: true } },
  attributes: { writes: writtenBy },
  check: rowsProblems,
  async discover({ file: path, query, values }, doors) {
    const file = await doors.read(path);
    try {
      return await doors.probe(file, async (found, given) => queryRows(found, given), { query, values });
    } catch (cause) {
      throw new Error(`${path}: ${(cause as Error).message}`, { cause });
    }
  },
  *generate(_upstream, params, discovered) {
    yield* itemsOfRows(discovered as Table, params);
  },
});
