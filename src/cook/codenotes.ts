/**
 * Which modules a node type's code was made of, noted in the store by the code's digest, so that later a change of the digest
 * can be told by the module. Knows modules' names and digests, no manifests.
 */
import { dirname, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Digest } from "../base/hash.js";
import type { Codes } from "../nodetype/code.js";
import { OWN_FOLDER, OWN_PACKAGE } from "../nodetype/module.js";
import { type History, memoryKind } from "../store/history.js";

/** Digests by the modules' names. */
type Modules = Readonly<Record<string, Digest>>;

const KIND = memoryKind<Modules>("code");

export class CodeNotes {
  readonly #codes: Codes;
  readonly #history: Pick<History, "recall" | "remember">;
  readonly #noted = new Set<string>();

  constructor(codes: Codes, history: Pick<History, "recall" | "remember">) {
    this.#codes = codes;
    this.#history = history;
  }

  /** Notes the code that is reached from a module (a file URL), as it is now. */
  note(module: string): void {
    if (this.#noted.has(module)) return;
    this.#noted.add(module);
    const code = this.#codes.codeOf(module, "cook");
    if (code.modules === undefined || this.#history.recall(KIND, code.digest) !== undefined) return;
    this.#history.remember(KIND, code.digest, named(module, code));
  }

  /** Names of the modules that differ, came or went between an earlier digest and now; undefined where that is not noted. */
  changed(earlier: string, module: string): readonly string[] | undefined {
    const before = this.#history.recall(KIND, earlier);
    if (before === undefined) return undefined;
    const now = named(module, this.#codes.codeOf(module, "cook"));
    return [...new Set([...Object.keys(now), ...Object.keys(before)])].filter((name) => before[name] !== now[name]);
  }
}

function named(root: string, { modules = [], digests = [] }: ReturnType<Codes["codeOf"]>): Modules {
  const folder = dirname(fileURLToPath(root));
  return Object.fromEntries(
    modules.map((url, place) => [nameOf(fileURLToPath(url), folder), digests[place] as Digest]),
  );
}

/** Of this package's modules, below it; of others, from the node type's own: no folder of the machine is in it. */
function nameOf(file: string, folder: string): string {
  const way = relative(OWN_FOLDER, file);
  return way.startsWith("..") ? relative(folder, file) : `${OWN_PACKAGE}/${way}`;
}
