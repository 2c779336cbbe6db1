/** Node type `merge`: the items of several nodes as those of one. Knows nothing of them. */
import { defineNode } from "dag-cook";

export default defineNode({
  description: "Passes the items of all its input nodes on, node by node: one place that many nodes below can name.",
  version: 1,
  params: {},
  inputs: { main: { description: "Nodes to merge, in order." } },
});
