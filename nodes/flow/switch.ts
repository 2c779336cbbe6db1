/** Node type `switch`: the items of one of several nodes. Knows nothing of the items. */
import { defineNode } from "dag-cook";

type Policy = "fail" | "none" | "clamp" | "wrap";

export default defineNode({
  description: "Passes on the items of one of its input nodes, chosen by number.",
  version: 1,
  params: {
    input: {
      type: "integer",
      default: 0,
      description:
        "Number of the input node whose items go on, from 0. Nodes that lead only to the others are not cooked, unless the number differs by item.",
    },
    invalid: {
      type: "string",
      enum: ["fail", "none", "clamp", "wrap"],
      default: "fail",
      description:
        "Where there is no such input: the node fails, passes nothing on, takes the nearest input, or counts on from the other end.",
    },
  },
  inputs: { main: { description: "Nodes to choose from, in order." } },
  together: true,
  chooses:
    ({ input, invalid }) =>
    (count) =>
      placeOf(input, count, invalid),
  *generate(_upstream, { input, invalid }, _discovered, { inputs }) {
    const sources = inputs.main ?? [];
    const place = placeOf(input, sources.length, invalid);
    for (const item of sources[place]?.items ?? []) yield { identity: null, upstream: [item] };
  },
});

/** The place among `count`; one that is not there, where nothing is to be passed on. */
function placeOf(input: number, count: number, policy: Policy): number {
  if ((input >= 0 && input < count) || count === 0) return input;
  if (policy === "clamp") return input < 0 ? 0 : count - 1;
  if (policy === "wrap") return ((input % count) + count) % count;
  if (policy === "none") return count;
  throw new Error(
    `there is no input ${input}: it has ${count}, counted from 0; "invalid" can say what happens in such cases`,
  );
}
