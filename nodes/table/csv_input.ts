/** Node type `csv_input`: an item for each row of a CSV file. Knows nothing of what the cells mean. */
import { type DiscoverDoors, defineNode } from "dag-cook";
import { ROWS, rowsProblems, type Table, writtenBy } from "./rows/columns.js";
import { type CsvForm, DELIMITER, parseCsv } from "./rows/csv.js";
import { itemsOfRows } from "./rows/items.js";
import { readText } from "./rows/text-file.js";

export default defineNode({
  description: "Makes an item for every row of a CSV file, with its cells as attributes.",
  version: 1,
  params: {
    file: { type: "string", path: "input", required: true, description: "The file, in UTF-8." },
    header: { type: "boolean", default: true, description: "Whether the first row holds the columns' names." },
    ...DELIMITER,
    ...ROWS,
  },
  inputs: { main: { description: "Items for each of which the file is read.", optional: true } },
  attributes: { writes: writtenBy },
  check: rowsProblems,
  async discover({ file, delimiter, header }, doors) {
    return tableIn(file, { delimiter, header }, doors);
  },
  *generate(_upstream, params, discovered) {
    yield* itemsOfRows(discovered as Table, params);
  },
});

async function tableIn(path: string, form: CsvForm, doors: DiscoverDoors): Promise<Table> {
  const file = await doors.read(path);
  try {
    return await doors.probe(file, async (found, given) => parseCsv(await readText(found), given), form);
  } catch (cause) {
    throw new Error(`${path}: ${(cause as Error).message}`, { cause });
  }
}
