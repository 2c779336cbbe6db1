/**
 * Publishes results exactly once: all that came while something else was done, as one group. In order: hashes known (the
 * worker's), inputs checked again, blobs moved into the content store, the group appended to the commit log. A crash between any two
 * leaves blobs that nothing refers to, never a result without its blobs. What is published is durable a little later, with
 * others (`durability`); what took long, before anybody is told. Knows nothing of user paths.
 */
import { isAbsolute, join } from "node:path";
import type { Clock } from "../base/clock.js";
import type { Files } from "../base/files.js";
import type { Digest } from "../base/hash.js";
import type { OutputFile } from "../workitem/output.js";
import type { Content } from "./content.js";
import type { Durability } from "./durability.js";
import type { Result } from "./entries.js";
import { explain, StoreError } from "./errors.js";
import type { Journal } from "./journal.js";
import type { Entry, Publication, Published } from "./results.js";

/** Between two groups others are heard: so many take some 20 ms. */
const GROUP = 1024;
/** Milliseconds that results wait for others to share the commit, where none is urgent: alone each would take 0.2 ms of CPU. */
const PATIENCE_MS = 10;
/** Items that cooked longer are made durable at once. */
const LONG_SECONDS = 1;

export interface PublisherParts {
  readonly folder: string;
  readonly files: Files;
  readonly clock: Clock;
  readonly content: Content;
  readonly journal: Journal;
  readonly boot: string;
  readonly durability: Durability;
  /** Called once with every group of committed results. */
  committed(entries: readonly Entry[], publications: readonly Publication[]): void;
  warn(message: string): void;
}

/** A publication on its way, and what became of it. */
interface Member {
  readonly publication: Publication;
  end: Published | undefined;
}

interface Batch {
  readonly members: readonly Member[];
  readonly isUrgent: boolean;
  committed(): void;
}

export class Publisher {
  readonly #parts: PublisherParts;
  #queue: Batch[] = [];
  #queued = 0;
  #draining: Promise<void> | undefined;

  constructor(parts: PublisherParts) {
    this.#parts = parts;
  }

  async publish(publications: readonly Publication[], when: "at_once" | "soon"): Promise<readonly Published[]> {
    const members = publications.map((publication): Member => ({ publication, end: undefined }));
    const isUrgent = when === "at_once" || publications.some(isLong);
    await new Promise<void>((committed) => {
      this.#queue.push({ members, isUrgent, committed });
      this.#queued += members.length;
      this.#draining ??= this.#drain();
    });
    return members.map(({ end }) => end!);
  }

  /** Resolves when all that was given is published, or was not. */
  flush(): Promise<void> {
    return this.#draining ?? Promise.resolve();
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      // What other workers have said by now comes along.
      await this.#others(0);
      const isUrgent = this.#queue.some((batch) => batch.isUrgent);
      if (!isUrgent && this.#queued < GROUP) await this.#others(PATIENCE_MS);
      const batches = this.#next();
      const group = batches.flatMap(({ members }) => members);
      await publishGroup(this.#parts, group);
      for (const { committed } of batches) committed();
    }
    this.#draining = undefined;
  }

  /** Batches that make one group: whole ones, until there are enough. */
  #next(): readonly Batch[] {
    let count = 0;
    let size = 0;
    while (count < this.#queue.length && size < GROUP) size += this.#queue[count++]!.members.length;
    this.#queued -= size;
    return this.#queue.splice(0, count);
  }

  #others(milliseconds: number): Promise<void> {
    return new Promise((heard) => void this.#parts.clock.after(milliseconds, heard));
  }
}

/** Settles every member of the group; never rejects. */
async function publishGroup(parts: PublisherParts, group: readonly Member[]): Promise<void> {
  const holding = await stillHolding(parts, group);
  const moved = await moveBlobs(parts, holding);
  const publications = moved.map(({ publication }) => publication);
  const results = publications.map((publication) => resultOf(parts, publication));
  try {
    parts.journal.commit(results);
  } catch (error) {
    const end: Published = { kind: "refused", error: explain(`Cannot commit to the store ${parts.folder}`, error) };
    for (const member of moved) member.end = end;
    return;
  } finally {
    for (const stamp of parts.content.settle()) parts.journal.pending.stamp("shard", stamp);
  }
  parts.durability.add(results.length);
  if (publications.some(isLong)) await parts.durability.sync();
  const entries = results.map(entryOf);
  parts.committed(entries, publications);
  for (const [index, member] of moved.entries()) member.end = { kind: "published", entry: entries[index]! };
}

/** Without the rest, so that manifests are not kept in memory. */
function entryOf({ fingerprint, outputs, attributes, seconds }: Result): Entry {
  return { fingerprint, outputs, attributes, seconds };
}

function isLong({ seconds }: Publication): boolean {
  return seconds > LONG_SECONDS;
}

/** Those whose inputs are still what they were; the others are dropped. */
async function stillHolding(parts: PublisherParts, group: readonly Member[]): Promise<readonly Member[]> {
  const ask = async (member: Member, stillHolds: () => Promise<boolean>): Promise<void> => {
    try {
      if (await stillHolds()) return;
      parts.files.remove(member.publication.directory);
      member.end = { kind: "dropped" };
    } catch (error) {
      member.end = { kind: "refused", error: error instanceof Error ? error : new Error(String(error)) };
    }
  };
  const asked: Promise<void>[] = [];
  // Most are made from nothing but what is in the store: they are not waited for.
  for (const member of group) {
    const { stillHolds } = member.publication;
    if (stillHolds !== undefined) asked.push(ask(member, stillHolds));
  }
  if (asked.length === 0) return group;
  await Promise.all(asked);
  return group.filter(({ end }) => end === undefined);
}

/** Those whose blobs are in the store, and durable where the item was long; the others are refused. */
async function moveBlobs(parts: PublisherParts, group: readonly Member[]): Promise<readonly Member[]> {
  const moved: Member[] = [];
  for (const member of group) {
    const { publication } = member;
    try {
      for (const output of publication.outputs) moveBlob(parts, publication, output);
      if (isLong(publication)) await parts.content.sync(ownDigests(publication));
      moved.push(member);
    } catch (error) {
      const what = `Cannot put what ${publication.name} made into the store ${parts.folder}`;
      member.end = { kind: "refused", error: explain(what, error) };
    }
  }
  return moved;
}

function ownDigests({ outputs }: Publication): readonly Digest[] {
  return outputs.filter(({ path }) => path === undefined).map(({ digest }) => digest);
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
