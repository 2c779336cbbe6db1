/**
 * Publishes results exactly once, in groups. In order: hashes known (the worker's), inputs checked again, blobs moved into
 * the content store, one transaction, manifests. A crash between any two leaves blobs that nothing refers to, never a
 * result without its blobs. Knows nothing of user paths.
 */
import { isAbsolute, join } from "node:path";
import type { Clock } from "../base/clock.js";
import type { Files } from "../base/files.js";
import type { OutputFile } from "../workitem/output.js";
import type { Content } from "./content.js";
import type { Changes, Entries, Result } from "./entries.js";
import type { Manifests } from "./manifests.js";
import type { Publication, Published } from "./store.js";
import { explain, StoreError } from "./trouble.js";

const GROUP = 256;
/** A result waits this long for others at most, */
const PATIENCE_MS = 20;
/** and no longer than this after the last one: a chain of short items must not pay the whole patience at every step. */
const QUIET_MS = 2;
/** Items that cooked longer are made durable at once. */
const LONG_SECONDS = 1;

export interface PublisherParts {
  readonly folder: string;
  readonly files: Files;
  readonly entries: Entries;
  readonly clock: Clock;
  readonly content: Content;
  readonly manifests: Manifests;
  readonly boot: string;
  /** What else is to be committed with the next group. */
  takeChanges(): Changes;
  /** Called once for every committed result. */
  committed(result: Result, publication: Publication): void;
  warn(message: string): void;
}

interface Waiting {
  readonly publication: Publication;
  resolve(published: Published): void;
  reject(error: Error): void;
}

export class Publisher {
  readonly #parts: PublisherParts;
  readonly #queue: Waiting[] = [];
  #flushing: Promise<void> | undefined;
  #stopTimer: (() => void) | undefined;
  #first = 0;
  #latest = 0;

  constructor(parts: PublisherParts) {
    this.#parts = parts;
  }

  publish(publication: Publication): Promise<Published> {
    return new Promise((resolve, reject) => {
      this.#latest = this.#parts.clock.now();
      if (this.#queue.length === 0) this.#first = this.#latest;
      this.#queue.push({ publication, resolve, reject });
      if (this.#queue.length >= GROUP || publication.seconds > LONG_SECONDS) void this.flush();
      else if (this.#flushing === undefined) this.#wait();
    });
  }

  /** Publishes all that waits. */
  flush(): Promise<void> {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
    if (this.#queue.length > 0) this.#flushing ??= this.#drain();
    return this.#flushing ?? Promise.resolve();
  }

  #wait(): void {
    this.#stopTimer ??= this.#parts.clock.after(QUIET_MS, () => {
      this.#stopTimer = undefined;
      const now = this.#parts.clock.now();
      if (now - this.#latest >= QUIET_MS || now - this.#first >= PATIENCE_MS) void this.flush();
      else this.#wait();
    });
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) await publishGroup(this.#parts, this.#queue.splice(0, GROUP));
    this.#flushing = undefined;
  }
}

/** Settles every member of the group; never rejects. */
async function publishGroup(parts: PublisherParts, group: readonly Waiting[]): Promise<void> {
  const holding = await stillHolding(parts, group);
  const moved = await moveBlobs(parts, holding);
  const results = moved.map(({ publication }) => resultOf(parts, publication));
  try {
    const { stamps, ...others } = parts.takeChanges();
    const shards = parts.content.settle().map((stamp) => ({ ...stamp, kind: "shard" as const }));
    parts.entries.commit({ ...others, results, stamps: [...(stamps ?? []), ...shards] });
  } catch (error) {
    const trouble = explain(`Cannot commit to the store ${parts.folder}`, error);
    for (const { reject } of moved) reject(trouble);
    return;
  }
  try {
    parts.manifests.append(results);
  } catch (error) {
    parts.warn(explain(`Cannot write manifests in the store ${parts.folder}`, error).message);
  }
  for (const [index, { publication, resolve }] of moved.entries()) {
    const result = results[index]!;
    parts.committed(result, publication);
    const { fingerprint, outputs, attributes, seconds } = result;
    resolve({ kind: "published", entry: { fingerprint, outputs, attributes, seconds } });
  }
}

/** Those whose inputs are still what they were; the others are dropped. */
async function stillHolding(parts: PublisherParts, group: readonly Waiting[]): Promise<readonly Waiting[]> {
  const ask = async ({ publication, resolve, reject }: Waiting) => {
    try {
      if (await publication.stillHolds()) return true;
      parts.files.remove(publication.directory);
      resolve({ kind: "dropped" });
    } catch (error) {
      reject(error instanceof Error ? error : new Error(String(error)));
    }
    return false;
  };
  const answers = await Promise.all(group.map(ask));
  return group.filter((_, index) => answers[index]);
}

/** Those whose blobs are in the store, and durable where the item was long; the others are rejected. */
async function moveBlobs(parts: PublisherParts, group: readonly Waiting[]): Promise<readonly Waiting[]> {
  const moved: Waiting[] = [];
  for (const waiting of group) {
    const { publication, reject } = waiting;
    try {
      for (const output of publication.outputs) moveBlob(parts, publication, output);
      if (publication.seconds > LONG_SECONDS) {
        for (const { path, digest } of publication.outputs) if (path === undefined) await parts.content.sync(digest);
      }
      moved.push(waiting);
    } catch (error) {
      reject(explain(`Cannot put what ${publication.name} made into the store ${parts.folder}`, error));
    }
  }
  return moved;
}

function moveBlob(parts: PublisherParts, publication: Publication, output: Publication["outputs"][number]): void {
  const { path, made, name, digest, size } = output;
  if (path !== undefined) return;
  if (made) {
    if (isAbsolute(name) || name.split(/[/\\]/).includes("..")) {
      throw new StoreError(`${publication.name} names a file outside its folder: ${name}.`);
    }
    parts.content.add(join(publication.directory, name), digest, size);
  } else if (!parts.content.has(digest)) {
    throw new StoreError(`${publication.name} passes on ${name}, which is not in the store any more.`);
  }
}

function resultOf(parts: PublisherParts, publication: Publication): Result {
  const { fingerprint, attributes, seconds, item, name, node, type, manifest } = publication;
  const isDurable = seconds > LONG_SECONDS || publication.outputs.every(({ path }) => path !== undefined);
  return {
    fingerprint,
    outputs: publication.outputs.map(({ made: _, ...output }): OutputFile => output),
    attributes,
    seconds,
    boot: isDurable ? null : parts.boot,
    item,
    name,
    node,
    type,
    manifest,
    created: parts.clock.now(),
  };
}
