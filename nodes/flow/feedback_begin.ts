/** Node type `feedback_begin`: opens a loop. Knows how often it goes round and what is fed back, not what lies inside. */
import { defineNode, type GeneratedLoop, type UpstreamItem } from "dag-cook";
import { ATTRIBUTE_NAMES, fits } from "../attribute/typed/names.js";

export default defineNode({
  description:
    "Opens a loop: the nodes down to the next feedback_end are cooked again and again, each time from what the last time made.",
  version: 1,
  params: {
    over: {
      type: "string",
      enum: ["count", "items", "partition"],
      default: "count",
      description:
        "What it goes over: for each upstream item a loop of `iterations`, which begins when that item is there; one loop with an iteration for each upstream item; or for each upstream partition a loop with an iteration for each of its items.",
    },
    iterations: {
      type: ["integer", "null"],
      minimum: 1,
      maximum: 1_000_000,
      default: null,
      description: "How many iterations a loop has at most; null: one for each item, which `count` does not have.",
    },
    attributes: {
      type: "array",
      items: ATTRIBUTE_NAMES,
      default: [],
      description:
        "Attributes, or patterns such as `loss_*`, that an iteration gets from the one before it. The first iteration has them from above the loop: an `attribute_create` there sets what they begin with.",
    },
    files: {
      type: "boolean",
      default: true,
      description: "Whether an iteration gets the files of the one before it, and not those of its upstream item.",
    },
  },
  inputs: { main: { description: "Work items to begin with.", optional: true } },
  attributes: { writes: { loopiter: "int", loopnum: "int", loopsize: "int" } },
  check: ({ over, iterations }) =>
    over === "count" && iterations === null
      ? [{ param: "iterations", message: '"iterations" must say how many, where it goes "over" "count"' }]
      : [],
  // Only the loop over all items needs to know all of them.
  together: ({ over }) => over === "items",
  *loops(upstream, { over, iterations, attributes, files }) {
    const fed = {
      feedsBack: (name: string) => attributes.some((pattern) => fits(pattern, name)),
      feedsFiles: files,
    };
    const goingOver = (items: readonly UpstreamItem[], identity: GeneratedLoop["identity"]): GeneratedLoop => ({
      ...fed,
      identity,
      iterations: Math.min(items.length, iterations ?? items.length),
      upstream: (iteration) => items[iteration],
    });
    // Where there is no item to go over, there is no loop.
    if (over === "items" && upstream.length > 0) yield goingOver(upstream, null);
    if (over === "partition") {
      for (const each of upstream) if (each.grouped().length > 0) yield goingOver(each.grouped(), each.key);
    }
    if (over === "count") {
      const items = upstream.length === 0 ? [undefined] : upstream;
      for (const item of items) yield { ...fed, identity: null, iterations: iterations ?? 1, upstream: () => item };
    }
  },
});
