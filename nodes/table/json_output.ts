/** Node type `json_output`: members of a partition as a JSON file. Knows nothing of what the values mean. */
import { defineNode, type ParamProblem } from "dag-cook";
import type { Value } from "../attribute/typed/order.js";
import { outputSchema, writeText } from "../file/made/output.js";
import { columnNames, columnProblems, MEMBERS, type Members, neededBy, readsOf, rowsOf } from "./rows/members.js";

type Layout = "list" | "by_key" | "one";

export default defineNode({
  description: "Writes a JSON file with an object for every member of its partition.",
  version: 1,
  params: {
    ...MEMBERS,
    layout: {
      type: "string",
      enum: ["list", "by_key", "one"],
      default: "list",
      description:
        "A list of objects; an object with a member for each, named by the first column, which must differ; or the object of the only one.",
    },
    indent: { type: "integer", minimum: 0, maximum: 8, default: 2, description: "Spaces of a step; 0: one line." },
    output: outputSchema("table.json"),
  },
  inputs: { main: { description: "A partition, such as that of `wait_for_all`, or an item by itself." } },
  attributes: { reads: readsOf, needs: neededBy, writes: { row_count: "int" } },
  check: (params) => [...columnProblems(params), ...layoutProblems(params)],
  async cook({ inputs }, { layout, indent, output, ...members }, { directory, signal }) {
    signal.throwIfAborted();
    const rows = rowsOf(inputs.main!, members);
    const text = `${JSON.stringify(laidOut(rows, columnNames(members), layout), null, indent)}\n`;
    return {
      outputs: [await writeText(directory, output, "table.json", text, "file/text/json")],
      attributes: { row_count: rows.length },
    };
  },
});

function laidOut(rows: readonly (readonly (Value | null)[])[], names: readonly string[], layout: Layout): unknown {
  const objectOf = (row: readonly (Value | null)[], from = 0) =>
    Object.fromEntries(names.slice(from).map((name, index) => [name, row[index + from]]));
  if (layout === "list") return rows.map((row) => objectOf(row));
  if (layout === "one") {
    if (rows.length !== 1) throw new Error(`There are ${rows.length} items, and "layout": "one" takes exactly one.`);
    return objectOf(rows[0]!);
  }
  const byKey = new Map<string, unknown>();
  for (const row of rows) {
    const key = String(row[0]);
    if (byKey.has(key)) throw new Error(`Two items have ${JSON.stringify(row[0])} as "${names[0]}".`);
    byKey.set(key, objectOf(row, 1));
  }
  return Object.fromEntries(byKey);
}

function layoutProblems({ layout, columns }: Members & { readonly layout: Layout }): readonly ParamProblem[] {
  return layout === "by_key" && columns.length < 2
    ? [{ param: "columns", message: '"by_key" needs a second column beside the key' }]
    : [];
}
