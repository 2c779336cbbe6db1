/** Node type of the benchmarks: the least work, an attribute. */
import { defineNode } from "dag-cook";

export default defineNode({
  description: "Answers an attribute for each upstream item.",
  version: 1,
  params: { round: { type: "integer", default: 0, description: "Another one is another result." } },
  attributes: { reads: ["number"], writes: { twice: "int" } },
  async cook({ attributes }, { round }) {
    return { attributes: { twice: 2 * Number(attributes.number) + round } };
  },
});
