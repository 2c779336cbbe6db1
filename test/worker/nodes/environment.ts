/** Answers what it finds in the environment. */
import { defineNode } from "../../../src/nodetype/define.js";

export default defineNode({
  description: "Answers variables of the environment.",
  version: 1,
  params: { names: { type: "array", items: { type: "string" }, default: [], description: "Which." } },
  async cook(_item, { names }) {
    return { attributes: Object.fromEntries(names.map((name) => [name, process.env[name] ?? "(unset)"])) };
  },
});
