import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { readGiven } from "../../src/cli/given.js";
import { createRegistry } from "../../src/nodetype/registry.js";
import { graphOf, problems } from "./helpers.js";

const registry = createRegistry({
  compiled: [join(import.meta.dirname, "nodes"), join(import.meta.dirname, "../../nodes")],
});
const text = `{ "version": 1, "nodes": {
  "t": { "type": "tiles", "params": { "directory": "data" } },
  "r": { "type": "resize", "inputs": ["t"] },
  "r_wedge": { "type": "gather", "inputs": ["r"] }
} }`;

describe("wedges", () => {
  test("wedges: a wedge node feeds the node, whose parameters read its attributes", async () => {
    const graph = await graphOf(text, {
      registry,
      given: readGiven({ wedge: ["r.size=32,64", "r.noise.amount=0.5,0.25"] }),
    });
    expect([...graph.nodes.keys()]).toEqual(["t", "r_wedge2", "r", "r_wedge"]);
    const wedge = graph.nodes.get("r_wedge2");
    expect(wedge?.type.name).toBe("wedge");
    expect(wedge?.inputs.get("main")?.map(({ node }) => node.name)).toEqual(["t"]);
    expect(wedge?.params.constant).toMatchObject({
      attributes: [
        { name: "size", type: "int", values: [32, 64] },
        { name: "noise_amount", type: "float", values: [0.5, 0.25] },
      ],
    });
    const resize = graph.nodes.get("r");
    expect(resize?.inputs.get("main")?.map(({ node }) => node)).toEqual([wedge]);
    expect([...resize!.params.reads.attributes]).toEqual(["size", "noise_amount"]);
  });

  test("wedges: a node that is not there, and a text of another form, are diagnostics in their line", async () => {
    expect(
      await problems(text, { registry, given: readGiven({ wedge: ["r.size=32", "q.size=1", "size=1"] }) }),
    ).toEqual(['--wedge:2:1 There is no node "q".', '--wedge:3:1 "size=1" is not of the form node.parameter=a,b,c.']);
  });

  test("wedges: a parameter that is not there, and values of which one is no number, are marked where they stand", async () => {
    const [unknown, wrong] = [
      await problems(text, { registry, given: readGiven({ wedge: ["r.size=32", "r.sise=1,2"] }) }),
      await problems(text, { registry, given: readGiven({ wedge: ["r.size=32,big"] }) }),
    ];
    expect(unknown).toEqual(['--wedge:2:3 Node "r" has no parameter "sise". Did you mean "size"?']);
    expect(wrong).toEqual(["--wedge:1:3 This place needs a whole number, but this is a string."]);
  });
});
