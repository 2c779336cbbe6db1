/** Answers attributes and outputs as its parameters say, so that a test can say anything. */
import { defineNode } from "../../../src/nodetype/define.js";

export default defineNode({
  description: "Answers what it is told to.",
  version: 1,
  params: { answer: { type: "object", description: "What cook answers.", additionalProperties: true } },
  async cook(item, { answer }, context) {
    const { attributes } = item;
    const { seed, threads, device } = context;
    return Object.keys(answer).length > 0
      ? answer
      : { attributes: { ...attributes, seed, threads, device, pid: process.pid } };
  },
});
