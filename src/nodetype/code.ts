/**
 * What a node type's code is: the emitted JavaScript of every module that its module reaches by static or literal dynamic
 * import, the package's own doors followed to the files behind them; another package counts as name@version. Knows
 * files and module syntax, nothing of graphs or caches.
 */
import { existsSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { init, parse } from "es-module-lexer";
import { type Digest, digestOf } from "../base/hash.js";

/** The modules and packages that a module reaches. */
export interface Code {
  /** One digest of all of it. */
  readonly digest: Digest;
  /** File URLs, sorted. */
  readonly modules: readonly string[];
  /** `name@version`, sorted. */
  readonly packages: readonly string[];
  /** Imports whose target is not a literal, as `file:offset`: code that no digest can see. */
  readonly opaque: readonly string[];
}

await init();

interface Module {
  readonly digest: Digest;
  readonly local: readonly string[];
  readonly packages: readonly string[];
  readonly opaque: readonly string[];
}

/** Answers `codeOf` for modules of one moment: a file is read once. Make a new one when files may have changed. */
export class CodeReader {
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
    const digests = modules.map((url) => reached.get(url)?.digest ?? "").sort();
    return { digest: digestOf([...digests, ...packages].join("\n")), modules, packages, opaque };
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
  const source = readFileSync(file, "utf8");
  const local: string[] = [];
  const packages: string[] = [];
  const opaque: string[] = [];
  for (const found of parse(source, file)[0]) {
    if (found.type === "import-meta") continue;
    const target = found.type === "dynamic" && found.glob ? undefined : found.specifier;
    if (target === undefined) opaque.push(`${file}:${found.start}`);
    else if (/^\.{0,2}\//.test(target) || target.startsWith("file:")) local.push(new URL(target, url).href);
    else if (!isBuiltin(target)) place(target, url, local, packages);
  }
  return { digest: digestOf(source), local, packages, opaque };
}

/** A bare import: the package's own door is followed, another package is named with its version. */
function place(target: string, from: string, local: string[], packages: string[]): void {
  const name = target.split("/", target.startsWith("@") ? 2 : 1).join("/");
  if (name === "dag-cook") local.push(import.meta.resolve(target));
  else packages.push(`${name}@${versionOf(name, fileURLToPath(from))}`);
}

/** The version of a package as Node would find it from a file: the nearest `node_modules` upwards that has it. */
function versionOf(name: string, from: string): string {
  for (let folder = dirname(from); ; folder = dirname(folder)) {
    const manifest = join(folder, "node_modules", name, "package.json");
    if (existsSync(manifest)) return (JSON.parse(readFileSync(manifest, "utf8")) as { version: string }).version;
    if (folder === dirname(folder)) return "absent";
  }
}
