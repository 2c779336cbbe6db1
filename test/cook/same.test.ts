/** The same graph makes the same items, whoever cooks it: order, names, seeds and fingerprints. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import type { CookSpace } from "../helpers/cook-space.js";
import { inStudio, type Studio } from "../helpers/studio.js";

/** Files, a wedge by seed, dynamic items, partitions and a loop: all that could depend on what ended first. */
function graph(space: Studio, batch_size: number): void {
  for (const name of ["b", "a", "c10", "c9"]) space.write(`in/${name}.txt`, name);
  const work = { type: "studio/work", batch_size };
  const range = { start: 1, end: 2, count: "@count" };
  space.graph("g.json", {
    files: { type: "studio/files", params: { directory: "in" } },
    up: {
      ...work,
      label: "up @stem",
      inputs: ["files"],
      params: { text: "1", set: { count: 2 }, types: { count: "int" } },
    },
    spread: { type: "wedge", inputs: ["up"], params: { attributes: [{ name: "part", type: "int", range }] } },
    random: { type: "attribute_randomize", inputs: ["spread"], params: { attributes: [{ name: "noise" }] } },
    down: { ...work, label: "down @stem @part", inputs: ["random"], params: { text: "@part", reads: ["noise"] } },
    parts: { type: "partition_by_attribute", inputs: ["down"], params: { attributes: [{ name: "part" }] } },
    end: { ...work, label: "end @part", inputs: ["parts"], params: { output: "out/@part.txt" } },
  });
}

/** The fingerprints of all results that the store has, from what it keeps beside its database. */
function printsOf(space: CookSpace): string[] {
  const folder = space.path(".dag/manifests");
  return readdirSync(folder, { recursive: true, encoding: "utf8", withFileTypes: true })
    .filter((entry) => entry.isFile())
    .flatMap((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8").split("\n"))
    .flatMap((line) => line.match(/"fingerprint":"[0-9a-f]{64}"/g) ?? [])
    .sort();
}

describe("the same graph", () => {
  test("in other folders, with other slots and batches: the same items, order, names, attributes and fingerprints", async () => {
    const cooks = [
      ["1", 1],
      ["3", 1],
      ["2", 5],
    ] as const;
    const made: { readonly items: readonly unknown[]; readonly prints: readonly string[] }[] = [];
    for (const [slots, batch] of cooks)
      await inStudio(async (space) => {
        graph(space, batch);
        expect((await space.cook("g.json", "--cpu-slots", slots)).exit).toBe(0);
        const { stdout } = await space.dag("items", "g.json", "--json");
        made.push({ items: JSON.parse(stdout), prints: printsOf(space) });
      });
    const [first, ...others] = made;
    expect(made.map(({ items, prints }) => [items.length, prints.length])[0]).toEqual([
      4 + 4 + 8 + 8 + 8 + 2 + 2,
      4 + 8 + 2,
    ]);
    for (const other of others) expect(other).toEqual(first);
  });
});
