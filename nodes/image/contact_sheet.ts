/** Node type `contact_sheet`: members of a partition as rows of images. */
import { defineNode, type InputMember, type ParamProblem } from "dag-cook";
import type { Range, SheetRow } from "dag-cook/image";
import { tagged } from "./files/images.js";
import { RANGE, rangeProblems } from "./files/values.js";

export default defineNode({
  description: "Draws one PNG with a row for every member of its partition: input, reference, output, with labels.",
  version: 1,
  params: {
    columns: {
      type: "array",
      items: { type: "string", minLength: 1 },
      minItems: 1,
      default: ["file/image/input", "file/image/reference", "file/image/output"],
      description: "Tags of the columns; a column is headed by its tag's last word, and holds the first such file.",
    },
    label_attribute: {
      type: "string",
      default: "pdg_label",
      template: false,
      description: "Attribute that labels a row; the first file's name where it is empty or the member lacks it.",
    },
    title: { type: "string", default: "", description: "Line above the columns." },
    cell: { type: "integer", minimum: 16, maximum: 2048, default: 128, description: "Side of a cell, in pixels." },
    range: {
      ...RANGE,
      description:
        "The values, [low, high], that are shown black and white, such as [-300, 2200] for heights in meters; others are shown at its ends. Null: 0 to 1.",
    },
    max_rows: { type: ["integer", "null"], minimum: 1, default: null, description: "Draws the first rows only." },
    output: {
      type: ["string", "null"],
      path: "output",
      default: null,
      description: "Where the sheet is put, a .png; without it, it stays in the store.",
    },
  },
  inputs: { main: { description: "A partition, such as that of `wait_for_all`; an item by itself is one row." } },
  attributes: { reads: ({ label_attribute }) => (label_attribute === "" ? [] : [label_attribute]) },
  check: ({ output, range }) => [...outputProblems(output), ...rangeProblems("range", range)],
  async cook(
    { inputs },
    { columns, label_attribute, title, cell, range, max_rows, output },
    { directory, signal, log },
  ) {
    const { contactSheet, writeImage } = await import("dag-cook/image");
    const members = inputs.main!.filter((member) => columns.some((tag) => tagged(member, tag).length > 0));
    if (members.length === 0) throw new Error(`No member has a file tagged ${columns.join(" or ")}.`);
    const shown = members.slice(0, max_rows ?? members.length);
    if (shown.length < members.length) log(`${members.length - shown.length} of ${members.length} rows are left out`);
    const rows: SheetRow[] = [];
    for (const member of shown) {
      signal.throwIfAborted();
      const label = String(member.attributes[label_attribute] ?? member.files[0]?.name ?? "");
      rows.push({ label, images: await imagesOf(member, columns, range as Range | null) });
    }
    const headings = columns.map((tag) => tag.slice(tag.lastIndexOf("/") + 1));
    const sheet = await contactSheet({ columns: headings, rows, cell, ...(title !== "" && { title }) });
    const path = output ?? "contact_sheet.png";
    await writeImage(`${directory}/${path}`, sheet);
    return { outputs: [{ path, tag: "file/image/contact_sheet", ...(output !== null && { parameter: "output" }) }] };
  },
});

function outputProblems(output: string | null): readonly ParamProblem[] {
  if (output === null || output.toLowerCase().endsWith(".png")) return [];
  return [
    { param: "output", message: `a contact sheet is a PNG; name it such as "${output.replace(/\.\w+$/, "")}.png"` },
  ];
}

async function imagesOf(member: InputMember, columns: readonly string[], range: Range | null) {
  const { decodeImage, mapRange, UNIT } = await import("dag-cook/image");
  return Promise.all(
    columns.map(async (tag) => {
      const file = tagged(member, tag)[0];
      return file && mapRange(await decodeImage(file.path), range ?? UNIT, UNIT);
    }),
  );
}
