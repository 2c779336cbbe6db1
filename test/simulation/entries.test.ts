import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { type Digest, digestOf } from "../../src/base/hash.js";
import type { Changes, Entries, Result } from "../../src/cache/entries.js";
import { openEntries } from "../../src/cache/libsql.js";
import { inFolder } from "../cache/workbench.js";
import { Dice } from "../helpers/dice.js";
import { MemoryEntries, Tables } from "./entries.js";

const ITEMS = ["a/1", "a/2", "b/1", "b/2"];
const PRINTS = ["p", "q", "r", "s"].map((word) => digestOf(word));
const PATHS = ["/x/a", "/x/b", "/x/y/c", "/xz/d", "00", "0f"];

/** Any few changes at once. */
function changes(dice: Dice): Changes {
  const some = <T>(most: number, make: () => T): T[] => Array.from({ length: dice.from(0, most) }, make);
  const print = (): Digest => dice.pick(PRINTS);
  const result = (): Result => ({
    fingerprint: print(),
    outputs: some(2, () => ({ digest: print(), size: dice.from(0, 9), tag: "file/text", name: "a.txt" })),
    attributes: { n: dice.from(0, 5), words: ["a", 'b"'] },
    seconds: dice.from(0, 3000) / 1000,
    boot: dice.pick([null, "one", "two"]),
    item: dice.pick(ITEMS),
    name: "a_1",
    node: dice.pick(["a", "b"]),
    type: dice.pick(["t", "u"]),
    manifest: `manifest ${dice.from(0, 9)}\nit's`,
    created: dice.from(1, 1000),
  });
  const kind = dice.pick(["file", "placed", "shard"] as const);
  return {
    moved: some(1, () => ({ item: dice.pick(ITEMS), fingerprint: print() })),
    durable: some(1, print),
    lost: some(1, print),
    results: some(2, result),
    forgotten: dice.chance(0.1) ? [dice.pick(ITEMS)] : [],
    dropped: dice.chance(0.1) ? [print()] : [],
    stamps: some(2, () => ({ kind, path: dice.pick(PATHS), stamp: `${dice.from(0, 9)}`, digest: print(), size: 3 })),
    unstamped: some(1, () => ({ kind, path: dice.pick(PATHS) })),
    memories: some(2, () => ({ kind: "m", key: dice.pick(ITEMS), value: '"v"', created: dice.from(1, 1000) })),
    ...(dice.chance(0.1) && { forgetBefore: dice.from(1, 500) }),
  };
}

/** All that a database answers. */
function shown(entries: Entries): unknown {
  const sorted = <T>(values: Iterable<T>) => [...values].map((value) => JSON.stringify(value)).sort();
  return {
    last: entries.last([...ITEMS, "absent"]),
    entries: entries.entries(PRINTS),
    manifests: PRINTS.map((print) => entries.manifest(print)),
    scan: sorted([...entries.scan()].map(({ fingerprint }) => fingerprint)),
    results: sorted([...entries.results()].map((each) => Object.entries(each).sort())),
    aged: sorted(entries.aged()),
    stamp: PATHS.map((path) => entries.stamp("file", path)),
    stamps: (["file", "placed", "shard"] as const).map((kind) => [
      entries.stamps(kind, ""),
      entries.stamps(kind, "/x"),
    ]),
    recall: entries.recall("m", [...ITEMS, "absent"]),
    runs: entries.runs(3),
    history: ["t", "u"].map((type) => entries.history(type)),
    totals: [entries.totals().entries, entries.totals().items],
  };
}

describe("the database in memory", () => {
  test("it answers as the real one does, whatever is committed", () =>
    inFolder(async (folder) => {
      for (let seed = 0; seed < 8; seed++) {
        const dice = new Dice(seed, "entries");
        const real = openEntries(join(folder, `${seed}.db`), false);
        const fake = new MemoryEntries(new Tables(), "", false, () => {});
        const both = [real, fake];
        expect(both.map((entries) => [entries.isNew(), entries.lead(3), entries.isNew()])).toEqual([
          [true, 3, false],
          [true, 3, false],
        ]);
        for (let step = 0; step < 40; step++) {
          const change = changes(dice);
          for (const entries of both) entries.commit(change);
          const [foretold, actual] = [dice.chance(0.5), dice.pick([null, { wall: step }])];
          const runs = both.map((entries) => {
            const run = entries.startRun("g.json", step);
            if (foretold) entries.foretell(run, { wall: step });
            entries.endRun(run, step + 1, 0, { cooked_success: step }, actual);
            return run;
          });
          expect(runs[0]).toBe(runs[1]);
          expect(shown(fake)).toEqual(shown(real));
        }
        expect(both.map((entries) => entries.lead(1))).toEqual([4, 4]);
        real.close();
      }
    }));
});
