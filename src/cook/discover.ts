/**
 * What nodes depend on from outside the graph. A discovery is remembered with all that it looked at, and holds as long
 * as looking again finds the same. Knows doors and records, not work items.
 */
import { canonicalJson, type Digest, digestOf } from "../base/hash.js";
import type { Store } from "../cache/store.js";
import type { DiscoveredFile, Json } from "../nodetype/define.js";
import type { RegisteredNodeType } from "../nodetype/registry.js";
import type { CookedUpstream, EngineDoors, Finding, FoundFile } from "../worker/protocol.js";
import { type Listing, type ListQuery, listingDigest } from "./listing.js";

/** One look through a door, and the digest of what was seen. */
type Look =
  | { readonly door: "list"; readonly query: ListQuery; readonly seen: string }
  | { readonly door: "read"; readonly path: string; readonly seen: string };

interface Recorded {
  readonly looks: readonly Look[];
  readonly warnings: readonly string[];
  readonly value: Json;
}

/** A discovery's answer. */
export interface Discovery {
  readonly value: Json;
  readonly warnings: readonly string[];
}

/** What is discovered. */
export interface Asked {
  readonly type: RegisteredNodeType;
  readonly code: Digest;
  readonly params: Readonly<Record<string, unknown>>;
  /** The files of the upstream item, where they are asked for: their content is in the record's key. */
  readonly upstream: readonly CookedUpstream[] | undefined;
}

/** Runs `discover` in a worker; rejects with a message for the user. */
export type RunDiscovery = (asked: Asked, doors: EngineDoors, warn: (line: string) => void) => Promise<Json>;

/** A discovery from the record where it still holds, else anew. */
export async function discover(asked: Asked, listing: Listing, store: Store, run: RunDiscovery): Promise<Discovery> {
  const { type, code, params, upstream } = asked;
  const files = upstream?.map(({ name, tag, digest }) => ({ name, tag, digest }));
  const from = files === undefined ? "" : ` ${canonicalJson(files)}`;
  const key = digestOf(`${type.name}@${type.definition.version} ${code} ${canonicalJson(params)}${from}`);
  const text = store.recall("discovery", key);
  if (text !== undefined) {
    const recorded = JSON.parse(text) as Recorded;
    if (await holds(recorded.looks, listing)) return recorded;
  }
  const looks: Look[] = [];
  const warnings: string[] = [];
  const found = (file: DiscoveredFile): FoundFile => ({ ...file, absolute: listing.absolute(file.path) });
  const doors: EngineDoors = {
    async list(directory, glob, { recursive = false }) {
      const query = { directory, glob, recursive };
      const files = await listing.list(query);
      looks.push({ door: "list", query, seen: listingDigest(files) });
      return files.map(found);
    },
    async read(path) {
      const file = await listing.read(path);
      looks.push({ door: "read", path, seen: file.digest });
      return found(file);
    },
    async recall(look, digests) {
      const known = store.recallMany(
        "probe",
        digests.map((digest) => `${code} ${look} ${digest}`),
      );
      return digests.flatMap((digest, place): Finding[] => {
        const text = known[place];
        return text === undefined ? [] : [{ digest, value: JSON.parse(text) as Json }];
      });
    },
    remember(look, findings) {
      for (const { digest, value } of findings) {
        store.remember("probe", `${code} ${look} ${digest}`, JSON.stringify(value));
      }
    },
  };
  const value = await run(asked, doors, (line) => warnings.push(line));
  const recorded: Recorded = { looks, warnings, value };
  store.remember("discovery", key, JSON.stringify(recorded));
  return recorded;
}

async function holds(looks: readonly Look[], listing: Listing): Promise<boolean> {
  try {
    for (const look of looks) {
      const seen =
        look.door === "list" ? listingDigest(await listing.list(look.query)) : (await listing.read(look.path)).digest;
      if (seen !== look.seen) return false;
    }
    return true;
  } catch {
    // A folder or file that is gone: the discovery itself says so in the node's own words.
    return false;
  }
}
