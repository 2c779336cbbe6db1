import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { digestOf } from "../../src/base/hash.js";
import { textKind } from "../../src/store/history.js";
import { fingerprint, inFolder, isHit, made, open, publishOne, refusal, withStore } from "./workbench.js";

describe("publication", () => {
  test("publication: a result is hit with its outputs and attributes, then and in a later process", () =>
    inFolder(async (folder) => {
      const entry = {
        fingerprint: fingerprint("one"),
        outputs: [{ digest: digestOf("héllo"), size: 6, tag: "file/text", name: "sub/a.txt" }],
        attributes: { loss: 0.25, words: ["a", 'quote " and \u0000 and \u2028'], deep: { x: 1 } },
        seconds: 0.125,
      };
      await withStore(folder, async (store) => {
        const { attributes, seconds } = entry;
        const published = await publishOne(
          store,
          made(store, { files: { "sub/a.txt": "héllo" }, attributes, seconds }),
        );
        expect(published).toEqual({ kind: "published", entry });
        expect(readFileSync(store.blobs.path(digestOf("héllo")), "utf8")).toBe("héllo");
        expect(statSync(store.blobs.path(digestOf("héllo"))).mode & 0o777).toBe(0o444);
      });
      await withStore(folder, async (store) => {
        const [found] = store.results.lookup([{ item: "item", fingerprint: fingerprint("one") }]);
        expect(found?.entry).toMatchObject(entry);
        expect(found?.previous).toBe(fingerprint("one"));
        expect(store.results.manifest(fingerprint("one"))).toBe("manifest of one");
        expect(store.results.lastFingerprint("item")).toBe(fingerprint("one"));
        expect(store.history.pastCooks("test_type")).toMatchObject([{ node: "node", seconds: 0.125 }]);
      });
    }));

  test("publication: an input that changed meanwhile drops the result and leaves no trace", () =>
    inFolder(async (folder) => {
      await withStore(folder, async (store) => {
        const publication = made(store, { stillHolds: async () => false });
        expect(await publishOne(store, publication)).toEqual({ kind: "dropped" });
        expect(isHit(store, "one")).toBe(false);
        expect(existsSync(store.blobs.path(digestOf("a")))).toBe(false);
        expect(existsSync(publication.directory)).toBe(false);
      });
    }));

  test("publication: a guard that throws, or a file that is not as said, fails its own item alone", () =>
    inFolder(async (folder) => {
      await withStore(folder, async (store) => {
        const guard = made(store, { item: "b", word: "b", stillHolds: () => Promise.reject(new Error("gone")) });
        const missing = made(store, { item: "c", word: "c", files: { "c.txt": "c" } });
        rmSync(join(missing.directory, "c.txt"));
        const grown = made(store, { item: "d", word: "d", files: { "d.txt": "d" } });
        writeFileSync(join(grown.directory, "d.txt"), "more");
        const outside = made(store, { item: "e", word: "e" });
        const escaping = { ...outside, outputs: [{ ...outside.outputs[0]!, name: "../../lock" }] };
        const lostPass = { ...outside, outputs: [{ ...outside.outputs[0]!, digest: digestOf("none"), made: false }] };
        const good = made(store, { item: "a", word: "a" });
        const settled = await Promise.all([
          refusal(publishOne(store, guard)),
          refusal(publishOne(store, missing)),
          refusal(publishOne(store, grown)),
          refusal(publishOne(store, escaping)),
          refusal(publishOne(store, lostPass)),
          publishOne(store, good),
        ]);
        expect(settled[0]).toBe("gone");
        expect(settled[1]).toMatch(/c\.txt was said to be made, but is not there\.$/);
        expect(settled[2]).toMatch(/d\.txt has changed since it was hashed: 1 bytes then, 4 now\.$/);
        expect(settled[3]).toBe("node_e names a file outside its folder: ../../lock.");
        expect(settled[4]).toBe("node_e passes on a.txt, which is not in the store any more.");
        expect(settled[5]).toMatchObject({ kind: "published" });
        expect(["b", "c", "d", "e"].filter((word) => isHit(store, word, word))).toEqual([]);
      });
    }));

  test("publication: what becomes of a batch's members is reported in their order, each by itself", () =>
    inFolder(async (folder) => {
      await withStore(folder, async (store) => {
        const one = (item: string, stillHolds?: () => Promise<boolean>) =>
          made(store, { item, word: item, files: { [`${item}.txt`]: item }, ...(stillHolds && { stillHolds }) });
        const batch = [one("a"), one("b", async () => false), one("c"), one("d", async () => true)];
        rmSync(join(batch[2]!.directory, "c.txt"));
        const published = await store.results.publish(batch, "soon");
        expect(published.map(({ kind }) => kind)).toEqual(["published", "dropped", "refused", "published"]);
        expect(["a", "b", "c", "d"].map((word) => isHit(store, word, word))).toEqual([true, false, false, true]);
        expect(await store.results.publish([], "at_once")).toEqual([]);
      });
    }));

  test("publication: equal bytes share a blob; passed-on and referred files need no copy", () =>
    inFolder(async (folder) => {
      await withStore(folder, async (store) => {
        await publishOne(store, made(store, { files: { "a.txt": "same", "b.txt": "same" } }));
        const second = made(store, { item: "second", word: "two", files: {} });
        const passed = { digest: digestOf("same"), size: 4, tag: "file/text", name: "p.txt", made: false };
        const referred = { digest: digestOf("x"), size: 1, tag: "file", name: "r", path: "$HIP/r", made: false };
        const published = await publishOne(store, { ...second, outputs: [passed, referred] });
        expect(published.kind).toBe("published");
        expect(isHit(store, "two", "second")).toBe(true);
        expect(store.stats()).toMatchObject({ blobs: 1, blobBytes: 4, entries: 2, items: 2 });
      });
      await withStore(folder, async (store) => expect(isHit(store, "two", "second")).toBe(true));
    }));

  test("publication: a damaged blob is replaced when its bytes are made again", () =>
    inFolder(async (folder) => {
      await withStore(folder, async (store) => {
        await publishOne(store, made(store, { files: { "a.txt": "right" } }));
        rmSync(store.blobs.path(digestOf("right")));
        writeFileSync(store.blobs.path(digestOf("right")), "wrong");
        await publishOne(store, made(store, { item: "other", word: "two", files: { "a.txt": "right" } }));
        expect(readFileSync(store.blobs.path(digestOf("right")), "utf8")).toBe("right");
      });
    }));

  test("publication: 600 results at once are all committed, and attempts leave nothing behind", () =>
    inFolder(async (folder) => {
      const words = Array.from({ length: 600 }, (_, index) => `w${index}`);
      await withStore(folder, async (store) => {
        const publications = words.map((word) => made(store, { item: word, word, files: { "a.txt": word } }));
        const published = await Promise.all(publications.map((publication) => publishOne(store, publication)));
        expect(published.every(({ kind }) => kind === "published")).toBe(true);
      });
      const attempts = join(folder, ".dag/attempts");
      expect(readdirSync(attempts).flatMap((name) => readdirSync(join(attempts, name)))).toEqual([]);
      await withStore(folder, async (store) => {
        const found = store.results.lookup(words.map((word) => ({ item: word, fingerprint: fingerprint(word) })));
        expect(found.map(({ entry }) => entry?.outputs[0]?.digest)).toEqual(words.map((word) => digestOf(word)));
        expect(existsSync(attempts)).toBe(false);
      });
    }));

  test("publication: a store that was opened to read refuses", () =>
    inFolder(async (folder) => {
      await withStore(folder, async (store) => {
        await withStore(
          folder,
          async (reader) => {
            expect(await refusal(publishOne(reader, made(store)))).toMatch(/is open for reading only\.$/);
            expect(() => reader.history.startRun("g")).toThrow(/reading only/);
          },
          { readonly: true },
        );
      });
    }));
});

