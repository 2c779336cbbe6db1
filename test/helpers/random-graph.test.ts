import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { checkGraph } from "../../src/graph/check.js";
import { createRegistry } from "../../src/nodetype/registry.js";
import { randomGraph } from "./random-graph.js";

const NODES = join(import.meta.dirname, "../../nodes");
const registry = createRegistry({ compiled: [NODES, join(import.meta.dirname, "random-nodes")] });

describe("random graphs", () => {
  test("a random graph: passes the check, and is the same for the same seed", async () => {
    const problems: string[] = [];
    const types = new Set<string>();
    for (let seed = 0; seed < 150; seed++) {
      const graph = randomGraph(seed, { failures: true, modes: true });
      expect(randomGraph(seed, { failures: true, modes: true })).toEqual(graph);
      for (const { type } of Object.values(graph.nodes)) types.add(type);
      const text = JSON.stringify({ version: 1, nodes: graph.nodes });
      const options = { file: "g.json", folder: "/sim", job: "/sim", registry, environment: new Map() };
      for (const { message } of (await checkGraph(text, options)).diagnostics) problems.push(`${seed}: ${message}`);
    }
    expect(problems).toEqual([]);
    expect(types.size).toBeGreaterThan(12);
  });
});
