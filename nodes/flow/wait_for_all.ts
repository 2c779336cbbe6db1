/** Node type `wait_for_all`: one partition of everything upstream. */
import { defineNode } from "dag-cook";

export default defineNode({
  description: "Waits for all upstream items and makes one partition of them.",
  version: 1,
  params: {},
  inputs: { main: { description: "Work items to wait for." } },
  *partition(upstream) {
    if (upstream.length > 0) yield { identity: "all", members: upstream };
  },
});
