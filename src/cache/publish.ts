/**
 * Publishes results exactly once: all that came while something else was done, as one group. In order: hashes known (the
 * worker's), inputs checked again, blobs moved into the content store, one transaction, manifests. A crash between any two
 * leaves blobs that nothing refers to, never a result without its blobs. What is published is durable a little later, with
 * others (`durability`); what took long, before anybody is told. Knows nothing of user paths.
 */
import { isAbsolute, join } from "node:path";
import type { Clock } from "../base/clock.js";
import type { Files } from "../base/files.js";
import type { OutputFile } from "../workitem/output.js";
import type { Content } from "./content.js";
import type { Durability } from "./durability.js";
import type { Changes, Entries, Result } from "./entries.js";
import type { Manifests } from "./manifests.js";
import type { Entry, Publication, Published } from "./store.js";
import { explain, StoreError } from "./trouble.js";

/** Between two groups others are heard: so many take some 20 ms. */
const GROUP = 1024;
/** Milliseconds that results wait for others to share the commit, where none is urgent: alone each would take 0.2 ms of CPU. */
const PATIENCE_MS = 10;
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
  readonly durability: Durability;
  /** Called once with every group of committed results. */
  committed(entries: readonly Entry[], publications: readonly Publication[]): void;
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
  #draining: Promise<void> | undefined;

  constructor(parts: PublisherParts) {
    this.#parts = parts;
  }

  publish(publication: Publication): Promise<Published> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ publication, resolve, reject });
      this.#draining ??= this.#drain();
    });
  }

  /** Resolves when all that was given is published, or was not. */
  flush(): Promise<void> {
    return this.#draining ?? Promise.resolve();
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      // What other workers have said by now comes along.
      await this.#others(0);
      const isUrgent = this.#queue.some(({ publication }) => publication.isUrgent || isLong(publication));
      if (!isUrgent && this.#queue.length < GROUP) await this.#others(PATIENCE_MS);
      await publishGroup(this.#parts, this.#queue.splice(0, GROUP));
    }
    this.#draining = undefined;
  }

  #others(milliseconds: number): Promise<void> {
    return new Promise((heard) => void this.#parts.clock.after(milliseconds, heard));
  }
}

/** Settles every member of the group; never rejects. */
async function publishGroup(parts: PublisherParts, group: readonly Waiting[]): Promise<void> {
  const holding = await stillHolding(parts, group);
  const moved = await moveBlobs(parts, holding);
  const publications = moved.map(({ publication }) => publication);
  const results = publications.map((publication) => resultOf(parts, publication));
  try {
    const { stamps, ...others } = parts.takeChanges();
    const shards = parts.content.settle().map((stamp) => ({ ...stamp, kind: "shard" as const }));
    parts.entries.commit({ ...others, results, stamps: [...(stamps ?? []), ...shards] }, "soon");
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
  parts.durability.add(results.length);
  if (publications.some(isLong)) await parts.durability.sync();
  const entries = results.map(entryOf);
  parts.committed(entries, publications);
  for (const [index, { resolve }] of moved.entries()) resolve({ kind: "published", entry: entries[index]! });
}

/** Without the rest, so that manifests are not kept in memory. */
function entryOf({ fingerprint, outputs, attributes, seconds }: Result): Entry {
  return { fingerprint, outputs, attributes, seconds };
}

function isLong({ seconds }: Publication): boolean {
  return seconds > LONG_SECONDS;
}

/** Those whose inputs are still what they were; the others are dropped. */
async function stillHolding(parts: PublisherParts, group: readonly Waiting[]): Promise<readonly Waiting[]> {
  const ask = (waiting: Waiting): true | Promise<boolean> => {
    const holds = waiting.publication.stillHolds();
    return holds === true ? holds : dropUnless(holds, waiting);
  };
  const dropUnless = async (holds: Promise<boolean>, { publication, resolve, reject }: Waiting): Promise<boolean> => {
    try {
      if (await holds) return true;
      parts.files.remove(publication.directory);
      resolve({ kind: "dropped" });
    } catch (error) {
      reject(error instanceof Error ? error : new Error(String(error)));
    }
    return false;
  };
  // Most are made from nothing but what is in the store: they are not waited for.
  const asked = group.map(ask);
  const answers = asked.every((answer) => answer === true) ? asked : await Promise.all(asked);
  return group.filter((_, index) => answers[index]);
}

/** Those whose blobs are in the store, and durable where the item was long; the others are rejected. */
async function moveBlobs(parts: PublisherParts, group: readonly Waiting[]): Promise<readonly Waiting[]> {
  const moved: Waiting[] = [];
  for (const waiting of group) {
    const { publication, reject } = waiting;
    try {
      for (const output of publication.outputs) moveBlob(parts, publication, output);
      if (isLong(publication)) {
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
  const isDurable = isLong(publication) || publication.outputs.every(({ path }) => path !== undefined);
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
