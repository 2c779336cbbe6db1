/** Node type `subgraph`: a graph file as a node. Knows nothing of what lies in it; the check of the graph opens it. */
import { defineNode } from "dag-cook";

export default defineNode({
  description: "Stands for the nodes of another graph file, whose inputs, outputs and promoted parameters are its own.",
  version: 1,
  params: {
    graph: {
      type: "string",
      required: true,
      template: false,
      description:
        'Path of the graph file, from the folder of the one that says it. Beside it stand the parameters that the file promotes: `"params": { "size": "tiles.size" }` in it makes `size` one of them.',
    },
  },
  graphIn: "graph",
});
