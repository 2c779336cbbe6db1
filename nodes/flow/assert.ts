/** Node type `assert`: passes items on for which a condition holds, and fails those for which it does not. */
import { defineNode } from "dag-cook";

export default defineNode({
  description:
    "Fails the items for which a condition does not hold, with a message, before anything below them is cooked.",
  version: 1,
  params: {
    condition: {
      type: ["boolean", "number"],
      required: true,
      description: "Evaluated for each upstream item; true, or not 0, passes it on: `@width >= 256`.",
    },
    message: {
      type: "string",
      required: true,
      minLength: 1,
      description: "What is wrong, and what to do: a template.",
    },
  },
  inputs: { main: { description: "Work items to check." } },
  *generate([upstream], { condition, message }) {
    if (upstream === undefined) return;
    if (Number(condition) === 0) throw new Error(message);
    yield { identity: null };
  },
});
