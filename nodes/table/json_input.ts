/** Node type `json_input`: an item for each element of a list in a JSON file. Knows nothing of what they mean. */
import { defineNode } from "dag-cook";
import { NUMBERS, ROWS, rowsProblems, type Table, writtenBy } from "./rows/columns.js";
import { itemsOfRows } from "./rows/items.js";
import { tableOfJson } from "./rows/json.js";
import { sourceOf, tablesIn } from "./rows/source.js";
import { readText } from "./rows/text-file.js";

export default defineNode({
  description:
    "Makes an item for every element of a list in a JSON file, or in those of each upstream item, with the element's members as attributes.",
  version: 1,
  params: {
    ...sourceOf("The file, in UTF-8."),
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
    ...NUMBERS,
    ...ROWS,
  },
  inputs: { main: { description: "Items whose files are read, or for each of which the file is.", optional: true } },
  attributes: { writes: writtenBy },
  check: rowsProblems,
  async discover({ at, each, numbers, ...source }, context) {
    return tablesIn(source, context, async (found, form) => tableOfJson(await readText(found), form), {
      at,
      each,
      numbers,
    });
  },
  *generate(_upstream, params, discovered) {
    yield* itemsOfRows(discovered as readonly Table[], params);
  },
});
