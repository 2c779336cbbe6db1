/** Node type `attribute_delete`: items without some attributes. Knows nothing of their values. */
import { defineNode } from "dag-cook";
import { ATTRIBUTE_NAMES, isPattern, namesFitting, readsOf } from "./typed/names.js";

export default defineNode({
  description: "Takes attributes away: below this node no item has them.",
  version: 1,
  params: {
    attributes: {
      type: "array",
      items: ATTRIBUTE_NAMES,
      required: true,
      minItems: 1,
      description: "Names of the attributes, or patterns such as `wedge*`. It does no harm where there are none.",
    },
  },
  inputs: { main: { description: "Work items with the attributes." } },
  attributes: {
    reads: ({ attributes }) => readsOf(attributes.filter(isPattern)),
    removes: ({ attributes }) => attributes.filter((name) => !isPattern(name)),
  },
  *generate([upstream], { attributes }) {
    if (upstream === undefined) return;
    yield { identity: null, removes: attributes.flatMap((name) => namesFitting([upstream], name)) };
  },
});
