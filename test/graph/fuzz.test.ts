import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { Ajv } from "ajv";
import { randomStream } from "../../src/base/random.js";
import type { GraphFile } from "../../src/graph/file.js";
import { graphSchema } from "../../src/graph/schema.js";
import type { Json } from "../../src/nodetype/define.js";
import { createRegistry } from "../../src/nodetype/registry.js";
import { check } from "./helpers.js";

const seed = {
  version: 1,
  variables: { D: "data", E: "$D/x" },
  nodes: {
    t: { type: "tiles", params: { directory: "$E", size: 3 } },
    v: { type: "vary", inputs: ["t"], params: { attributes: [{ name: "rate", values: [1, "2", "@name"] }] } },
    r: {
      type: "resize",
      inputs: ["v"],
      schedule_when: "@rate < 2",
      label: "$OS @{pdg_index:4}",
      priority: "-@wedgeindex",
      slots: { cpu: "all" },
      params: { size: "@width", sharpen: "@width > 2", noise: { amount: 0.5, channels: [0, "1"] }, comment: "`'a'`" },
    },
    g: { type: "gather", inputs: ["r"], env: { A: "$D" }, label: { inherit: true } },
    a: { type: "apply", inputs: { model: ["g"], images: ["t", "r"] }, params: { output: "out/$OS" } },
  },
} satisfies GraphFile;

const LEAVES: readonly Json[] = [
  null,
  true,
  0,
  -1,
  1e308,
  0.5,
  "",
  "t",
  "a",
  "@",
  "@rate",
  "$",
  "$D",
  "`",
  "`1/0`",
  "1 +",
  "@__proto__",
  "$HIP",
  "../../..",
  "inherit",
  "resize",
  "\u0000",
  "\ud800",
  "@{x",
  [],
  {},
  [[]],
  { __proto: 1 },
  { inherit: true },
  [null],
  ["r"],
];
const KEYS = [
  "__proto__",
  "constructor",
  "type",
  "inputs",
  "params",
  "size",
  "nodes",
  "label",
  "",
  "a.b",
  "main",
  "slots",
];

/** Random choices that a seed repeats. */
function chooser(run: number) {
  const stream = randomStream(7, "fuzz", run);
  let drawn = 0;
  const below = (count: number) => Math.floor(stream.uniform(drawn++) * count);
  return { below, of: <T>(all: readonly T[]): T => all[below(all.length)]! };
}

type Chooser = ReturnType<typeof chooser>;

/** The value with one random change somewhere inside. */
function mutated(value: Json, choose: Chooser, depth = 0): Json {
  const stop = choose.below(4) === 0 && depth > 1;
  if (stop || typeof value !== "object" || value === null) return choose.of(LEAVES);
  const entries: [string, Json][] = Object.entries(value as Record<string, Json>);
  if (entries.length === 0) return choose.of(LEAVES);
  const at = choose.below(entries.length);
  const [key, inner] = entries[at]!;
  const kind = choose.below(6);
  if (kind === 0) entries.splice(at, 1);
  else if (kind === 1) entries.push([choose.of(KEYS), choose.of(LEAVES)]);
  else entries[at] = [kind === 2 && depth > 0 ? choose.of(KEYS) : key, mutated(inner, choose, depth + 1)];
  return Array.isArray(value) ? entries.map(([, each]) => each) : Object.fromEntries(entries);
}

describe("fuzz", () => {
  test("fuzz: no change to a graph makes the check throw; problems lie in the text; what is right fits the schema", async () => {
    const fixtures = createRegistry({ compiled: [join(import.meta.dirname, "nodes")] });
    const accepts = new Ajv({ strict: false, logger: false }).compile(await graphSchema(fixtures));
    let right = 0;
    for (let run = 0; run < 1500; run++) {
      const choose = chooser(run);
      let graph: Json = seed;
      for (let change = choose.below(2); change >= 0; change--) graph = mutated(graph, choose);
      const text = JSON.stringify(graph, null, 1);
      const checked = await check(text, { registry: fixtures });
      const lines = text.split("\n");
      for (const { place, message } of checked.diagnostics) {
        const line = lines[place.line - 1];
        const inside = line !== undefined && place.column >= 1 && place.column <= line.length + 1;
        if (!inside || message.includes("undefined"))
          throw new Error(`${run}: ${message} ${JSON.stringify(place)}\n${text}`);
      }
      if (checked.graph === undefined) {
        expect(checked.diagnostics.length).toBeGreaterThan(0);
        continue;
      }
      right += 1;
      if (!accepts(graph)) throw new Error(`${run}: ${JSON.stringify(accepts.errors)}\n${text}`);
    }
    expect(right).toBeGreaterThan(50);
  });

  test("fuzz: no cut or damaged text makes the check throw", async () => {
    const text = JSON.stringify(seed, null, 1);
    for (let run = 0; run < 800; run++) {
      const choose = chooser(run + 1_000_000);
      const from = choose.below(text.length);
      const inserted = choose.of(["", '"', "{", "}", "[", ",", "\\", "//", "/*", "\u0000", "\\u12", "1e", "\n", ":"]);
      const broken = text.slice(0, from) + inserted + text.slice(from + choose.below(4));
      const { graph, diagnostics } = await check(choose.below(4) === 0 ? broken.slice(0, from + 1) : broken);
      if (graph === undefined) expect(diagnostics.length).toBeGreaterThan(0);
    }
  });
});
