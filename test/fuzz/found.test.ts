/** Cases that the fuzz found: each holds from then on. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { type Case, replay } from "./fuzz.js";
import type { Placed, World } from "./world.js";

const node = (id: number, type: string, from: readonly number[], params: Placed["params"], more = {}): Placed => ({
  id,
  name: `n${id}`,
  type,
  inputs: from.length === 0 ? {} : { main: from.map((each) => ({ id: each })) },
  params,
  settings: {},
  ...more,
});

const world = (...nodes: readonly Placed[]): World => ({
  nodes,
  files: { "data/a/f1.txt": "a" },
  code: {},
  order: nodes.map(({ id }) => id),
  groups: [],
  variables: {},
  overrides: [],
});

const FOUND: Readonly<Record<string, Omit<Case, "seed" | "ahead">>> = {
  "a loop over items whose last source is taken away has no iteration": {
    world: world(
      node(1, "attribute_create", [], { attributes: [{ name: "x", type: "int", value: 0 }] }),
      node(2, "feedback_begin", [1], { over: "items", iterations: 3 }),
      node(3, "wait_for_all", [2], {}),
      node(4, "feedback_end", [3], {}, { closes: 2 }),
    ),
    edits: [{ kind: "drop", id: 1 }],
  },
  "a file that came under two tags is passed on under each": {
    world: world(
      node(1, "file_pattern", [], { directory: "data/a", tag: "file" }),
      node(2, "file_pattern", [], { directory: "data/a", tag: "file/text" }),
      node(3, "wait_for_all", [1, 2], {}),
      node(4, "fuzz/work", [3], { mode: "pass" }),
    ),
    edits: [{ kind: "touch", path: "data/a/f1.txt" }],
  },
};

test.each(Object.entries(FOUND))("found by the fuzz: %s", async (_, found) => {
  const root = mkdtempSync(join(tmpdir(), "dag-found-"));
  try {
    expect(await replay({ ...found, seed: 1, ahead: true }, join(root, "case"))).toBeUndefined();
  } finally {
    rmSync(root, { recursive: true });
  }
});
