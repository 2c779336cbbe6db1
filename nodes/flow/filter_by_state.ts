/** Node type `filter_by_state`: passes items on by what became of their cook. Knows no attributes. */
import { defineNode } from "dag-cook";
import { goesOn, OPERATION } from "./filter/operation.js";

const STATES = { cooked_success: "success", cooked_cache: "cached", cooked_fail: "failed" } as const;

export default defineNode({
  description: "Keeps or removes items by whether their cook succeeded, was found in the cache, or failed.",
  version: 1,
  params: {
    states: {
      type: "array",
      items: { type: "string", enum: ["success", "cached", "failed"] },
      uniqueItems: true,
      minItems: 1,
      required: true,
      description:
        'The states that fit. Failed items come as far as here only from nodes with `"on_failure": "ignore"`; items without work succeed.',
    },
    operation: OPERATION,
  },
  inputs: { main: { description: "Work items to filter, once they are cooked." } },
  attributes: { reads: ["pdg_state"] },
  together: true,
  *generate(upstream, { states, operation }) {
    for (const item of upstream) {
      // Cancelled items are in none of the states, and nothing can come of them.
      const state = Object.hasOwn(STATES, item.state) ? STATES[item.state as keyof typeof STATES] : undefined;
      if (state !== undefined && goesOn(states.includes(state), operation)) yield { identity: null, upstream: [item] };
    }
  },
});
