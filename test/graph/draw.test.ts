import { expect, test } from "@jest/globals";
import { toDot, toJson, toMermaid } from "../../src/graph/draw.js";
import { graphOf } from "./helpers.js";

const text = `{ "version": 1, "nodes": {
  "t": { "type": "tiles", "params": { "directory": "data" } },
  "p": { "type": "probe", "inputs": ["t"], "bypass": true },
  "end": { "type": "apply", "inputs": { "model": ["p"], "images": ["t", "p"] } }
} }`;

test("draw: Graphviz", async () => {
  expect(toDot(await graphOf(text))).toBe(`digraph {
  rankdir=LR;
  node [shape=box];
  "t" [label="t\\ntiles"];
  "p" [label="p\\nprobe", style=dashed];
  "end" [label="end\\napply"];
  "t" -> "p";
  "p" -> "end" [label="model"];
  "t" -> "end" [label="images"];
  "p" -> "end" [label="images"];
}
`);
});

// "end" is a word of Mermaid's own, so that nodes have other ids.
test("draw: Mermaid", async () => {
  expect(toMermaid(await graphOf(text))).toBe(`flowchart LR
  n0["t<br/>tiles"]
  n1["p<br/>probe (bypassed)"]
  n2["end<br/>apply"]
  n0 --> n1
  n1 -->|model| n2
  n0 -->|images| n2
  n1 -->|images| n2
`);
});

test("draw: JSON", async () => {
  const { nodes } = toJson(await graphOf(text)) as { nodes: readonly unknown[] };
  expect(nodes).toHaveLength(3);
  expect(nodes[0]).toEqual({
    name: "t",
    type: "tiles",
    bypass: false,
    inputs: {},
    params: { directory: "$HIP/data", pattern: "*.{png,$jpg}", size: "all" },
    attributes: { width: "int", name: "string" },
    open: false,
  });
  expect(nodes[2]).toMatchObject({ inputs: { model: ["p"], images: ["t", "p"], masks: [] } });
});