describe("lookup", () => {
  test("lookup: a revert is a hit, and the item's last result is then the reverted one", () =>
    inFolder(async (folder) => {
      await withStore(folder, async (store) => {
        await publishOne(store, made(store, { word: "one" }));
        await publishOne(store, made(store, { word: "two", files: { "a.txt": "b" } }));
      });
      await withStore(folder, async (store) => {
        expect(store.results.lookup([{ item: "item", fingerprint: fingerprint("one") }])[0]).toMatchObject({
          entry: { fingerprint: fingerprint("one") },
          previous: fingerprint("two"),
        });
      });
      await withStore(folder, async (store) => {
        expect(store.results.lastFingerprint("item")).toBe(fingerprint("one"));
        const [missed] = store.results.lookup([{ item: "item", fingerprint: fingerprint("three") }]);
        expect(missed).toEqual({ entry: undefined, previous: fingerprint("one"), dirty: false });
      });
    }));

  test("lookup: answers in the order asked, more than one query's worth, unknown items among them", () =>
    inFolder(async (folder) => {
      await withStore(folder, async (store) => {
        const even = Array.from({ length: 700 }, (_, index) => `${2 * index}`);
        await Promise.all(even.map((word) => publishOne(store, made(store, { item: word, word, files: {} }))));
      });
      await withStore(folder, async (store) => {
        const all = Array.from({ length: 1400 }, (_, index) => `${index}`);
        const found = store.results.lookup(all.map((word) => ({ item: word, fingerprint: fingerprint(word) })));
        expect(found.map(({ entry }) => entry?.fingerprint)).toEqual(
          all.map((word, index) => (index % 2 === 0 ? fingerprint(word) : undefined)),
        );
      });
    }));

  test("lookup: another item with the same fingerprint is hit, and is known from then on", () =>
    inFolder(async (folder) => {
      await withStore(folder, async (store) => {
        await publishOne(store, made(store));
        const [found] = store.results.lookup([{ item: "twin", fingerprint: fingerprint("one") }]);
        expect(found?.entry?.fingerprint).toBe(fingerprint("one"));
        expect(found?.previous).toBeUndefined();
      });
      await withStore(folder, async (store) => expect(store.results.lastFingerprint("twin")).toBe(fingerprint("one")));
    }));

  test("lookup: forgotten items miss, also after the database was built anew", () =>
    inFolder(async (folder) => {
      await withStore(folder, async (store) => {
        await publishOne(store, made(store, { item: "a", word: "a" }));
        await publishOne(store, made(store, { item: "b", word: "b" }));
        expect(store.results.forget(["a", "unknown"])).toBe(1);
        expect([isHit(store, "a", "a"), isHit(store, "b", "b")]).toEqual([false, true]);
        const ask = (item: string, word: string) => store.results.lookup([{ item, fingerprint: fingerprint(word) }])[0];
        expect(ask("a", "a")).toEqual({ entry: undefined, previous: fingerprint("a"), dirty: true });
        expect(ask("b", "other")).toEqual({ entry: undefined, previous: fingerprint("b"), dirty: false });
        expect(store.results.forget(["a"])).toBe(0);
      });
      rmSync(join(folder, ".dag/store.db"));
      await withStore(folder, async (store) => {
        expect([isHit(store, "a", "a"), isHit(store, "b", "b")]).toEqual([false, true]);
        await publishOne(store, made(store, { item: "a", word: "a" }));
      });
      rmSync(join(folder, ".dag/store.db"));
      await withStore(folder, async (store) => expect(isHit(store, "a", "a")).toBe(true));
    }));

  test("lookup: a reader beside a cook sees what was committed, and an absent store is an empty one", () =>
    inFolder(async (folder) => {
      await withStore(folder, async (reader) => expect(isHit(reader, "one")).toBe(false), { readonly: true });
      expect(readdirSync(folder)).toEqual([]);
      await withStore(folder, async (store) => {
        const run = store.history.startRun("graph.json");
        const reader = await open(folder, { readonly: true });
        await publishOne(store, made(store));
        expect(isHit(reader, "one")).toBe(true);
        expect(reader.history.runs(10)).toMatchObject([
          { id: run, graph: "graph.json", ended: null, exit: null, counts: {} },
        ]);
        store.history.endRun(run, 1, { cooked_fail: 2 });
        expect(reader.history.runs(10)[0]).toMatchObject({ exit: 1, counts: { cooked_fail: 2 } });
        await reader.close();
      });
    }));
});

