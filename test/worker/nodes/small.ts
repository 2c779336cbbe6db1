/** The smallest work: answers one attribute, and writes a file of 1 KB where it is told to. */
import { writeFileSync } from "node:fs";
import { defineNode } from "../../../src/nodetype/define.js";

const KILOBYTE = Buffer.alloc(1024, 65);

export default defineNode({
  description: "Answers one attribute.",
  version: 1,
  params: { write: { type: "boolean", default: false, description: "Whether it writes a file." } },
  attributes: { reads: ["x"], writes: { x: "any" } },
  async cook(item, { write }, context) {
    if (!write) return { attributes: { x: item.attributes.x ?? 0 } };
    writeFileSync(`${context.directory}/${item.name}.bin`, KILOBYTE);
    return { attributes: { x: 1 }, outputs: [{ path: `${item.name}.bin`, tag: "file" }] };
  },
});
