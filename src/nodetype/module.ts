/**
 * What one module of node code imports, by kind, and where its packages lie. Knows module syntax and how Node looks for a
 * package; not what a node type is.
 */
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { init, parse } from "es-module-lexer";

/** This package's name: its doors are followed, other packages are named with their version. */
export const OWN_PACKAGE = "dag-cook";

/** A literal target of a module, and the place of its characters (without quotes) in the text. */
export interface ImportTarget {
  readonly specifier: string;
  readonly start: number;
  readonly end: number;
  /** It is loaded when the code comes to it, not with the module. */
  readonly later: boolean;
}

/** What a module refers to. */
export interface References {
  /** `./x.js`, imported statically or by a literal dynamic import. */
  readonly local: readonly ImportTarget[];
  /** Files beside it, named as `new URL("./x", import.meta.url)`: scripts, workers, tables. */
  readonly beside: readonly ImportTarget[];
  /** Bare imports that are not Node's own: `sharp`, `dag-cook/image`. */
  readonly bare: readonly ImportTarget[];
  /** Offsets of dynamic imports without a literal target: code that no digest can see. */
  readonly opaque: readonly number[];
}

await init();

/** As bundlers read it, too: the one way in which a module names a file of its own folder. */
const BESIDE = /new\s+URL\(\s*(["'])(\.{1,2}\/[^"'\n]+)\1\s*,\s*import\.meta\.url\s*\)/g;

/** Reads a module's JavaScript. Throws a SyntaxError where not even its imports can be read. */
export function referencesOf(text: string, file: string): References {
  const local: ImportTarget[] = [];
  const bare: ImportTarget[] = [];
  const opaque: number[] = [];
  let relative = false;
  for (const found of parse(text, file)[0]) {
    if (found.type === "import-meta") {
      relative = true;
      continue;
    }
    const specifier = found.type === "dynamic" && found.glob ? undefined : found.specifier;
    // A dynamic import's range holds the quotes.
    const later = found.type === "dynamic";
    const inset = later ? 1 : 0;
    if (specifier === undefined) opaque.push(found.start);
    else {
      const target = { specifier, start: found.start + inset, end: found.end - inset, later };
      if (/^\.{0,2}\//.test(specifier) || specifier.startsWith("file:")) local.push(target);
      else if (!isBuiltin(specifier)) bare.push(target);
    }
  }
  return { local, bare, opaque, beside: relative ? besideOf(text) : [] };
}

function besideOf(text: string): readonly ImportTarget[] {
  return [...text.matchAll(BESIDE)].map((match) => {
    const [whole, , specifier = ""] = match;
    const start = match.index + whole.indexOf(specifier);
    return { specifier, start, end: start + specifier.length, later: true };
  });
}

/** Whether a file's extension says that it is JavaScript that imports. */
export function isModule(path: string): boolean {
  return /\.m?js$/.test(path);
}

/** `@scope/name` or `name` of a bare import. */
export function packageOf(specifier: string): string {
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}

/** Where Node would find a package from a file: the nearest `node_modules` upwards that has it, its links followed. */
export function packageFolder(name: string, from: string): string | undefined {
  for (let folder = dirname(from); ; folder = dirname(folder)) {
    const found = join(folder, "node_modules", name);
    if (existsSync(join(found, "package.json"))) return realpathSync(found);
    if (folder === dirname(folder)) return undefined;
  }
}

/** `name@version`; `name@absent` where it is not installed. */
export function versioned(name: string, folder: string | undefined): string {
  if (folder === undefined) return `${name}@absent`;
  const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { version?: string };
  return `${name}@${version ?? "unknown"}`;
}

/** The folder of this package, as it runs. */
export const OWN_FOLDER = fileURLToPath(new URL("../../..", import.meta.url));
