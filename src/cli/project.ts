/** Where things are: the project of a graph, its store, its node types. Touches the file system only to look. */
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { createRegistry, type Registry } from "../nodetype/registry.js";

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

/** The package's own node types, and those of a project: `nodes/studio/blur.js` in it is `studio/blur`. */
export function nodeTypes(project?: string): Registry {
  const own = { folder: fileURLToPath(new URL("../../nodes", import.meta.url)) };
  const folders = project === undefined ? [] : [{ folder: join(project, "nodes"), areas: true }];
  return createRegistry({ folders: [own, ...folders] });
}
