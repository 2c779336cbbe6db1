/** Node type `json_input`: an item for each element of a list in a JSON file. Knows nothing of what they mean. */
import { defineNode } from "dag-cook";
import { ROWS, rowsProblems, type Table, writtenBy } from "./rows/columns.js";
import { itemsOfRows } from "./rows/items.js";
import { tableOfJson } from "./rows/json.js";
import { readText } from "./rows/text-file.js";

export default defineNode({
  description: "Makes an item for every element of a list in a JSON file, with the element's members as attributes.",
  version: 1,
  params: {
    file: { type: "string", path: "input", required: true, description: "The file, in UTF-8." },
    at: {
      type: "string",
      pattern: "^(/.*)?$",
      template: false,
      default: "",
      description: "Where the list stands, as a JSON Pointer: `/scenes/0/shots`; empty: the file is the list.",
    },
    each: {
      type: "boolean",
      default: true,
      description:
        "Whether each element is an item, of an object each member, its name as the column `key`; else there is one item.",
    },
    ...ROWS,
  },
  inputs: { main: { description: "Items for each of which the file is read.", optional: true } },
  attributes: { writes: writtenBy },
  check: rowsProblems,
  async discover({ file: path, at, each }, doors) {
    const file = await doors.read(path);
    try {
      return await doors.probe(file, async (found, form) => tableOfJson(await readText(found), form), { at, each });
    } catch (cause) {
      throw new Error(`${path}: ${(cause as Error).message}`, { cause });
    }
  },
  *generate(_upstream, params, discovered) {
    yield* itemsOfRows(discovered as Table, params);
  },
});
