import { describe, expect, test } from "@jest/globals";
import type { Environment } from "../../src/expression/index.js";
import type { Value } from "../../src/expression/value.js";
import { graphOf } from "./helpers.js";

function item(attributes: Readonly<Record<string, Value>>): Environment {
  return {
    attribute: (name) => attributes[name],
    attributeNames: () => Object.keys(attributes),
    variable: (name) => (name === "OS" ? "r" : undefined),
    inputs: () => [],
  };
}

async function resize(params: string) {
  const { nodes } = await graphOf(
    `{ "version": 1, "nodes": { "p": { "type": "probe" }, "r": { "type": "resize", "inputs": ["p"], "params": ${params} } } }`,
  );
  return nodes.get("r")!.params;
}

describe("evaluated parameters", () => {
  test("evaluated parameters: those that read nothing are one frozen object for all items", async () => {
    const params = await resize('{ "size": "16 * 2" }');
    const first = params.evaluate(item({}));
    expect(first).toEqual({
      ok: true,
      values: { size: 32, format: "png", sharpen: false, noise: { amount: 0, channels: [0] }, comment: "made by r" },
    });
    expect(first.ok && first.values).toBe(params.constant);
    expect(Object.isFrozen(params.constant)).toBe(true);
    expect(Object.isFrozen(params.constant?.noise)).toBe(true);
    expect(params.reads.attributes.size).toBe(0);
  });

  test("evaluated parameters: only texts that differ by item are evaluated, the rest is shared", async () => {
    const params = await resize(
      '{ "size": "@a * 2", "sharpen": "@b", "format": "@c", "noise": { "channels": [3, "@a"] } }',
    );
    expect(params.constant).toBeNull();
    expect([...params.reads.attributes].sort()).toEqual(["a", "b", "c"]);
    const one = params.evaluate(item({ a: 8, b: 1, c: "exr" }));
    expect(one).toEqual({
      ok: true,
      values: { size: 16, format: "exr", sharpen: true, noise: { amount: 0, channels: [3, 8] }, comment: "made by r" },
    });
    const two = params.evaluate(item({ a: 64, b: false, c: "png" }));
    expect(two.ok && [two.values.size, two.values.sharpen]).toEqual([128, false]);
    expect(one.ok && one.values.size).toBe(16);
  });

  test("evaluated parameters: an item's problems name the parameter, the value, and what is near", async () => {
    const params = await resize(
      '{ "size": "@a", "sharpen": "@b", "format": "@c", "noise": { "channels": ["@a", "@d"] } }',
    );
    const problems = (attributes: Readonly<Record<string, Value>>) => {
      const evaluated = params.evaluate(item(attributes));
      return evaluated.ok ? [] : evaluated.problems;
    };
    expect(problems({ a: 16, b: true, c: "exrr", d: 16 })).toEqual([
      'Parameter "format" must be one of "png", "exr", not "exrr". Did you mean "exr"?',
      'Parameter "noise.channels" must not have the same item twice (0 and 1, counted from 0).',
    ]);
    expect(problems({ a: 8, b: true, c: "exr", d: 1 })).toEqual(['Parameter "size" must be at least 16, not 8.']);
    expect(problems({ a: 16.5, b: "x", c: "exr" })).toEqual([
      expect.stringMatching(/^Parameter "size": .*whole number.*16\.5/),
      expect.stringMatching(/^Parameter "sharpen": .*"x"/),
      expect.stringMatching(/^Parameter "noise.channels.0": .*16\.5/),
      expect.stringMatching(/^Parameter "noise.channels.1": .*no attribute "d"/),
    ]);
  });

  test("evaluated parameters: the node type's own check is asked for each item; its warnings do not fail it", async () => {
    const params = await resize('{ "size": "@a", "format": "@c" }');
    expect(params.evaluate(item({ a: 2000, c: "exr" }))).toEqual({
      ok: false,
      problems: ['Parameter "size": An exr has at most 1024 pixels.'],
    });
    expect(params.evaluate(item({ a: 4000, c: "png" })).ok).toBe(true);
  });
});
