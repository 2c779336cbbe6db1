import { describe, expect, test } from "@jest/globals";
import { graphOf, nodeProblems } from "./helpers.js";

const probe = (name: string, ...inputs: string[]) =>
  `"${name}": { "type": "probe", "inputs": ${JSON.stringify(inputs)} }`;

describe("inputs", () => {
  test("inputs: a list is the first declared input, merged in order; an object names inputs", async () => {
    const graph = await graphOf(`{ "version": 1, "nodes": {
      ${probe("a")}, ${probe("b")}, ${probe("c", "b", "a")},
      "d": { "type": "apply", "inputs": { "images": ["b", "a"], "model": ["c"] } }
    } }`);
    const sources = (name: string) =>
      [...(graph.nodes.get(name)?.inputs ?? [])].map(([input, all]) => [input, all.map((each) => each.node.name)]);
    expect(sources("a")).toEqual([["main", []]]);
    expect(sources("c")).toEqual([["main", ["b", "a"]]]);
    expect(sources("d")).toEqual([
      ["model", ["c"]],
      ["images", ["b", "a"]],
      ["masks", []],
    ]);
    expect(graph.nodes.get("b")?.consumers.map((each) => each.name)).toEqual(["c", "d"]);
    expect(graph.nodes.get("b")?.consumers[0]).toBe(graph.nodes.get("c"));
    expect(graph.nodes.get("d")?.consumers).toEqual([]);
  });

  test("inputs: unknown, repeated, missing and misshapen ones are diagnostics", async () => {
    const found = await nodeProblems(`${probe("tiles")},
"a": { "type": "probe", "inputs": ["tils", "tiles", "tiles", 3, "tiles:rest"] },
"b": { "type": "tiles", "inputs": ["tiles"], "params": { "directory": "d" } },
"c": { "type": "apply", "inputs": { "model": ["tiles"], "imges": ["a"] } },
"d": { "type": "apply", "inputs": ["tiles"] },
"e": { "type": "gather" },
"f": { "type": "gather", "inputs": [] },
"g": { "type": "gather", "inputs": ["nothing"] },
"h": { "type": "apply", "inputs": { "model": "tiles", "images": [] } },
"i": { "type": "probe", "inputs": "tiles" },
"j": { "type": "unheard_of", "inputs": { "x": ["tils"] } }`);
    expect(found).toEqual([
      'graphs/a.json:3:36 There is no node "tils". Did you mean "tiles"?',
      'graphs/a.json:3:53 Node "tiles" is given twice to one input.',
      'graphs/a.json:3:62 An input of node "a" must be the name of a node, in double quotes.',
      'graphs/a.json:3:65 Node "tiles" has no output "rest".',
      'graphs/a.json:4:35 Node type "tiles" takes no inputs.',
      'graphs/a.json:5:25 Node "c" needs input "images": Images to apply it to.',
      'graphs/a.json:5:57 Node "c" has no input "imges". Did you mean "images"?',
      'graphs/a.json:6:25 Node "d" needs input "images": Images to apply it to.',
      'graphs/a.json:7:1 Node "e" needs input "main": Work items to wait for.',
      'graphs/a.json:8:26 Node "f" needs input "main": Work items to wait for.',
      'graphs/a.json:9:37 There is no node "nothing".',
      'graphs/a.json:10:46 Input "model" of node "h" must be a list of nodes.',
      'graphs/a.json:10:55 Node "h" needs input "images": Images to apply it to.',
      'graphs/a.json:11:35 "inputs" of node "i" must be a list of nodes, or an object of such lists.',
      'graphs/a.json:12:16 There is no node type "unheard_of".',
      'graphs/a.json:12:48 There is no node "tils". Did you mean "tiles"?',
    ]);
  });
});

describe("order", () => {
  test("order: that of the file, except that a node comes after its inputs", async () => {
    const graph = await graphOf(
      `{ "version": 1, "nodes": { ${probe("d", "b", "c")}, ${probe("x")}, ${probe("b", "a")}, ${probe("c", "a")}, ${probe("a")} } }`,
    );
    expect([...graph.nodes.keys()]).toEqual(["a", "b", "c", "d", "x"]);
  });

  test("order: each cycle is spelled in the direction of the data, from its first node in the file", async () => {
    const found = await nodeProblems(
      [probe("x", "c"), probe("b", "a"), probe("c", "b"), probe("a", "x", "c"), probe("self", "self", "x")].join(",\n"),
    );
    expect(found).toEqual([
      "graphs/a.json:2:36 The graph has a cycle: x -> a -> b -> c -> x.",
      "graphs/a.json:3:36 The graph has a cycle: b -> c -> a -> b.",
      "graphs/a.json:6:39 The graph has a cycle: self -> self.",
    ]);
  });

  test("order: names like those of an object's members are nodes like others", async () => {
    const graph = await graphOf(
      `{ "version": 1, "nodes": { ${probe("constructor", "toString")}, ${probe("toString", "hasOwnProperty")}, ${probe("hasOwnProperty")} } }`,
    );
    expect([...graph.nodes.keys()]).toEqual(["hasOwnProperty", "toString", "constructor"]);
  });

  test("order: a chain of 10,000 nodes, and one closed to a ring, overflow no stack", async () => {
    const count = 10_000;
    const chain = Array.from({ length: count }, (_, index) =>
      index === count - 1 ? probe(`n${index}`) : probe(`n${index}`, `n${index + 1}`),
    );
    const graph = await graphOf(`{ "version": 1, "nodes": { ${chain.join(",")} } }`);
    expect([...graph.nodes.keys()].slice(0, 2)).toEqual([`n${count - 1}`, `n${count - 2}`]);
    chain[count - 1] = probe(`n${count - 1}`, "n0");
    const found = await nodeProblems(chain.join(","));
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(
      / The graph has a cycle: n0 -> n9999 -> .* -> n9991 -> \(9981 more\) -> n9 -> .* -> n1 -> n0\.$/,
    );
  });
});
