/** Node type `split_by_count`: the first items one way, the others another. Knows no attributes. */
import { defineNode } from "dag-cook";

export default defineNode({
  description: "Sends so many items through its first output, and all others through `rest`.",
  version: 1,
  params: {
    count: { type: "integer", minimum: 0, default: 1, description: "How many items go the first way." },
    from: {
      type: "string",
      enum: ["first", "last"],
      default: "first",
      description: "Whether they are counted from the first item on, or from the last one backwards.",
    },
  },
  inputs: { main: { description: "Work items to split." } },
  outputs: {
    counted: { description: "So many items." },
    rest: { description: "All others." },
  },
  together: true,
  *generate(upstream, { count, from }) {
    for (const [index, item] of upstream.entries()) {
      const counted = from === "first" ? index < count : index >= upstream.length - count;
      yield { identity: null, upstream: [item], output: counted ? "counted" : "rest" };
    }
  },
});
