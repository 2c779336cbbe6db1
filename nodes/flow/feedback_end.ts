/** Node type `feedback_end`: closes a loop. Knows when it is over, not what it was about. */
import { defineNode } from "dag-cook";

export default defineNode({
  description:
    "Closes the loop that a feedback_begin above it opened: what an iteration made comes together, and goes round again.",
  version: 1,
  params: {
    stop_when: {
      type: ["boolean", "number"],
      default: false,
      description:
        'Evaluated for what each iteration made: the loop is over where it is true, or not 0: `"@loss < 0.01"`. It reads also `@loopiter` and the like.',
    },
  },
  inputs: { main: { description: "What an iteration makes." } },
  outputs: {
    result: { description: "For each loop what its last iteration made." },
    iterations: { description: "What every iteration made." },
  },
  meet: "all",
  again: (_result, { stop_when }) => Number(stop_when) === 0,
});
