/** Node type of the benchmarks: items without work. */
import { defineNode } from "dag-cook";

export default defineNode({
  description: "Makes items without work.",
  version: 1,
  params: { count: { type: "integer", minimum: 0, required: true, description: "How many." } },
  inputs: {},
  attributes: { writes: { number: "int" } },
  *generate(_upstream, { count }) {
    for (let number = 0; number < count; number++) yield { identity: number, attributes: { number } };
  },
});
