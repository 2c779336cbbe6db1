/** Node type `csv_input`: an item for each row of a CSV file. Knows nothing of what the cells mean. */
import { defineNode } from "dag-cook";
import { NUMBERS, ROWS, rowsProblems, type Table, writtenBy } from "./rows/columns.js";
import { DELIMITER, parseCsv } from "./rows/csv.js";
import { itemsOfRows } from "./rows/items.js";
import { sourceOf, tablesIn } from "./rows/source.js";
import { readText } from "./rows/text-file.js";

export default defineNode({
  description:
    "Makes an item for every row of a CSV file, or of the CSV files of each upstream item, with its cells as attributes.",
  version: 1,
  params: {
    ...sourceOf("The file, in UTF-8."),
    header: { type: "boolean", default: true, description: "Whether the first row holds the columns' names." },
    ...DELIMITER,
    ...NUMBERS,
    ...ROWS,
  },
  inputs: { main: { description: "Items whose files are read, or for each of which the file is.", optional: true } },
  attributes: { writes: writtenBy },
  check: rowsProblems,
  async discover({ delimiter, header, ...source }, context) {
    return tablesIn(source, context, async (found, form) => parseCsv(await readText(found), form), {
      delimiter,
      header,
    });
  },
  *generate(_upstream, params, discovered) {
    yield* itemsOfRows(discovered as readonly Table[], params);
  },
});
