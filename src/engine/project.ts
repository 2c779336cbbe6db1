/** Where things are: the project of a graph, its store, its node types. Touches the file system only to look. */
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { realFiles } from "../base/files.js";
import { nodeFolders } from "../nodetype/folders.js";
import { createRegistry, type Registry } from "../nodetype/registry.js";
import { refuseLinks } from "../store/links.js";

/** What marks the root of a project, nearest first. */
const MARKS = [".dag", "package.json", ".git"];

/** The nearest folder upwards that looks like a project's root; else the folder itself. */
export function projectOf(folder: string): string {
  for (let here = resolve(folder); ; here = dirname(here)) {
    if (MARKS.some((mark) => existsSync(join(here, mark)))) return here;
    if (here === dirname(here)) return resolve(folder);
  }
}

/** The store of a project, unless the user says another. */
export function storeOf(project: string, asked: string | undefined): string {
  return asked === undefined ? join(project, ".dag") : resolve(asked);
}

/** Where a store keeps the JavaScript of node sources. */
export function codeFolderOf(store: string): string {
  return join(store, "code");
}

/** The package's own node types, and those that a graph in a folder may use beside them. Throws a StoreError where the store holds links. */
export function nodeTypes(from?: { readonly folder: string; readonly store?: string | undefined }): Registry {
  const compiled = [fileURLToPath(new URL("../../nodes", import.meta.url))];
  if (from === undefined) return createRegistry({ compiled });
  const project = projectOf(from.folder);
  const store = storeOf(project, from.store);
  // Checked before a node source is emitted there.
  refuseLinks(realFiles, store);
  const code = codeFolderOf(store);
  return createRegistry({ compiled, sources: nodeFolders(from.folder, project), code });
}
