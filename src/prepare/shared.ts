/**
 * What the items of a node share as long as its parameters do not vary: the first lines of their manifests, and the files
 * behind its parameters. Knows parameters and digests, no items.
 */
import { problemIn, UserError } from "../base/error.js";
import type { Files } from "../base/files.js";
import type { Digest } from "../base/hash.js";
import { nodeManifest } from "../fingerprint/manifest.js";
import type { Looked } from "../generate/listing.js";
import type { NodeRun } from "../generate/run.js";
import type { Codes } from "../nodetype/code.js";
import type { ParamSchemas } from "../nodetype/params.js";
import type { Store } from "../store/store.js";
import type { OutsideFile } from "./inputs.js";
import { type NamedPath, namedPaths, pathsOf } from "./paths.js";
import { readsOf } from "./reads.js";

export interface SharedFields {
  readonly params: Readonly<Record<string, unknown>>;
  readonly manifest: string;
  readonly reads: readonly string[];
  readonly outputs: readonly NamedPath[];
  readonly outside: readonly OutsideFile[];
}

/** What is needed to know the files behind parameters. */
export interface SharedFieldsDeps {
  readonly store: Store;
  readonly files: Files;
  readonly code: Codes;
  readonly resolve: (symbolic: string) => string;
  readonly looked: Looked;
}

/** Rejects with a message for the user. */
export async function shareOf(
  { node }: NodeRun,
  params: Readonly<Record<string, unknown>>,
  deps: SharedFieldsDeps,
): Promise<SharedFields> {
  const { type } = node;
  const code = deps.code.codeOf(type.module, "cook");
  const digests = await inputDigests(type.definition.params, params, deps);
  return {
    params,
    reads: readsOf(node, params),
    outputs: [...namedPaths(type.definition.params, params, "output", "")],
    outside: [...digests].map(([path, digest]) => ({ path, digest })),
    manifest: nodeManifest({
      type: type.name,
      version: type.definition.version,
      code: code.digest,
      packages: code.packages,
      schemas: type.definition.params,
      params,
      inputDigest: (path) => digests.get(path),
    }),
  };
}

/** What cannot be looked at is left to whoever reads it, and says why it cannot. */
function kindAt(files: Files, path: string): "absent" | "directory" | "other" {
  try {
    const found = files.stat(path);
    if (found === undefined) return "absent";
    return found.kind === "directory" ? "directory" : "other";
  } catch (error) {
    problemIn(error);
    return "other";
  }
}

/** Digests of the files behind input paths. A folder has none: what is in it comes through discovery. */
async function inputDigests(
  schemas: ParamSchemas,
  params: Readonly<Record<string, unknown>>,
  { store, files, resolve, looked }: SharedFieldsDeps,
): Promise<Map<string, Digest>> {
  const digests = new Map<string, Digest>();
  for (const path of pathsOf(schemas, params, "input")) {
    const absolute = resolve(path);
    await looked(absolute);
    const kind = kindAt(files, absolute);
    if (kind === "absent") throw new UserError(`The file ${path} does not exist.`);
    if (kind !== "directory") digests.set(path, (await store.files.digest(absolute)).digest);
  }
  return digests;
}
