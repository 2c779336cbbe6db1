/**
 * Where folders of outputs really lie: a link in the way must not lead out of the folders that paths are allowed in. Knows the
 * file system, no items.
 */
import { basename, dirname, join } from "node:path";
import type { Files } from "../base/files.js";
import { inside, type Roots } from "./paths.js";

export class Bounds {
  readonly #files: Pick<Files, "real">;
  readonly #roots: readonly string[];
  /** The option that allows more. */
  readonly #allow: string;
  /** Folders, and what is wrong with each. */
  readonly #known = new Map<string, string | undefined>();

  constructor(files: Pick<Files, "real">, { folder, job, project, allow, outputs }: Roots) {
    this.#files = files;
    this.#allow = outputs === undefined ? "--allow" : "--allow-write";
    // Of the folders that a user names, links are followed; `out` came with the graph, and must be one itself.
    const rootOf = (root: string) =>
      outputs === undefined || allow.includes(root)
        ? files.real(root)
        : join(files.real(dirname(root)), basename(root));
    this.#roots = [...new Set(outputs ?? [folder, job, project, ...allow])].map(rootOf);
  }

  /** What is wrong with putting a file at an absolute path, for the user; as it was when its folder was first asked for. */
  foreseen(path: string): string | undefined {
    const folder = dirname(path);
    if (!this.#known.has(folder)) this.#known.set(folder, this.problem(path));
    return this.#known.get(folder);
  }

  /** The same as it is now. */
  problem(path: string): string | undefined {
    const folder = dirname(path);
    const real = this.#files.real(folder);
    if (this.#roots.some((root) => inside(real, root))) return undefined;
    return (
      `${folder} leads by a symbolic link to ${real}, outside of the folders that outputs may go to; ` +
      `allow it with ${this.#allow} ${real}.`
    );
  }
}