describe("resume", () => {
  test("resume: a folder outlives its engine under another name, and is deleted at the commit", () =>
    inFolder(async (folder) => {
      const store = await open(folder);
      const first = store.workspace.resume(fingerprint("one"));
      mkdirSync(first, { recursive: true });
      writeFileSync(join(first, "checkpoint"), "7");
      expect(store.workspace.resume(fingerprint("one"))).toBe(first);
      await store.close();
      await withStore(folder, async (next) => {
        const second = next.workspace.resume(fingerprint("one"));
        expect(readFileSync(join(second, "checkpoint"), "utf8")).toBe("7");
        // What is left of the first engine's workers no longer reaches it.
        expect(existsSync(first)).toBe(false);
        await publishOne(next, made(next));
        expect(existsSync(second)).toBe(false);
      });
    }));
});

describe("remembered values", () => {
  test("remembered values: are told by kind and key, at once and later", () =>
    inFolder(async (folder) => {
      await withStore(folder, async (store) => {
        store.history.remember(textKind("probe"), "k", '{"width":1}');
        store.history.remember(textKind("other"), "k", "2");
        expect(store.history.recall(textKind("probe"), "k")).toBe('{"width":1}');
      });
      await withStore(folder, async (store) => {
        expect(store.history.recallMany(textKind("probe"), ["none", "k"])).toEqual([undefined, '{"width":1}']);
        store.history.remember(textKind("probe"), "k", "new");
        expect(store.history.recall(textKind("probe"), "k")).toBe("new");
        expect(store.history.recall(textKind("other"), "k")).toBe("2");
      });
    }));
});
