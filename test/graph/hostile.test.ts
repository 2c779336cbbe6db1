/** Graph files from strangers: whatever they hold, the check ends with diagnostics that can be shown, in bounded memory. */
import { describe, expect, test } from "@jest/globals";
import { render } from "../../src/base/diagnostic.js";
import type { Checked } from "../../src/graph/check.js";
import { check } from "./helpers.js";

/** What is wrong with a text, and that all of it can be shown. */
async function refused(text: string): Promise<Checked["diagnostics"]> {
  const { graph, diagnostics } = await check(text);
  expect(graph).toBeUndefined();
  expect(diagnostics.length).toBeGreaterThan(0);
  for (const diagnostic of diagnostics.slice(0, 3)) expect(render(diagnostic, text).length).toBeLessThan(6000);
  return diagnostics;
}

const graph = (nodes: string, more = "") => `{ "version": 1, ${more}"nodes": { ${nodes} } }`;
const count = (length: number, each: (place: number) => string) =>
  Array.from({ length }, (_, place) => each(place)).join();

describe("a graph from a stranger", () => {
  test.each([
    ["nesting", "[".repeat(1_000_000)],
    ["nesting of objects", '{"a":'.repeat(1_000_000)],
    ["a number without end", graph(`"t": { "type": "tiles", "params": { "size": ${"9".repeat(100_000)} } }`)],
    ["a number above all", graph('"t": { "type": "tiles", "params": { "size": 1e999 } }')],
    ["a member twice", graph('"t": { "type": "tiles" }, "t": { "type": "tiles" }')],
    ["__proto__ as a node", graph('"__proto__": { "type": "tiles" }')],
    ["__proto__ as a type", graph('"t": { "type": "__proto__" }')],
    ["constructor as a parameter", graph('"t": { "type": "tiles", "params": { "constructor": 1, "__proto__": {} } }')],
    ["toString as a setting", graph('"t": { "type": "tiles", "toString": 1 }')],
    ["__proto__ as an input", graph('"t": { "type": "resize", "inputs": { "__proto__": ["t"] } }')],
    ["__proto__ as a source", graph('"t": { "type": "resize", "inputs": ["__proto__", "constructor"] }')],
    ["a NUL", graph('"t\\u0000": { "type": "tiles" }')],
    ["half a character", graph('"\\ud800": { "type": "\\udfff" }')],
    ["another file's beginning", "\uFEFF\uFEFF{}"],
    ["a name of a megabyte", graph(`"t": { "type": "${"x".repeat(1 << 20)}" }`)],
    ["a key of a megabyte", graph(`"t": { "type": "tiles", "${"k".repeat(1 << 20)}": 1 }`)],
  ])("%s: diagnostics", async (_, text) => {
    await refused(text);
  });

  test("a byte order mark, half a character in a text: nothing is wrong", async () => {
    const text = graph('"t": { "type": "tiles", "params": { "directory": "d" }, "label": "\\ud800" }');
    expect((await check(`\uFEFF${text}`)).diagnostics).toEqual([]);
  });

  test("millions of values: refused before they are held", async () => {
    const [only] = await refused(`{ "version": 1, "nodes": {}, "x": [${"0,".repeat(3_100_000)}0] }`);
    expect(only?.message).toBe("The file has more than 6000000 names, values and signs.");
  });

  test("a cycle through 5,000 nodes: one diagnostic, cut where nobody reads on", async () => {
    const size = 5000;
    const node = (place: number) => `"n${place}": { "type": "resize", "inputs": ["n${(place + 1) % size}"] }`;
    const found = await refused(graph(count(size, node)));
    const cycles = found.filter(({ message }) => message.includes(" -> "));
    expect(cycles).toHaveLength(1);
    expect(cycles[0]?.message.length).toBeLessThan(5000);
  });

  test("2,000 misspelt names among 2,000: all told, some with what may have been meant", async () => {
    const node = (place: number) => `"n${place}": { "type": "resize", "inputs": ["m${place}"] }`;
    const found = await refused(graph(count(2000, node)));
    expect(found.length).toBeGreaterThanOrEqual(2000);
    expect(found.filter(({ suggestion }) => suggestion !== undefined).length).toBeLessThanOrEqual(200);
  });

  test("variables that double each other: the one that grows too long is told", async () => {
    const variables = count(40, (place) => `"V${place + 1}": "$V${place}$V${place}"`);
    const [first] = await refused(graph("", `"variables": { "V0": "xxxxxxxx", ${variables} }, `));
    expect(first?.message).toMatch(/The text comes to more than 1048576 characters/);
  });
});
