/**
 * What a node type's code is: the emitted JavaScript of every module that its module reaches by static or literal dynamic
 * import, the files beside them that they name, the package's own doors followed to the files behind them; another package
 * counts as name@version. Knows files, nothing of graphs or caches.
 */
import { readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Digest, digestOf } from "../base/hash.js";
import { isModule, OWN_PACKAGE, packageFolder, packageOf, referencesOf, versioned } from "./module.js";

/** The modules and packages that a module reaches. */
export interface Code {
  /** One digest of all of it. */
  readonly digest: Digest;
  /** File URLs, sorted. */
  readonly modules: readonly string[];
  /** Of the modules, in their order. */
  readonly digests: readonly Digest[];
  /** `name@version`, sorted. */
  readonly packages: readonly string[];
  /** Imports whose target is not a literal, as `file:offset`: code that no digest can see. */
  readonly opaque: readonly string[];
}

/** What answers for the code of modules (file URLs); a simulation gives its own. */
export interface Codes {
  codeOf(module: string): Pick<Code, "digest" | "packages"> & Partial<Pick<Code, "modules" | "digests">>;
}

interface Module {
  readonly digest: Digest;
  readonly local: readonly string[];
  readonly packages: readonly string[];
  readonly opaque: readonly string[];
}

/** Answers `codeOf` for modules of one moment: a file is read once. Make a new one when files may have changed. */
export class CodeReader implements Codes {
  readonly #modules = new Map<string, Module>();
  readonly #codes = new Map<string, Code>();

  /** The code reached from a module (a file URL). Throws where a module cannot be read or resolved. */
  codeOf(root: string): Code {
    const known = this.#codes.get(root) ?? this.#reach(root);
    this.#codes.set(root, known);
    return known;
  }

  #reach(root: string): Code {
    const reached = new Map<string, Module>();
    const queue = [root];
    for (let url = queue.pop(); url !== undefined; url = queue.pop()) {
      if (reached.has(url)) continue;
      const module = this.#module(url);
      reached.set(url, module);
      queue.push(...module.local);
    }
    const modules = [...reached.keys()].sort();
    const packages = [...new Set([...reached.values()].flatMap((module) => module.packages))].sort();
    const opaque = [...reached.values()].flatMap((module) => module.opaque);
    // Digests alone, sorted: the same code in another folder is the same code.
    const digests = modules.map((url) => (reached.get(url) as Module).digest);
    const digest = digestOf([...digests.toSorted(), ...packages].join("\n"));
    return { digest, modules, digests, packages, opaque };
  }

  #module(url: string): Module {
    const known = this.#modules.get(url);
    if (known !== undefined) return known;
    const module = readModule(url);
    this.#modules.set(url, module);
    return module;
  }
}

function readModule(url: string): Module {
  const file = fileURLToPath(url);
  if (!isModule(file)) return { digest: digestOf(readFileSync(file)), local: [], packages: [], opaque: [] };
  const source = readFileSync(file, "utf8");
  const found = referencesOf(source, file);
  const beside = found.beside.map(({ specifier }) => new URL(specifier, url));
  const local = [...found.local.map(({ specifier }) => new URL(specifier, url)), ...beside.filter(isFile)];
  const packages: string[] = [];
  for (const { specifier } of found.bare) {
    const name = packageOf(specifier);
    if (name === OWN_PACKAGE) local.push(new URL(import.meta.resolve(specifier)));
    else packages.push(versioned(name, packageFolder(name, file)));
  }
  const opaque = found.opaque.map((offset) => `${file}:${offset}`);
  return { digest: digestOf(source), local: local.map(({ href }) => href), packages, opaque };
}

function isFile(url: URL): boolean {
  return statSync(url, { throwIfNoEntry: false })?.isFile() === true;
}
