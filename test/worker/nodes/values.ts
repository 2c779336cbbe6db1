/** Answers an attribute that cannot be sent in a task, or nothing. */
import { defineNode } from "../../../src/nodetype/define.js";

const VALUES: Readonly<Record<string, unknown>> = {
  nan: [1, Number.NaN],
  bytes: { deep: new Uint8Array(2) },
  function: () => {},
  undefined: undefined,
};

export default defineNode({
  description: "Answers a value that cannot be kept.",
  version: 1,
  params: { value: { type: "string", default: "nan", description: "Which." } },
  async cook(_item, { value }) {
    if (value === "nothing") return undefined;
    return { attributes: { x: VALUES[value] as number } };
  },
});
