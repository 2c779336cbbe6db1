/**
 * What nodes depend on from outside the graph. A discovery is remembered with all that it looked at, and holds as long
 * as looking again finds the same. Knows doors and records, not work items.
 */
import { isProblem, problemIn } from "../base/error.js";
import { canonicalJson, type Digest, digestOf } from "../base/hash.js";
import type { DiscoveredFile, Json } from "../nodetype/define.js";
import type { RegisteredNodeType } from "../nodetype/registry.js";
import { memoryKind } from "../store/history.js";
import type { Store } from "../store/store.js";
import type { CookedUpstream, Discovered, DiscoverPort, FoundFile, RememberedValue } from "../worker/protocol.js";
import type { Listed, ListQuery } from "./listed.js";
import type { Listing } from "./listing.js";

/** One look through a door, and the digest of what was seen: of a listing the names alone, where their content had no part in it. */
type Look =
  | { readonly method: "list" | "names"; readonly query: ListQuery; readonly seen: string }
  | { readonly method: "read"; readonly path: string; readonly seen: string };

type Recorded = { readonly looks: readonly Look[]; readonly warnings: readonly string[] } & Discovered;

const DISCOVERIES = memoryKind<Recorded>("discovery.2");
/** What was found out about a file, by code, question and digest. */
const PROBES = memoryKind<Json>("probe");

/** A discovery's answer. */
export interface Discovery {
  readonly value: Json;
  readonly warnings: readonly string[];
  readonly views: DiscoveryView;
}

/** What is discovered. */
export interface DiscoveryRequest {
  readonly type: RegisteredNodeType;
  readonly code: Digest;
  readonly params: Readonly<Record<string, unknown>>;
  /** The files of the upstream item, where they are asked for: their content is in the record's key. */
  readonly upstream: readonly CookedUpstream[] | undefined;
}

/** Runs `discover` in a worker; rejects with a message for the user. */
export type RunDiscovery = (
  asked: DiscoveryRequest,
  deps: DiscoverPort,
  warn: (line: string) => void,
) => Promise<Discovered>;

/** A discovery from the record where it still holds, else anew. */
export async function discover(
  asked: DiscoveryRequest,
  listing: Listing,
  store: Store,
  run: RunDiscovery,
): Promise<Discovery> {
  const { type, code, params, upstream } = asked;
  const files = upstream?.map(({ name, tag, digest }) => ({ name, tag, digest }));
  const from = files === undefined ? "" : ` ${canonicalJson(files)}`;
  const key = digestOf(`${type.name}@${type.definition.version} ${code} ${canonicalJson(params)}${from}`);
  const recorded = store.history.recall(DISCOVERIES, key);
  if (recorded !== undefined) {
    const views = new DiscoveryView(listing);
    if (await holds(recorded.looks, views))
      return { value: await valueFrom(recorded, views), warnings: recorded.warnings, views };
  }
  const views = new DiscoveryView(listing);
  const warnings: string[] = [];
  const response = await run(asked, portTo(views, store, code), (line) => warnings.push(line)).catch(
    (error: unknown) => {
      views.requireSound();
      throw error;
    },
  );
  store.history.remember(DISCOVERIES, key, { looks: await views.looks("passed" in response), warnings, ...response });
  return { value: await valueFrom(response, views), warnings, views };
}

/** What one discovery sees: each listing as it was at its first look. */
export class DiscoveryView {
  readonly listing: Listing;
  /** The listing whose files, each as it is and no other, are the answer; undefined where they are not. */
  passed: Listed | undefined;
  readonly #listed = new Map<string, { readonly query: ListQuery; readonly found: Promise<Listed> }>();
  #fault: { readonly error: unknown } | undefined;
  readonly #read: Extract<Look, { method: "read" }>[] = [];

  constructor(listing: Listing) {
    this.listing = listing;
  }

  /** Throws the fault of our own that a look met: node code saw it as a rejection, and is not to blame. */
  requireSound(): void {
    if (this.#fault !== undefined) throw this.#fault.error;
  }

  async #looked<T>(look: Promise<T>): Promise<T> {
    try {
      return await look;
    } catch (error) {
      if (!isProblem(error)) this.#fault ??= { error };
      throw error;
    }
  }

  list({ directory, glob, recursive }: ListQuery): Promise<Listed> {
    const query = { directory, glob, recursive };
    const key = JSON.stringify(query);
    const known = this.#listed.get(key)?.found;
    const found = known ?? this.#looked(this.listing.list(query));
    if (known === undefined) this.#listed.set(key, { query, found });
    return found;
  }

  async read(path: string): Promise<DiscoveredFile> {
    const file = await this.#looked(this.listing.read(path));
    this.#read.push({ method: "read", path, seen: file.digest });
    return file;
  }

  /** The folders that were looked into. */
  listed(): readonly { readonly query: ListQuery; readonly found: Promise<Listed> }[] {
    return [...this.#listed.values()];
  }

  /** The files that were looked at one by one. */
  readFiles(): readonly { readonly path: string; readonly digest: Digest }[] {
    return this.#read.map(({ path, seen }) => ({ path, digest: seen as Digest }));
  }

  /** All that was looked at. */
  async looks(byNames: boolean): Promise<Look[]> {
    const looks: Look[] = [...this.#read];
    for (const { query, found } of this.#listed.values()) {
      // What was refused was seen by nobody.
      const listed = await found.catch((error: unknown) => void problemIn(error));
      if (listed === undefined) continue;
      if (byNames) looks.push({ method: "names", query, seen: listed.namesDigest });
      else looks.push({ method: "list", query, seen: listed.digest });
    }
    return looks;
  }
}

function portTo(views: DiscoveryView, store: Store, code: Digest): DiscoverPort {
  const found = (file: DiscoveredFile): FoundFile => ({ ...file, absolute: views.listing.absolute(file.path) });
  return {
    async list(directory, glob, { recursive = false }) {
      return (await views.list({ directory, glob, recursive })).files().map(found);
    },
    async read(path) {
      return found(await views.read(path));
    },
    async recall(look, digests) {
      const known = store.history.recallMany(
        PROBES,
        digests.map((digest) => `${code} ${look} ${digest}`),
      );
      return digests.flatMap((digest, place): RememberedValue[] => {
        const value = known[place];
        return value === undefined ? [] : [{ digest, value }];
      });
    },
    remember(look, findings) {
      for (const { digest, value } of findings) {
        store.history.remember(PROBES, `${code} ${look} ${digest}`, value);
      }
    },
  };
}

/** The answer's value: files that are passed on are as they are now. */
async function valueFrom(response: Discovered, views: DiscoveryView): Promise<Json> {
  if ("value" in response) return response.value;
  const files: DiscoveredFile[] = [];
  for (const { from, count, ...query } of response.passed) {
    const listed = await views.list(query);
    if (response.passed.length === 1 && count === listed.length) views.passed = listed;
    for (const file of listed.files(from, count)) files.push(file);
  }
  return files as unknown as Json;
}

async function holds(looks: readonly Look[], views: DiscoveryView): Promise<boolean> {
  try {
    for (const look of looks) {
      if (look.method === "read") {
        if ((await views.read(look.path)).digest !== look.seen) return false;
        continue;
      }
      const listed = await views.list(look.query);
      if ((look.method === "names" ? listed.namesDigest : listed.digest) !== look.seen) return false;
    }
    return true;
  } catch (error) {
    problemIn(error);
    // A folder or file that is gone: the discovery itself says so in the node's own words.
    return false;
  }
}
