/**
 * What a node type's code is. Of a function of it, `cook` or `discover`: the statements that it reaches, through static and
 * literal dynamic imports, without comments; the package's own entry points are followed to the files behind them, another
 * package counts as name@version. Of a module: all files that it reaches. Knows files, nothing of graphs or caches.
 */
import { readFileSync, statSync } from "node:fs";
import { isBuiltin } from "node:module";
import { fileURLToPath } from "node:url";
import { type Digest, digestOf } from "../base/hash.js";
import { isModule, OWN_PACKAGE, packageFolder, packageOf, referencesOf, versioned } from "./module.js";
import { type ReachedModule, reachedBy } from "./reach.js";
import { type Units, unitsOf } from "./units.js";

/** The modules and packages that a module, or a function of the node type in it, reaches. */
export interface Code {
  /** One digest of all of it. */
  readonly digest: Digest;
  /** File URLs, sorted. */
  readonly modules: readonly string[];
  /** Of what is reached of the modules, in their order. */
  readonly digests: readonly Digest[];
  /** `name@version`, sorted. */
  readonly packages: readonly string[];
}

/** The functions of a node type that have code of their own in a key. */
export type CodePart = "cook" | "discover";

/** What knows the code of modules (file URLs); a simulation gives its own. */
export interface Codes {
  codeOf(
    module: string,
    part: CodePart,
  ): Pick<Code, "digest" | "packages"> & Partial<Pick<Code, "modules" | "digests">>;
  /** Changes with any byte that is loaded with a module. */
  filesOf(module: string): Pick<Code, "digest">;
}

/** Keeps texts between processes: to take modules apart takes longer than to read them. */
export interface CodeMemory {
  recall(kind: string, key: string): string | undefined;
  remember(kind: string, key: string, text: string): void;
}

interface Module extends Omit<ReachedModule, "units"> {
  /** Imports whose target is not a literal, as `file:offset`. */
  readonly opaque: readonly string[];
}

/** Raised when units or reach come to something else for the same files. */
const KIND = "code-1";

/** Knows the modules of one moment: a file is read once. Make a new one when files may have changed. */
export class CodeReader implements Codes {
  readonly #memory: CodeMemory | undefined;
  readonly #modules = new Map<string, Module>();
  readonly #units = new Map<string, Units | undefined>();
  readonly #files = new Map<string, Code & { readonly opaque: readonly string[] }>();
  readonly #parts = new Map<string, Code>();

  constructor(memory?: CodeMemory) {
    this.#memory = memory;
  }

  /** The code that a function reaches. Throws where a module cannot be read or resolved. */
  codeOf(root: string, part: CodePart): Code {
    const key = `${part} ${root}`;
    const known = this.#parts.get(key) ?? this.#part(root, part);
    this.#parts.set(key, known);
    return known;
  }

  /**
   * All files that a module reaches, and imports that no digest can see (`opaque`). Throws where a module cannot be read or
   * resolved.
   */
  filesOf(root: string): Code & { readonly opaque: readonly string[] } {
    const known = this.#files.get(root) ?? this.#reachFiles(root);
    this.#files.set(root, known);
    return known;
  }

  #part(root: string, part: CodePart): Code {
    const files = this.filesOf(root);
    const key = digestOf(`${part} ${files.digest}`);
    const kept = this.#memory?.recall(KIND, key);
    if (kept !== undefined) return codeFrom(JSON.parse(kept) as Kept, files);
    const { digests, packages } = reachedBy(root, part, (url) => ({ ...this.#module(url), units: this.#unitsOf(url) }));
    const found: Kept = {
      modules: files.modules.flatMap((url, place) => (digests.has(url) ? [[place, digests.get(url)!] as const] : [])),
      packages: [...packages].sort(),
    };
    this.#memory?.remember(KIND, key, JSON.stringify(found));
    return codeFrom(found, files);
  }

  #unitsOf(url: string): Units | undefined {
    if (!this.#units.has(url)) this.#units.set(url, takeApart(fileURLToPath(url)));
    return this.#units.get(url);
  }

  #reachFiles(root: string): Code & { readonly opaque: readonly string[] } {
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
    const digests = modules.map((url) => (reached.get(url) as Module).digest);
    return { digest: digestOfAll(digests, packages), modules, digests, packages, opaque };
  }

  #module(url: string): Module {
    const known = this.#modules.get(url);
    if (known !== undefined) return known;
    const module = readModule(url);
    this.#modules.set(url, module);
    return module;
  }
}

/** What is kept of a part: places among the module's files, since folders differ between machines. */
interface Kept {
  readonly modules: readonly (readonly [place: number, digest: Digest])[];
  readonly packages: readonly string[];
}

function codeFrom({ modules, packages }: Kept, files: Code): Code {
  const digests = modules.map(([, digest]) => digest);
  return {
    digest: digestOfAll(digests, packages),
    modules: modules.map(([place]) => files.modules[place]!),
    digests,
    packages,
  };
}

/** Digests alone, sorted: the same code in another folder is the same code. */
function digestOfAll(digests: readonly Digest[], packages: readonly string[]): Digest {
  return digestOf([...digests.toSorted(), ...packages].join("\n"));
}

/** Undefined where a file is no JavaScript that can be read: it counts as it is. */
function takeApart(file: string): Units | undefined {
  if (!isModule(file)) return undefined;
  try {
    return unitsOf(readFileSync(file, "utf8"));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function readModule(url: string): Module {
  const file = fileURLToPath(url);
  if (!isModule(file)) {
    return { digest: digestOf(readFileSync(file)), local: [], packages: [], opaque: [], resolve: () => undefined };
  }
  const source = readFileSync(file, "utf8");
  const found = referencesOf(source, file);
  const beside = found.beside.map(({ specifier }) => new URL(specifier, url)).filter(isFile);
  const local = [...found.local, ...beside].map((target) =>
    "specifier" in target ? new URL(target.specifier, url) : target,
  );
  const packages: string[] = [];
  for (const { specifier } of found.bare) {
    const target = bareTarget(specifier, file);
    if ("module" in target) local.push(new URL(target.module));
    else packages.push(target.package);
  }
  return {
    digest: digestOf(source),
    local: local.map(({ href }) => href),
    packages,
    opaque: found.opaque.map((offset) => `${file}:${offset}`),
    resolve(specifier) {
      if (isBuiltin(specifier)) return undefined;
      if (!/^(\.{0,2}\/|file:)/.test(specifier)) return bareTarget(specifier, file);
      const target = new URL(specifier, url);
      return isFile(target) ? { module: target.href } : undefined;
    },
  };
}

function bareTarget(specifier: string, file: string): { readonly module: string } | { readonly package: string } {
  const name = packageOf(specifier);
  if (name === OWN_PACKAGE) return { module: import.meta.resolve(specifier) };
  return { package: versioned(name, packageFolder(name, file)) };
}

function isFile(url: URL): boolean {
  return statSync(url, { throwIfNoEntry: false })?.isFile() === true;
}
