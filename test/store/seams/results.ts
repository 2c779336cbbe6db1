/** What every implementation of results must do: each is tested by these. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { Publication, Published, Results } from "../../../src/store/results.js";
import { fingerprint } from "../workbench.js";

/** An engine's results. `publication` is what an item of it made, without files. */
export interface OpenedResults {
  readonly results: Results;
  publication(item: string, word: string, rest?: Partial<Publication>): Publication;
  close(): Promise<void>;
}

/** `make`: the results in `folder`, opened by another engine each time, whether or not the one before was closed. */
export function resultsConform(make: (folder: string) => Promise<OpenedResults>): void {
  let folder = "";
  let opened: OpenedResults;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "dag-results-"));
    opened = await make(folder);
  });
  afterEach(async () => {
    await opened.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const reopen = async () => {
    await opened.close();
    opened = await make(folder);
  };
  const publish = async (item: string, word: string, rest?: Partial<Publication>): Promise<Published> =>
    (await opened.results.publish([opened.publication(item, word, rest)], "at_once"))[0]!;
  const isCached = (item: string, word: string): boolean =>
    opened.results.lookup([{ item, fingerprint: fingerprint(word) }])[0]!.entry !== undefined;

  test("publish: what was published is found, at once and by the next engine, with all that was given", async () => {
    const attributes = { n: 1, list: ["a", 'b"', "\n"] };
    const published = await publish("a", "one", { attributes, seconds: 0.25 });
    const entry = { fingerprint: fingerprint("one"), outputs: [], attributes, seconds: 0.25 };
    expect(published).toEqual({ kind: "published", entry });
    for (const again of [false, true]) {
      if (again) await reopen();
      const [found] = opened.results.lookup([{ item: "a", fingerprint: fingerprint("one") }]);
      expect(found).toMatchObject({ entry, previous: fingerprint("one"), dirty: false });
      expect(opened.results.manifest(fingerprint("one"))).toBe("manifest of one");
      expect(opened.results.lastFingerprint("a")).toBe(fingerprint("one"));
    }
  });

  test("publish: of a batch each member has its own end, in their order", async () => {
    const batch = [
      opened.publication("a", "a"),
      opened.publication("b", "b", { stillHolds: async () => false }),
      opened.publication("c", "c", { stillHolds: () => Promise.reject(new Error("gone")) }),
      opened.publication("d", "d", { stillHolds: async () => true }),
    ];
    const ends = await opened.results.publish(batch, "soon");
    expect(ends.map(({ kind }) => kind)).toEqual(["published", "dropped", "refused", "published"]);
    expect(["a", "b", "c", "d"].map((word) => isCached(word, word))).toEqual([true, false, false, true]);
    expect(await opened.results.publish([], "soon")).toEqual([]);
  });

  test("publish: many batches at once are all committed, and found by the next engine", async () => {
    const words = Array.from({ length: 3000 }, (_, place) => `w${place}`);
    const batches = Array.from({ length: 30 }, (_, batch) => words.slice(batch * 100, batch * 100 + 100));
    const ends = batches.map((batch) =>
      opened.results.publish(
        batch.map((word) => opened.publication(word, word)),
        "soon",
      ),
    );
    expect((await Promise.all(ends)).flat().every(({ kind }) => kind === "published")).toBe(true);
    expect(words.filter((word) => !isCached(word, word))).toEqual([]);
    await reopen();
    expect(words.filter((word) => !isCached(word, word))).toEqual([]);
  });

  test("lookup: answers in the order asked; another result of the item is no hit, and is named", async () => {
    await publish("a", "one");
    const asked = ["two", "one", "one"].map((word, place) => ({ item: "aab"[place]!, fingerprint: fingerprint(word) }));
    const found = opened.results.lookup(asked);
    expect(found.map(({ entry }) => entry?.fingerprint)).toEqual([undefined, fingerprint("one"), fingerprint("one")]);
    expect(found[0]!.previous).toBe(fingerprint("one"));
    expect(opened.results.lookup([])).toEqual([]);
  });

  test("a result that an item had before is found again, and is its last one then", async () => {
    await publish("a", "one");
    await publish("a", "two");
    expect(opened.results.lastFingerprint("a")).toBe(fingerprint("two"));
    expect(isCached("a", "one")).toBe(true);
    for (const again of [false, true]) {
      if (again) await reopen();
      expect(opened.results.lastFingerprint("a")).toBe(fingerprint("one"));
      expect(opened.results.past({ item: "a" }).map(({ manifest }) => manifest)).toEqual([
        "manifest of two",
        "manifest of one",
      ]);
    }
  });

  test("publish: the last result of a fingerprint decides", async () => {
    await publish("a", "one", { attributes: { n: 1 } });
    await publish("a", "one", { attributes: { n: 2 } });
    for (const again of [false, true]) {
      if (again) await reopen();
      const [found] = opened.results.lookup([{ item: "a", fingerprint: fingerprint("one") }]);
      expect(found?.entry?.attributes).toEqual({ n: 2 });
    }
  });

  test("past: by item and by node, the newest first", async () => {
    for (const word of ["one", "two"]) await publish("a", word, { node: "left" });
    await publish("b", "three", { node: "right" });
    const manifests = (of: Parameters<Results["past"]>[0]) => opened.results.past(of).map(({ manifest }) => manifest);
    expect(manifests({ item: "a" })).toEqual(["manifest of two", "manifest of one"]);
    expect(manifests({ node: "right" })).toEqual(["manifest of three"]);
    expect(manifests({ item: "none" })).toEqual([]);
  });

  test("forget: what was forgotten is no hit, until it is published again", async () => {
    await publish("a", "one");
    await publish("b", "two");
    expect(opened.results.forget(["a", "none"])).toBe(1);
    expect([isCached("a", "one"), isCached("b", "two")]).toEqual([false, true]);
    expect(opened.results.lookup([{ item: "a", fingerprint: fingerprint("one") }])[0]!.dirty).toBe(true);
    await reopen();
    expect([isCached("a", "one"), isCached("b", "two")]).toEqual([false, true]);
    expect(opened.results.forget(["a"])).toBe(0);
    await publish("a", "one");
    await reopen();
    expect(isCached("a", "one")).toBe(true);
  });

  test("forget: made again by one item, a result is a hit of all that had it", async () => {
    await publish("a", "one");
    expect(isCached("twin", "one")).toBe(true);
    expect(opened.results.forget(["a", "twin"])).toBe(2);
    expect([isCached("a", "one"), isCached("twin", "one")]).toEqual([false, false]);
    await publish("a", "one");
    expect([isCached("twin", "one"), isCached("a", "one")]).toEqual([true, true]);
    await reopen();
    expect([isCached("twin", "one"), isCached("a", "one")]).toEqual([true, true]);
  });

  test("token: only the engine that opened last commits; what the one before published stays", async () => {
    const first = opened;
    await publish("a", "one");
    opened = await make(folder);
    expect(opened.results.token).toBeGreaterThan(first.results.token);
    const late = await first.results.publish([first.publication("late", "late")], "at_once");
    expect(late).toEqual([{ kind: "refused", error: expect.objectContaining({ name: "StoreError" }) }]);
    expect(() => first.results.forget(["a"])).toThrow(/Another engine has taken over/);
    expect([isCached("a", "one"), isCached("late", "late")]).toEqual([true, false]);
    await publish("b", "two");
    await first.close();
    await reopen();
    expect(["one", "two", "late"].map((word, place) => isCached(["a", "b", "late"][place]!, word))).toEqual([
      true,
      true,
      false,
    ]);
  });
}
