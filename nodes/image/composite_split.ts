/** Node type `composite_split`: a composite's halves become input and reference. */
import { defineNode, type InputFile } from "dag-cook";
import { imageName, requireTagged, writeInto } from "./files/images.js";

export default defineNode({
  description: "Cuts composites into halves: one is the input, the other the reference. The bit depth is kept.",
  version: 1,
  params: {
    direction: {
      type: "string",
      enum: ["left_right", "top_bottom"],
      default: "left_right",
      description: "How the halves lie.",
    },
    input_half: {
      type: "string",
      enum: ["first", "second"],
      default: "first",
      description: "Which half is the input; the first is the left or the top one.",
    },
    tag: { type: "string", default: "file/image", minLength: 1, description: "Tag of the files that are cut." },
  },
  inputs: { main: { description: "Items with composites." } },
  async cook({ inputs }, { direction, input_half, tag }, { directory, signal }) {
    const files = inputs.main!.flatMap((member) => requireTagged(member, tag));
    const outputs: { path: string; tag: string }[] = [];
    for (const file of files) {
      signal.throwIfAborted();
      const parts = await split(file, direction);
      const [input, reference] = input_half === "first" ? parts : [parts[1], parts[0]];
      for (const [kind, half] of Object.entries({ input, reference })) {
        const path = `${kind}/${imageName(file.name, half.depth)}`;
        await writeInto(directory, path, half);
        outputs.push({ path, tag: `file/image/${kind}` });
      }
    }
    return { outputs };
  },
});

async function split(file: InputFile, direction: "left_right" | "top_bottom") {
  const { decodeImage, halves } = await import("dag-cook/image");
  const image = await decodeImage(file.path);
  try {
    return halves(image, direction);
  } catch (cause) {
    throw new Error(`${file.name}: ${(cause as Error).message}`, { cause });
  }
}
