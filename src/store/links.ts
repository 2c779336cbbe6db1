/** A store holds its own files alone. Knows nothing of what they mean. */
import { join } from "node:path";
import { codeOf } from "../base/code.js";
import type { Files } from "../base/files.js";
import { StoreError } from "./errors.js";

/** Folders of a store whose entries are looked at, too: what is below those is read and removed without following links. */
const FOLDERS = ["blobs", "manifests", "logs", "resume", "code"];

/**
 * Throws a StoreError where a store, or one of its folders, holds a link: it would be read, written and emptied where that
 * leads. Changes nothing. The store itself may be a link: where it lies, its user says.
 */
export function refuseLinks(files: Pick<Files, "entries">, store: string): void {
  for (const folder of [store, ...FOLDERS.map((name) => join(store, name))]) {
    const link = entriesOf(files, folder).find(({ kind }) => kind === "link");
    if (link === undefined) continue;
    throw new StoreError(
      `The store ${store} holds a link: ${join(folder, link.name)}. It is not followed, and nothing was changed. ` +
        "Remove the link; a store that is to lie elsewhere is named with --store.",
    );
  }
}

function entriesOf(files: Pick<Files, "entries">, folder: string): ReturnType<Files["entries"]> {
  try {
    return files.entries(folder);
  } catch (error) {
    // What is absent, or no folder, holds nothing; what may not be read is told by who reads it.
    if (["ENOENT", "ENOTDIR", "EACCES", "EPERM"].includes(codeOf(error) ?? "")) return [];
    throw error;
  }
}
