import { expect, test } from "@jest/globals";
import { toDot, toJson, toMermaid } from "../../src/graph/draw.js";
import { toSvg } from "../../src/graph/svg.js";
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

test("draw: SVG: a box for each node, left of those that it feeds; wires from side to side, with their inputs' names", async () => {
  const svg = toSvg(await graphOf(text.replace('"tiles"', '"tiles", "label": "<&>"')));
  expect(svg).toMatch(
    /^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" width="[\d.]+" height="[\d.]+" viewBox="0 0 [\d.]+ [\d.]+">\n/,
  );
  const boxes = [
    ...svg.matchAll(/<rect (?:class="bypassed" )?x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"/g),
  ];
  const [t, p, end] = boxes.map(([, ...figures]) => figures.map(Number));
  expect([boxes.length, svg.match(/class="bypassed"/g)?.length]).toEqual([3, 1]);
  expect([t![0]! + t![2]! < p![0]!, p![0]! + p![2]! < end![0]!]).toEqual([true, true]);
  const wires = [...svg.matchAll(/<path class="wire" d="M([\d.]+) ([\d.]+).* ([\d.]+) ([\d.]+)"/g)].map(([, ...at]) =>
    at.map(Number),
  );
  expect(wires.length).toBe(4);
  for (const [x, y, endX] of wires.slice(1)) {
    const from = [t, p].find(
      (box) => Math.abs(box![0]! + box![2]! - x!) < 0.2 && Math.abs(box![1]! + box![3]! / 2 - y!) < 0.2,
    );
    expect([from === undefined, Math.abs(endX! - end![0]!) < 0.2]).toEqual([false, true]);
  }
  expect(svg.match(/<text class="label"[^>]*>(model|images)</g)?.length).toBe(3);
  expect(toSvg(await graphOf(text))).toBe(toSvg(await graphOf(text)));
});
