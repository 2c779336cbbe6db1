import { describe, expect, test } from "@jest/globals";
import { render } from "../../src/base/diagnostic.js";
import { check, graphOf, nodeProblems, problems } from "./helpers.js";

describe("check: the top level", () => {
  test("check: the graph of the specification's shape is accepted", async () => {
    const graph = await graphOf(`{
      "$schema": "./graph.schema.json",
      "version": 1, // the only one
      "variables": { "DATA": "data/terrain", "TRAIN": "$DATA/train" },
      "nodes": {
        "tiles": { "type": "tiles", "params": { "directory": "$TRAIN" } },
        "small": { "type": "resize", "inputs": ["tiles"], "params": { "size": "@width / 2 > 64 ? 64 : 32" } },
      },
    }`);
    expect([...graph.nodes.keys()]).toEqual(["tiles", "small"]);
    expect(graph.nodes.get("tiles")?.params.constant).toEqual({
      directory: "$HIP/data/terrain/train",
      pattern: "*.{png,$jpg}",
      size: "all",
    });
    expect(graph.variables.get("HOME")).toBe("/home/somebody");
    expect(graph.variables.get("TRAIN")).toBe("data/terrain/train");
    expect(graph.nodes.get("small")?.place).toMatchObject({ line: 7, column: 9 });
  });

  test("check: what is not a graph is said once", async () => {
    const shape = 'A graph is an object: { "version": 1, "nodes": { … } }.';
    expect(await problems("[]")).toEqual([`graphs/a.json:1:1 ${shape}`]);
    expect(await problems('"graph"')).toEqual([`graphs/a.json:1:1 ${shape}`]);
    expect(await problems("{}")).toEqual([
      'graphs/a.json:1:1 The graph has no "version"; the present one is 1.',
      'graphs/a.json:1:1 The graph has no "nodes".',
    ]);
    expect(await problems('{ "version": 2, "nodes": [], "varables": {} }')).toEqual([
      "graphs/a.json:1:14 This program reads graphs of version 1.",
      'graphs/a.json:1:26 "nodes" must be an object of nodes by name.',
      'graphs/a.json:1:30 A graph has no "varables". Did you mean "variables"?',
    ]);
  });

  test("check: variables are strings with usable names, and know those before them", async () => {
    const text = `{ "version": 1, "nodes": {}, "variables": {
      "A": "$HIP/data",
      "B": "$A/$C",
      "C": 3,
      "HIP": "x",
      "D-E": "x",
      "F": "@name"
    } }`;
    expect(await problems(text)).toEqual([
      'graphs/a.json:3:16 There is no variable "$C". A "$" as text is written "$$".',
      'graphs/a.json:4:12 Variable "C" must be a string.',
      "graphs/a.json:5:7 $HIP is given by the engine.",
      'graphs/a.json:6:7 "D-E" cannot name a variable: letters, digits and _ only, no digit first.',
      'graphs/a.json:7:13 There is no attribute "name" here.',
    ]);
    expect(await problems('{ "version": 1, "nodes": {}, "variables": [] }')).toEqual([
      'graphs/a.json:1:43 "variables" must be an object of strings.',
    ]);
  });
});

describe("check: nodes and their types", () => {
  test("check: unknown and unusable node types are diagnostics at the type", async () => {
    const found = await nodeProblems(`"a": { "type": "resise" },
"b": {},
"c": { "type": 3 },
"d": [],
"e.f": { "type": "probe" },
"g": { "type": "bad/throws" },
"h": { "type": "bad/shapeless" },
"i": { "type": "__proto__" },
"j": { "type": "probe", "params": [], "inptus": [] }`);
    const bad = (name: string) =>
      expect.stringMatching(new RegExp(`^graphs/a.json:\\d:16 .*"bad/${name}" does not load: `));
    expect(found).toEqual([
      'graphs/a.json:2:16 There is no node type "resise". Did you mean "resize"?',
      'graphs/a.json:3:1 Node "b" has no "type".',
      'graphs/a.json:4:16 The type of node "c" must be a name in double quotes.',
      'graphs/a.json:5:6 Node "d" must be an object.',
      'graphs/a.json:6:1 "e.f" cannot name a node: letters, digits, _ and - only, a letter first.',
      bad("throws"),
      bad("shapeless"),
      'graphs/a.json:9:16 There is no node type "__proto__".',
      'graphs/a.json:10:35 "params" of node "j" must be an object.',
      'graphs/a.json:10:39 A node has no "inptus". Did you mean "inputs"?',
    ]);
    expect(found[5]).toMatch(/throws\.js:\d+:\d+: the library is not installed\.$/);
  });

  test("check: a diagnostic is shown with its line and a marker", async () => {
    const text = `{ "version": 1, "nodes": {
  "tiles": { "type": "tiles", "params": { "directory": "data", "sise": 256 } }
} }`;
    const { diagnostics, sources, graph } = await check(text);
    expect(graph).toBeUndefined();
    expect(diagnostics.map((each) => render(each, sources.get(each.place.file)!))).toEqual([
      [
        'graphs/a.json:2:64 Node "tiles" has no parameter "sise". Did you mean "size"?',
        '  2 |   "tiles": { "type": "tiles", "params": { "directory": "data", "sise": 256 } }',
        `      ${" ".repeat(63)}~~~~~~`,
      ].join("\n"),
    ]);
  });
});

