/** What is kept of a part of the graph whose items were judged one by one, where all of them ended well. Looks at no file. */
import { problemIn } from "../base/error.js";
import type { Digest } from "../base/hash.js";
import type { GraphNode } from "../graph/graph.js";
import type { UserFiles } from "../store/user-files.js";
import { isGood } from "../workitem/state.js";
import type { Views } from "./discover.js";
import { type HeldNode, type HeldPart, stamped } from "./held.js";
import type { OutsideFile } from "./inputs.js";
import type { Prepared } from "./prepare.js";
import type { NodeRuns, Runs } from "./runs.js";

/** A file that was put at a user's path (symbolic). */
export interface PlacedFile {
  readonly path: string;
  readonly digest: Digest;
}

export interface KeptDoors {
  readonly runs: Runs;
  readonly files: Pick<UserFiles, "stamped" | "placed">;
  resolve(symbolic: string): string;
  /** What the discoveries of a node's items looked at. */
  views(node: string): readonly Views[];
}

/** Notes while a cook goes on what its items read and put somewhere. */
export class Notes {
  readonly #reads = new Map<string, (readonly OutsideFile[])[]>();
  readonly #placed = new Map<string, PlacedFile[]>();
  readonly #warned = new Set<string>();

  reads({ item, outside }: Prepared): void {
    if (outside.length > 0) listIn(this.#reads, item.node).push(outside);
  }

  placed(node: string, file: PlacedFile): void {
    listIn(this.#placed, node).push(file);
  }

  /** A user is warned of what a node's items are: also when they are the same again. */
  warned(node: string): void {
    this.#warned.add(node);
  }

  /** Undefined where a part did not end well, or a file may have changed without another stamp. */
  async part(nodes: readonly GraphNode[], doors: KeptDoors): Promise<Omit<HeldPart, "of"> | undefined> {
    const { runs, files, resolve, views } = doors;
    const ended = nodes.map(({ name }) => (this.#warned.has(name) ? undefined : endOf(name, runs.get(name)!)));
    if (!ended.every((each) => each !== undefined)) return undefined;
    const found = await listedBy(nodes.flatMap(({ name }) => views(name)));
    if (found === undefined) return undefined;
    const read = new Map<string, string | undefined>();
    for (const file of [...found.read, ...nodes.flatMap(({ name }) => this.#reads.get(name) ?? []).flat()]) {
      const listed = found.digests.get(file.path);
      if (listed === file.digest) continue;
      // One that is in a listing, and other than it was listed, changed meanwhile.
      const known = listed === undefined ? files.stamped(resolve(file.path)) : undefined;
      read.set(file.path, known?.digest === file.digest ? known.stamp : undefined);
    }
    const placed = new Map<string, string | undefined>();
    for (const { path, digest } of nodes.flatMap(({ name }) => this.#placed.get(name) ?? [])) {
      const known = files.placed(resolve(path));
      placed.set(path, known?.digest === digest ? known.stamp : undefined);
    }
    const all = { nodes: ended, listings: found.listings, read: stamped(read), placed: stamped(placed) };
    return all.read === undefined || all.placed === undefined ? undefined : (all as Omit<HeldPart, "of">);
  }
}

function listIn<T>(lists: Map<string, T[]>, name: string): T[] {
  const list = lists.get(name) ?? [];
  lists.set(name, list);
  return list;
}

function endOf(node: string, { runs, complete, definition }: NodeRuns): HeldNode | undefined {
  let [items, cached, notScheduled, members] = [0, 0, 0, 0];
  const outputs = new Set<string>();
  if (!complete) return undefined;
  for (const run of runs) {
    if (run.failure !== undefined) return undefined;
    for (const item of run.items) {
      if (!isGood(item.state) || item.partial) return undefined;
      items += 1;
      if (definition.partition !== undefined) {
        members += item.grouped().length;
        outputs.add(item.passes);
      }
      if (item.notScheduled) notScheduled += 1;
      else if (item.hasWork) cached += 1;
    }
  }
  const all = { node, items, cached, notScheduled };
  return definition.partition === undefined ? all : { ...all, partitions: { members, outputs: [...outputs] } };
}

/** What discoveries found, as it is kept; undefined where a stamp is not known, or a folder was refused. */
async function listedBy(views: readonly Views[]) {
  const digests = new Map<string, Digest>();
  const listings: HeldPart["listings"][number][] = [];
  const read: OutsideFile[] = [];
  for (const each of new Set(views)) {
    read.push(...each.readFiles());
    for (const { query, found } of each.listed()) {
      const listed = await found.catch((error: unknown) => void problemIn(error));
      const stamps = listed?.stampsDigest();
      if (listed === undefined || stamps === undefined) return undefined;
      listings.push({ query, names: listed.foundDigest, stamps });
      for (const { path, digest } of listed.each()) digests.set(path, digest);
    }
  }
  return { digests, listings, read };
}
