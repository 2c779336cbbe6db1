/**
 * Whether the database in memory answers as the real one, whatever is committed, and whether either lets an engine commit
 * that another has taken over from. Knows both through their one interface.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { type Digest, digestOf } from "../../src/base/hash.js";
import type { Changes, Entries, LostEntry, Result, StoredEntry } from "../../src/store/entries.js";
import { FencedError } from "../../src/store/errors.js";
import { openEntries } from "../../src/store/libsql.js";
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
    ...(dice.chance(0.3) && { logged: { epoch: dice.from(1, 3), piece: dice.from(0, 3), offset: dice.from(0, 99) } }),
    ...(dice.chance(0.1) && { forgetBefore: dice.from(1, 500) }),
  };
}

/** A result's members, whether or not anybody has looked into it yet. */
function plain(found: StoredEntry | LostEntry | null): StoredEntry | LostEntry | null {
  if (found === null || "lost" in found) return found;
  const { fingerprint, outputs, attributes, seconds, boot } = found;
  return { fingerprint, outputs, attributes, seconds, boot };
}

/** All that a database answers. */
function shown(entries: Entries): unknown {
  const sorted = <T>(values: Iterable<T>) => [...values].map((value) => JSON.stringify(value)).sort();
  return {
    last: entries.last([...ITEMS, "absent"]).map(plain),
    entries: entries.entries(PRINTS).map(plain),
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
    logged: entries.logged(),
    runs: entries.runs(3),
    totals: [entries.totals().entries, entries.totals().items],
  };
}

/** What differs between the two; nothing where they are the same. */
export function databaseProblems(): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), "dag-entries-"));
  try {
    return Array.from({ length: 4 }, (_, seed) => [
      ...differences(seed, join(folder, `${seed}.db`)),
      ...fences(join(folder, `fenced-${seed}.db`)),
    ]).flat();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function differences(seed: number, path: string): readonly string[] {
  const problems: string[] = [];
  const dice = new Dice(seed, "entries");
  const real = openEntries(path, false);
  const fake = new MemoryEntries(new Tables(), "", false, () => {});
  const same = (what: string, ask: (entries: Entries) => unknown) => {
    const [one, other] = [real, fake].map(ask);
    if (!isDeepStrictEqual(one, other))
      problems.push(`seed ${seed}, ${what}: ${JSON.stringify(one)} is not ${JSON.stringify(other)}`);
  };
  same("leading", (entries) => [entries.isNew(), entries.lead(3), entries.isNew()]);
  for (let step = 0; step < 20; step++) {
    const change = changes(dice);
    same("a run", (entries) => {
      entries.commit(change);
      const run = entries.startRun("g.json", step);
      entries.noteForecast(run, { seconds: step });
      entries.endRun(run, step + 1, 0, { cooked_success: step }, null);
      return run;
    });
    same(`step ${step}`, shown);
  }
  same("leading again", (entries) => entries.lead(1));
  real.close();
  return problems;
}

/** Two engines with one database: the later one leads. */
function fences(path: string): readonly string[] {
  const tables = new Tables();
  const inMemory = (): Entries => new MemoryEntries(tables, "", false, () => {});
  return [() => openEntries(path, false), inMemory].flatMap((open) => {
    const [first, second] = [open(), open()];
    first.lead(1);
    first.commit({});
    second.lead(1);
    const isFenced = throwsFenced(() => first.commit({})) && throwsFenced(() => first.requireLead());
    second.commit({});
    first.close();
    second.close();
    return isFenced ? [] : ["an engine committed after another had taken over"];
  });
}

function throwsFenced(work: () => void): boolean {
  try {
    work();
    return false;
  } catch (error) {
    if (error instanceof FencedError) return true;
    throw error;
  }
}