describe("check: parameters", () => {
  test("check: every wrong value is a diagnostic at the value", async () => {
    const found = await nodeProblems(`"t": { "type": "tiles", "params": {
  "size": "hlaf", "pattern": "", "directory": 5 } },
"r": { "type": "resize", "params": {
  "size": 8,
  "format": "pgn",
  "sharpen": 1,
  "noise": { "amont": 0.1, "amount": 1, "channels": [] },
  "comment": null } },
"s": { "type": "resize", "params": {
  "size": 16.5,
  "sharpen": [],
  "noise": { "channels": [0, 1.5, -1, 0] } } },
"u": { "type": "resize", "params": { "size": 5001, "noise": 3 } },
"v": { "type": "tiles" }`);
    expect(found).toEqual([
      'graphs/a.json:3:11 Parameter "size" of node "t" must be a whole number or "all" or "half", not "hlaf". Did you mean "half"?',
      'graphs/a.json:3:30 Parameter "pattern" of node "t" must not be empty.',
      'graphs/a.json:3:47 Parameter "directory" of node "t" must be a string, not 5.',
      'graphs/a.json:5:11 Parameter "size" of node "r" must be at least 16, not 8.',
      'graphs/a.json:6:13 Parameter "format" of node "r" must be one of "png", "exr", not "pgn". Did you mean "png"?',
      'graphs/a.json:7:14 Parameter "sharpen" of node "r" must be true or false, not 1.',
      'graphs/a.json:8:14 Node "r" has no parameter "noise.amont". Did you mean "amount"?',
      'graphs/a.json:8:38 Parameter "noise.amount" of node "r" must be less than 1, not 1.',
      'graphs/a.json:8:53 Parameter "noise.channels" of node "r" must have at least 1 item, not 0.',
      'graphs/a.json:9:14 Parameter "comment" of node "r" must be a string, not null.',
      'graphs/a.json:11:11 Parameter "size" of node "s" must be a whole number, not 16.5.',
      'graphs/a.json:12:14 Parameter "sharpen" of node "s" must be true or false, not [].',
      'graphs/a.json:13:26 Parameter "noise.channels" of node "s" must not have the same item twice (0 and 3, counted from 0).',
      'graphs/a.json:13:30 Parameter "noise.channels.1" of node "s" must be a whole number, not 1.5.',
      'graphs/a.json:13:35 Parameter "noise.channels.2" of node "s" must be at least 0, not -1.',
      'graphs/a.json:14:46 Parameter "size" of node "u" must be at most 4096, not 5001.',
      'graphs/a.json:14:46 Parameter "size" of node "u" must be a multiple of 2, not 5001.',
      'graphs/a.json:14:61 Parameter "noise" of node "u" must be an object, not 3.',
      'graphs/a.json:15:1 Node "v" needs parameter "directory".',
    ]);
  });

  test("check: mistakes in expressions and templates are at their column inside the string", async () => {
    const found = await nodeProblems(`"t": { "type": "tiles", "params": { "directory": "$DTA/x" } },
"r": { "type": "resize", "inputs": ["t"], "params": {
  "size": "2 * @widht",
  "sharpen": "@name",
  "noise": { "amount": "0.5 +", "channels": ["1 / 0", "1.5"] },
  "comment": "\\u0041 @naem" } }`);
    expect(found).toEqual([
      'graphs/a.json:2:51 There is no variable "$DTA". A "$" as text is written "$$".',
      'graphs/a.json:4:16 There is no attribute "widht" here. Did you mean "width"?',
      expect.stringMatching(/^graphs\/a.json:5:15 .* needs a number or true or false, but this is a string\.$/),
      expect.stringMatching(/^graphs\/a.json:6:30 /),
      expect.stringMatching(/^graphs\/a.json:6:47 .*zero/i),
      expect.stringMatching(/^graphs\/a.json:6:56 .* needs a whole number, but this is a number\./),
      'graphs/a.json:7:22 There is no attribute "naem" here. Did you mean "name"?',
    ]);
  });

  test("check: constant expressions are evaluated, and held to the schema", async () => {
    const nodes = (params: string) =>
      `{ "version": 1, "variables": { "N": "64", "F": "exr" }, "nodes": { "r": { "type": "resize", "params": ${params} } } }`;
    const graph = await graphOf(
      nodes(
        `{ "size": "2 * $N", "format": "$F", "sharpen": "1 < 2", "noise": { "amount": "0.25", "channels": ["1", 2] } }`,
      ),
    );
    expect(graph.nodes.get("r")?.params.constant).toEqual({
      size: 128,
      format: "exr",
      sharpen: true,
      noise: { amount: 0.25, channels: [1, 2] },
      comment: "made by r",
    });
    expect(await problems(nodes(`{ "size": "$N / 64 * 8", "format": "\`$F + 's'\`" }`))).toEqual([
      expect.stringMatching(/^graphs\/a.json:1:\d+ .* needs a whole number, but this is a number\./),
      expect.stringMatching(
        /^graphs\/a.json:1:\d+ Parameter "format" of node "r" must be one of "png", "exr", not "exrs"\./,
      ),
    ]);
    expect(await problems(nodes(`{ "size": "$N - 60" }`))).toEqual([
      'graphs/a.json:1:113 Parameter "size" of node "r" must be at least 16, not 4.',
    ]);
  });

  test("check: a node type's own check is placed at the parameter; a warning does not stop the graph", async () => {
    const nodes = `"a": { "type": "resize", "params": { "format": "exr", "size": 2000 } },
"b": { "type": "resize", "params": { "size": 4000 } }`;
    expect(await nodeProblems(nodes)).toEqual([
      'graphs/a.json:2:63 Node "a": An exr has at most 1024 pixels.',
      'graphs/a.json:3:46 warning: Node "b": This is large.',
    ]);
    const { graph, diagnostics } = await check(
      '{ "version": 1, "nodes": { "b": { "type": "resize", "params": { "size": 4000 } } } }',
    );
    expect(graph?.nodes.size).toBe(1);
    expect(diagnostics).toHaveLength(1);
  });
});

