/** Node type `sql_input`: an item for each row that a query of a SQLite file answers. Knows nothing of what they mean. */
import { defineNode } from "dag-cook";
import { ROWS, rowsProblems, type Table, writtenBy } from "./rows/columns.js";
import { itemsOfRows } from "./rows/items.js";
import { sourceOf, tablesIn } from "./rows/source.js";
import { queryRows } from "./rows/sql.js";

export default defineNode({
  description:
    "Makes an item for every row that a query of a SQLite database answers, or of that of each upstream item, with its columns as attributes.",
  version: 1,
  params: {
    ...sourceOf("The database, a file. It is only read."),
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
  inputs: {
    main: { description: "Items whose databases are asked, or for each of which the query is made.", optional: true },
  },
  attributes: { writes: writtenBy },
  check: rowsProblems,
  async discover({ query, values, ...source }, context) {
    return tablesIn(source, context, async (found, form) => queryRows(found, form), { query, values });
  },
  *generate(_upstream, params, discovered) {
    yield* itemsOfRows(discovered as readonly Table[], params);
  },
});
