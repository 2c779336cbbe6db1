import { describe, expect, test } from "@jest/globals";
import { render } from "../../src/base/diagnostic.js";
import { readGiven } from "../../src/cli/given.js";
import { check, graphOf, problems } from "./helpers.js";

const text = `{ "version": 1, "nodes": {
  "t": { "type": "tiles", "params": { "directory": "data", "size": "wrong" } },
  "r": { "type": "resize", "inputs": ["t"], "params": { "noise": { "channels": [0, 1] } } },
  "v": { "type": "vary" }
} }`;

describe("overrides", () => {
  test("overrides: values replace those of the file, or are added; the last one counts", async () => {
    const overrides = [
      "t.size=12",
      't.directory="../data/new"',
      "r.size=20",
      "r.size=32",
      "r.noise.amount=0.5",
      "r.noise.channels.1=7",
      "r.format=exr",
      'v.attributes=[{ "name": "rate" }] // also a comment',
    ];
    const graph = await graphOf(text, { given: readGiven({ set: overrides }) });
    const params = (name: string) => graph.nodes.get(name)?.params.constant;
    expect(params("t")).toMatchObject({ size: 12, directory: "$HIP/../data/new" });
    expect(params("r")).toMatchObject({ size: 32, format: "exr", noise: { amount: 0.5, channels: [0, 7] } });
    expect(params("v")).toEqual({ attributes: [{ name: "rate", type: "float", values: [] }] });
  });

  test("overrides: their problems are placed in the pseudo file --set, a line for each", async () => {
    const overrides = [
      "t.size=2",
      "t.sise=1",
      "r.size=8",
      "q.size=1",
      "size=1",
      "r.noise.amount=@widht",
      "r.noise=[1,",
    ];
    expect(await problems(text, { given: readGiven({ set: overrides }) })).toEqual([
      '--set:2:3 Node "t" has no parameter "sise". Did you mean "size"?',
      '--set:3:8 Parameter "size" of node "r" must be at least 16, not 8.',
      '--set:4:1 There is no node "q".',
      '--set:5:1 "size=1" is not of the form node.parameter=value.',
      '--set:6:16 There is no attribute "widht" here. Did you mean "width"?',
      "--set:7:11 A value is expected here, but the file ends.",
    ]);
    const { diagnostics, sources } = await check(text, { given: readGiven({ set: overrides }) });
    expect(render(diagnostics[4]!, sources.get("--set")!)).toBe(
      [
        '--set:6:16 There is no attribute "widht" here. Did you mean "width"?',
        "  6 | r.noise.amount=@widht",
        "                     ~~~~~~",
      ].join("\n"),
    );
  });

  test("overrides: a list is not extended beyond its end, and a number takes no members", async () => {
    expect(await problems(text, { given: readGiven({ set: ["t.size=2", "r.noise.channels.2=1"] }) })).toEqual([
      "--set:2:18 The list has no item 2: it has 2.",
    ]);
    expect(await problems(text, { given: readGiven({ set: ["t.size=2", "r.size=32", "r.size.edge=1"] }) })).toEqual([
      '--set:3:8 Parameter "size" of node "r" must be a whole number, not {"edge":1}.',
    ]);
  });
});