describe("check: settings", () => {
  test("check: settings have their defaults, and what is given is compiled", async () => {
    const graph = await graphOf(`{ "version": 1, "nodes": {
      "a": { "type": "probe" },
      "b": { "type": "probe", "schedule_when": "1 < 2", "label": "$OS!", "priority": -3, "scheduler": "local",
             "generate_when": "all_upstream_cooked", "cache_mode": "never", "on_failure": "retry", "retries": 2,
             "timeout": 1.5, "slots": { "cpu": "all", "gpu": 1 }, "batch_size": 4, "env": { "A": "$OS" }, "bypass": true },
      "c": { "type": "probe", "label": { "inherit": true }, "priority": { "node": true }, "timeout": null },
      "d": { "type": "probe", "label": { "node": true }, "priority": { "inherit": true } }
    } }`);
    const [a, b, c, d] = [...graph.nodes.values()];
    expect(a).toMatchObject({
      scheduleWhen: null,
      label: "default",
      priority: "inherit",
      generateWhen: "automatic",
      cacheMode: "automatic",
      onFailure: "fail",
      retries: 3,
      timeout: null,
      slots: null,
      batchSize: 1,
      bypass: false,
    });
    expect(a?.env.size).toBe(0);
    expect(b).toMatchObject({
      scheduleWhen: { type: "bool", constant: true },
      label: { type: "string" },
      priority: { type: "int", constant: true },
      generateWhen: "all_upstream_cooked",
      cacheMode: "never",
      onFailure: "retry",
      retries: 2,
      timeout: 1.5,
      slots: { cpu: "all", gpu: 1 },
      batchSize: 4,
      bypass: true,
    });
    expect(b?.env).toEqual(new Map([["A", "b"]]));
    expect(c).toMatchObject({ label: "inherit", priority: "node", timeout: null });
    expect(d).toMatchObject({ label: "node", priority: "inherit" });
  });

  test("check: wrong settings are diagnostics at their values", async () => {
    const found = await nodeProblems(`"a": { "type": "probe",
  "schedule_when": "'x'",
  "label": { "inherits": true },
  "priority": { "default": true },
  "cache_mode": "nevr",
  "retries": -1,
  "timeout": 0,
  "slots": { "cpu": "al", "gpus": 1 },
  "batch_size": 0,
  "env": { "A": 1, "B": "$HOEM" },
  "bypass": "yes" },
"b": { "type": "probe", "label": { "inherit": false }, "priority": [], "env": { "A": "@pdg_index" } }`);
    expect(found).toEqual([
      expect.stringMatching(/^graphs\/a.json:3:21 .* needs a number or true or false, but this is a string\.$/),
      'graphs/a.json:4:14 There is no "label.inherits". Did you mean "inherit"?',
      'graphs/a.json:5:17 There is no "priority.default".',
      'graphs/a.json:6:17 "cache_mode" of node "a" must be one of "automatic", "always_read", "always_write", "never", not "nevr". Did you mean "never"?',
      'graphs/a.json:7:14 "retries" of node "a" must be at least 0, not -1.',
      'graphs/a.json:8:14 "timeout" of node "a" must be greater than 0, not 0.',
      'graphs/a.json:9:21 "slots.cpu" of node "a" must be a whole number or "all", not "al".',
      'graphs/a.json:9:27 There is no "slots.gpus". Did you mean "gpu"?',
      'graphs/a.json:10:17 "batch_size" of node "a" must be at least 1, not 0.',
      'graphs/a.json:11:17 "env.A" of node "a" must be a string, not 1.',
      'graphs/a.json:12:13 "bypass" of node "a" must be true or false, not "yes".',
      'graphs/a.json:13:47 "label.inherit" of node "b" must be true, not false.',
      'graphs/a.json:13:68 "priority" of node "b" must be a string or a number or an object, not [].',
      expect.stringMatching(/^graphs\/a.json:13:87 .*pdg_index/),
    ]);
  });
});
