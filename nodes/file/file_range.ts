/** Node type `file_range`: an item for each file of a numbered sequence. Knows nothing of what is in the files. */
import { posix } from "node:path";
import { defineNode, type ParamProblem } from "dag-cook";
import { fillFrame, framesOf, framesProblem, hasFrame, RANGE } from "./found/frames.js";
import { tagOf, tagSchema } from "./made/tag.js";

type Frame = {
  readonly frame: number;
  readonly file: {
    readonly path: string;
    readonly name: string;
    readonly digest: string;
    readonly size: number;
  } | null;
};

export default defineNode({
  description:
    "Makes an item for every number of a range, with the file that has it in its name; of each upstream item, where there are any.",
  version: 1,
  params: {
    file: {
      type: "string",
      path: "input",
      required: true,
      description:
        "The files, with `{frame}` where the number stands; `{frame:4}` is 0001: `data/tile_{frame:4}.png`. They may differ by upstream item: `data/@{shot}/tile_{frame:4}.png`.",
    },
    ...RANGE,
    missing: {
      type: "string",
      enum: ["error", "skip", "without_file"],
      default: "error",
      description:
        "What becomes of numbers whose file does not exist: an error, no item, or an item without a file, whose `exists` is false.",
    },
    tag: tagSchema("the files"),
  },
  inputs: { main: { description: "Items for each of which there is the range.", optional: true } },
  attributes: { writes: { frame: "int", filename: "string", extension: "string", exists: "bool" } },
  check: ({ file, ...range }) => [...templateProblems(file), ...framesProblem(range)],
  async discover({ file, missing, ...range }, context) {
    const found: Frame[] = [];
    for (const frame of framesOf(range)) {
      const path = fillFrame(file, frame);
      try {
        const { name, digest, size } = await context.read(path);
        found.push({ frame, file: { path, name, digest, size } });
      } catch (error) {
        // Only absence can be meant: a file that may not be read is a fault.
        const absent = (error as Error).message.endsWith("does not exist.");
        if (!absent || missing === "error") throw error;
        if (missing === "without_file") found.push({ frame, file: null });
      }
    }
    return found;
  },
  *generate(_upstream, { file: template, tag }, discovered) {
    for (const { frame, file } of discovered as unknown as readonly Frame[]) {
      const filename = file?.name ?? fillFrame(template.slice(template.lastIndexOf("/") + 1), frame);
      const files = file === null ? [] : [{ ...file, tag: tagOf(tag, filename) }];
      const attributes = { frame, filename, extension: posix.extname(filename), exists: file !== null };
      yield { identity: frame, label: filename, attributes, files };
    }
  },
});

function templateProblems(file: string): readonly ParamProblem[] {
  return hasFrame(file)
    ? []
    : [{ param: "file", message: `file: "${file}" has no {frame}, so that it names one file` }];
}
