/**
 * Listed files as `discover` gets them. It is noticed where one tells its content (digest or size), so that of an answer that
 * is nothing but such files it is known whether their content had a part in it. Knows no engine.
 */
import type { DiscoveredFile } from "../nodetype/define.js";
import type { FoundFile, PassedFiles } from "./protocol.js";

/** Where a listed file stands in its listing. */
interface Origin {
  readonly file: FoundFile;
  readonly listing: Omit<PassedFiles, "from" | "count">;
  readonly place: number;
}

export class PassThrough {
  readonly #origins = new Map<object, Origin>();
  #contentSeen = false;

  /** A listing's files, as the node type gets them. */
  shown(files: readonly FoundFile[], listing: Origin["listing"]): DiscoveredFile[] {
    const own = { enumerable: true, configurable: true };
    const passing = this;
    const content = {
      digest: {
        ...own,
        get(this: object) {
          return passing.#see(this).digest;
        },
      },
      size: {
        ...own,
        get(this: object) {
          return passing.#see(this).size;
        },
      },
    };
    return files.map((file, place) => {
      const shown = Object.defineProperties({ path: file.path, name: file.name }, content) as unknown as DiscoveredFile;
      this.#origins.set(shown, { file, listing, place });
      return shown;
    });
  }

  /** What an answer passes on; undefined where it is not only listed files as they were found, or had to do with their content. */
  of(result: unknown): readonly PassedFiles[] | undefined {
    if (this.#contentSeen || !Array.isArray(result)) return undefined;
    const passed: (PassedFiles & { count: number })[] = [];
    for (const shown of result as readonly object[]) {
      const origin = this.#origins.get(shown);
      if (origin === undefined || !isAsFound(shown, origin)) return undefined;
      const { listing, place } = origin;
      const last = passed.at(-1);
      const follows = last !== undefined && isOf(last, listing) && place === last.from + last.count;
      if (follows) last.count += 1;
      else passed.push({ ...listing, from: place, count: 1 });
    }
    return passed;
  }

  #see(shown: object): FoundFile {
    this.#contentSeen = true;
    // Node code may have made an object that inherits from it.
    let here = shown;
    while (!this.#origins.has(here)) here = Object.getPrototypeOf(here);
    return this.#origins.get(here)!.file;
  }
}

/** Node code may have put something into it. */
function isAsFound(shown: object, { file }: Origin): boolean {
  const { path, name } = shown as DiscoveredFile;
  return path === file.path && name === file.name && Object.keys(shown).length === 4;
}

function isOf({ directory, glob, recursive }: PassedFiles, listing: Origin["listing"]): boolean {
  return directory === listing.directory && glob === listing.glob && recursive === listing.recursive;
}
