/** A temporary folder with a store, and results to publish: for the tests of the store. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Clock, realClock } from "../../src/base/clock.js";
import { realFiles } from "../../src/base/files.js";
import { type Digest, digestOf } from "../../src/base/hash.js";
import { openEntries } from "../../src/store/libsql.js";
import { thisHost } from "../../src/store/lock.js";
import { openStore, type StoreOptions } from "../../src/store/open.js";
import type { Publication, Published } from "../../src/store/results.js";
import type { Store } from "../../src/store/store.js";

/** A folder that is gone after `work`. */
export async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "dag-store-"));
  try {
    await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function open(folder: string, options: Partial<StoreOptions> = {}): Promise<Store> {
  const parts = { files: realFiles, entries: openEntries, clock: realClock, host: thisHost() };
  return openStore({ folder: join(folder, ".dag"), ...parts, ...options });
}

/** Opens a store, works with it, closes it. */
export async function withStore<T>(
  folder: string,
  work: (store: Store) => Promise<T>,
  options: Partial<StoreOptions> = {},
): Promise<T> {
  const store = await open(folder, options);
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** What an item made, by name; `fingerprint` is said by a word. */
export interface Made {
  readonly item?: string;
  readonly word?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly seconds?: number;
  readonly attributes?: Publication["attributes"];
  readonly stillHolds?: () => Promise<boolean>;
}

/** Writes the files into an attempt's folder, as a worker does. */
export function made(store: Store, from: Made = {}): Publication {
  const { item = "item", word = "one", files = { "a.txt": "a" }, seconds = 0.1, attributes = {} } = from;
  const directory = store.workspace.attempt();
  const outputs = Object.entries(files).map(([name, text]) => {
    const path = join(directory, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return { digest: digestOf(text), size: Buffer.byteLength(text), tag: "file/text", name, made: true };
  });
  return {
    item,
    name: `node_${item}`,
    node: "node",
    type: "test_type",
    fingerprint: fingerprint(word),
    manifest: `manifest of ${word}`,
    directory,
    outputs,
    attributes,
    seconds,
    stillHolds: from.stillHolds,
  };
}

/** Publishes one result at once. Rejects where it is refused. */
export async function publishOne(store: Store, publication: Publication): Promise<Published> {
  const published = (await store.results.publish([publication], "at_once"))[0]!;
  if (published.kind === "refused") throw published.error;
  return published;
}

export function fingerprint(word: string): Digest {
  return digestOf(`fingerprint of ${word}`);
}

/** Whether an item is hit. */
export function isHit(store: Store, word: string, item = "item"): boolean {
  return store.results.lookup([{ item, fingerprint: fingerprint(word) }])[0]?.entry !== undefined;
}

/** The machine's clock, some time ahead: for files that must count as old. */
export function ahead(milliseconds: number): Clock {
  return { now: () => realClock.now() + milliseconds, after: realClock.after };
}

/** The message that a promise is rejected with. */
export async function refusal(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return "(not refused)";
}
