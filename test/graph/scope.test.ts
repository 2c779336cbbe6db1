import { describe, expect, test } from "@jest/globals";
import { graphOf, nodeProblems } from "./helpers.js";

const tiles = '"t": { "type": "tiles", "params": { "directory": "data" } }';

describe("attributes", () => {
  test("attributes: a node's items have what those above have, and what the node writes", async () => {
    const graph = await graphOf(`{ "version": 1, "nodes": { ${tiles},
      "v": { "type": "vary", "inputs": ["t"], "params": { "attributes": [
        { "name": "rate", "values": [1, 2] }, { "name": "width", "type": "float" } ] } },
      "g": { "type": "gather", "inputs": ["v"] },
      "m": { "type": "resize", "inputs": ["t", "g"] },
      "s": { "type": "apply", "inputs": { "model": ["g"], "images": ["t"] } }
    } }`);
    const of = (name: string) => Object.fromEntries(graph.nodes.get(name)?.attributes ?? []);
    const below = { width: "float", name: "string", wedgeindex: "int", rate: "float", partitionsize: "int" };
    expect(of("t")).toEqual({ width: "int", name: "string" });
    expect(of("v")).toEqual({ width: "float", name: "string", wedgeindex: "int", rate: "float" });
    expect(of("g")).toEqual(below);
    expect(of("m")).toEqual(below);
    expect(of("s")).toEqual({ ...below, score: "float" });
    expect([...graph.nodes.values()].some((node) => node.open)).toBe(false);
  });

  test("attributes: parameters see what is above; label and priority also what the node's generation writes", async () => {
    const vary = (more: string) =>
      `${tiles},\n"v": { "type": "vary", "inputs": ["t"]${more}, "params": { "attributes": [{ "name": "rate" }] } }`;
    expect(await nodeProblems(vary(', "label": "@rate @wedgeindex @width", "priority": "-@wedgeindex"'))).toEqual([]);
    const resize = '"r": { "type": "resize", "params": { "comment": "@rate" } }';
    expect(await nodeProblems(`${vary("")},\n${resize}`)).toEqual([
      'graphs/a.json:4:50 There is no attribute "rate" here.',
    ]);
    const apply = '"a": { "type": "apply", "inputs": { "model": ["t"], "images": ["t"] }, "label": "@score" }';
    expect(await nodeProblems(`${tiles},\n${apply}`)).toEqual([
      'graphs/a.json:3:82 There is no attribute "score" here.',
    ]);
  });

  test("attributes: what the engine gives is written by no node", async () => {
    const vary = (name: string) =>
      `${tiles},\n"v": { "type": "vary", "inputs": ["t"], "params": { "attributes": [{ "name": "${name}" }] } }`;
    expect(await nodeProblems(vary("frame"))).toEqual([]);
    expect(await nodeProblems(vary("pdg_index"))).toEqual([
      'graphs/a.json:3:1 Node "v" writes the attribute "pdg_index", which the engine gives: choose another name.',
    ]);
  });

  test("attributes: below a node that writes any, unknown ones are left to the items", async () => {
    const graph = await graphOf(`{ "version": 1, "nodes": { ${tiles},
      "p": { "type": "probe", "inputs": ["t"] },
      "r": { "type": "resize", "inputs": ["p"], "params": { "size": "@found" } } } }`);
    expect(graph.nodes.get("p")?.open).toBe(true);
    expect([...graph.nodes.get("r")!.params.reads.attributes]).toEqual(["found"]);
  });

  test("attributes: what follows from parameters that differ by item is not known; what follows from the others is", async () => {
    const vary = (attribute: string) =>
      graphOf(`{ "version": 1, "nodes": { ${tiles},
      "v": { "type": "vary", "inputs": ["t"], "params": { "attributes": [${attribute}, { "name": "b", "values": ["@name"] }] } } } }`);
    const type = (await vary('{ "name": "a", "type": "@name" }')).nodes.get("v");
    expect([type?.open, [...type!.attributes.keys()]]).toEqual([true, ["width", "name"]]);
    const values = (await vary('{ "name": "a", "values": ["@name"] }')).nodes.get("v");
    expect([values?.open, [...values!.attributes.keys()]]).toEqual([false, ["width", "name", "wedgeindex", "a", "b"]]);
  });

  test("attributes: a bypassed node writes none", async () => {
    const graph = await graphOf(`{ "version": 1, "nodes": { ${tiles},
      "p": { "type": "probe", "inputs": ["t"], "bypass": true } } }`);
    expect(graph.nodes.get("p")).toMatchObject({ bypass: true, open: false });
  });

  test("attributes: a node with a mistake causes no further diagnostics below it", async () => {
    expect(
      await nodeProblems(`"t": { "type": "tles" },
"v": { "type": "vary", "params": { "attributes": 3 } },
"r": { "type": "resize", "inputs": ["t"], "params": { "size": "@width" } },
"s": { "type": "resize", "inputs": ["v"], "params": { "size": "@rate" } }`),
    ).toEqual([
      'graphs/a.json:2:16 There is no node type "tles". Did you mean "tiles"?',
      'graphs/a.json:3:50 Parameter "attributes" of node "v" must be a list, not 3.',
    ]);
  });
});
