/** Discovers files of two folders, and answers them in one way or another. */
import { defineNode, type Json } from "../../../src/nodetype/define.js";

export default defineNode({
  description: "Finds files.",
  version: 1,
  params: { how: { type: "string", default: "all", description: "What is answered." } },
  async discover({ how }, { list }) {
    const files = await list("data", "*.txt");
    const others = await list("more", "*.txt", { recursive: true });
    const answers: Record<string, () => unknown> = {
      all: () => files,
      none: () => [],
      parts: () => [others[0], ...files.slice(1), others[1]],
      copies: () => files.map((file) => ({ ...file })),
      inherited: () => files.filter((file) => Object.create(file).size > 0),
      sized: () => files.filter(({ size }) => size > 0),
      compared: () => files.toSorted((a, b) => (a.digest < b.digest ? -1 : 1)),
      marked: () => files.map((file) => Object.assign(file, { mark: 1 })),
      renamed: () => files.map((file) => Object.assign(file, { name: "other" })),
      mixed: () => [...files, "and more"],
      cloned: () => structuredClone(files),
    };
    return answers[how]!() as Json;
  },
});
