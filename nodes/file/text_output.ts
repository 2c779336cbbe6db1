/** Node type `text_output`: a text as a file. Knows nothing of what it says. */
import { defineNode } from "dag-cook";
import { madeFile, outputSchema, writeText } from "./made/output.js";

export default defineNode({
  description: "Writes a text file for every upstream item, or one where nothing is upstream.",
  version: 1,
  params: {
    text: {
      type: ["string", "array"],
      items: { type: "string" },
      required: true,
      description: "The text, or its lines: templates, in which attributes of the item expand.",
    },
    line_ending: {
      type: "string",
      enum: ["lf", "crlf"],
      default: "lf",
      description: "How lines end: `\\n`, or `\\r\\n` as on Windows.",
    },
    final_newline: { type: "boolean", default: true, description: "Whether the last line has an end, too." },
    tag: { type: "string", default: "file/text", minLength: 1, template: false, description: "Tag of the file." },
    output: outputSchema("text.txt"),
  },
  async cook(_item, { text, line_ending, final_newline, tag, output }, { directory, signal }) {
    signal.throwIfAborted();
    const lines = (Array.isArray(text) ? text : [text]).flatMap((each: string) => each.split(/\r\n|\n/));
    if (final_newline && lines.at(-1) !== "") lines.push("");
    if (!final_newline && lines.at(-1) === "") lines.pop();
    await writeText(directory, output, "text.txt", lines.join(line_ending === "crlf" ? "\r\n" : "\n"), tag);
    return { outputs: [madeFile(output, "text.txt", tag)] };
  },
});
