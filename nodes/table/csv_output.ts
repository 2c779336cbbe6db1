/** Node type `csv_output`: members of a partition as the rows of a CSV file. Knows nothing of what the cells mean. */
import { defineNode } from "dag-cook";
import { outputSchema, writeText } from "../file/made/output.js";
import { DELIMITER, formatCsv } from "./rows/csv.js";
import { cellOf, columnNames, columnProblems, MEMBERS, neededBy, readsOf, rowsOf } from "./rows/members.js";

export default defineNode({
  description: "Writes a CSV file with a row for every member of its partition.",
  version: 1,
  params: {
    ...MEMBERS,
    header: { type: "boolean", default: true, description: "Whether the first row holds the columns' names." },
    ...DELIMITER,
    formulas: {
      type: "string",
      enum: ["keep", "escape"],
      default: "keep",
      description:
        "Text that begins with `=`, `+`, `-`, `@`, a tab or a return is a formula to a spreadsheet: `escape` puts an apostrophe before it.",
    },
    output: outputSchema("table.csv"),
  },
  inputs: { main: { description: "A partition, such as that of `wait_for_all`; an item by itself is one row." } },
  attributes: { reads: readsOf, needs: neededBy, writes: { row_count: "int" } },
  check: columnProblems,
  async cook({ inputs }, { header, delimiter, formulas, output, ...members }, { directory, signal }) {
    signal.throwIfAborted();
    const rows = rowsOf(inputs.main!, members).map((row) => row.map(cellOf));
    const text = await formatCsv(header ? [columnNames(members), ...rows] : rows, delimiter, formulas === "escape");
    return {
      outputs: [await writeText(directory, output, "table.csv", text, "file/text/csv")],
      attributes: { row_count: rows.length },
    };
  },
});
