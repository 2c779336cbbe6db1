/**
 * Node code as it is imported: a source file and all that it reaches of its own, as JavaScript in a folder that is named by
 * what is in it. So TypeScript needs no build, an edit is another module, and what runs is what was hashed. Knows modules
 * and files; not what a node type is.
 */
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { pathToFileURL } from "node:url";
import { digestOf } from "../base/hash.js";
import { moduleOf } from "./described.js";
import { codeFolder, type EmittedFile, putCode, temporaryCodeFolder } from "./emitted.js";
import { faultAt } from "./fault.js";
import {
  type ImportTarget,
  isModule,
  OWN_FOLDER,
  OWN_PACKAGE,
  packageFolder,
  packageOf,
  referencesOf,
  versioned,
} from "./module.js";
import { emittedName, isTypeScript, javascriptOf } from "./source.js";

/** Code that can be imported. */
export interface Emitted {
  /** File URL of the root's JavaScript. */
  readonly module: string;
  /** By the path under which Node knows it: every source file. */
  readonly sources: ReadonlyMap<string, string>;
}

/** A file on the way: its JavaScript, or undefined where it is copied as it is. */
type Reached = ReadonlyMap<string, string | undefined>;

/** Emits into one folder. Make a new one when sources may have changed: a file is read once. */
export class Emitter {
  readonly #asked: string;
  #folder: string | undefined;
  readonly #texts = new Map<string, Promise<string>>();

  /** `folder`: made when it is first needed; one that cannot be written is replaced by a temporary one. */
  constructor(folder: string) {
    this.#asked = folder;
  }

  /** Emits a source file and what it reaches. Rejects with a NodeFileError that names file and line. */
  async emit(root: string): Promise<Emitted> {
    const packages = new Map<string, string>();
    const reached = await this.#reach(root, packages);
    const base = commonFolder([...reached.keys()]);
    const nameOf = (file: string) =>
      relative(base, isDescription(file) && file === root ? `${file}.js` : emittedName(file));
    const files: EmittedFile[] = [...reached].map(([file, text]) => ({ file, path: nameOf(file), text }));
    files.sort((a, b) => (a.path < b.path ? -1 : 1));
    const parts = files.map(({ path, file, text }) => `${path} ${digestOf(text ?? readFileSync(file))}`);
    const versions = [...packages].map(([name, folder]) => versioned(name, folder)).sort();
    const hash = digestOf([...parts, ...versions].join("\n")).slice(0, 32);
    const folder = this.#put(hash, files, packages);
    const sources = new Map(files.map(({ file, path }) => [join(folder, path), file]));
    return { module: pathToFileURL(join(folder, nameOf(root))).href, sources };
  }

  /** Puts code into its folder; where that fails, as on a full disk, into a temporary one from now on. */
  #put(hash: string, files: readonly EmittedFile[], packages: ReadonlyMap<string, string>): string {
    const folder = join(this.#writable(), hash);
    try {
      putCode(folder, files, packages);
      return folder;
    } catch {
      this.#folder = temporaryCodeFolder();
      const other = join(this.#folder, hash);
      putCode(other, files, packages);
      return other;
    }
  }

  async #reach(root: string, packages: Map<string, string>): Promise<Reached> {
    const reached = new Map<string, string | undefined>();
    const queue = [root];
    for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
      if (reached.has(file)) continue;
      if (!isModule(emittedName(file)) && !(file === root && isDescription(file))) {
        reached.set(file, undefined);
        continue;
      }
      const text = await this.#text(file);
      const { local, beside, bare } = referencesIn(text, file);
      for (const target of [...local, ...beside]) {
        const found = locate(target, file, text, local.includes(target) || isDescription(file));
        if (found !== undefined) queue.push(found);
      }
      for (const target of bare) notePackage(target, file, text, packages);
      reached.set(file, renamed(text, [...local, ...beside]));
    }
    return reached;
  }

  #text(file: string): Promise<string> {
    const text = this.#texts.get(file) ?? this.#read(file);
    this.#texts.set(file, text);
    return text;
  }

  async #read(file: string): Promise<string> {
    if (isDescription(file)) return moduleOf(readFileSync(file, "utf8"), file);
    return javascriptOf(file, join(this.#writable(), "stripped"));
  }

  #writable(): string {
    this.#folder ??= codeFolder(this.#asked);
    return this.#folder;
  }
}

/** A root may be the description of a program; elsewhere such a file is data. */
function isDescription(file: string): boolean {
  return file.endsWith(".json");
}

function referencesIn(text: string, file: string): ReturnType<typeof referencesOf> {
  try {
    return referencesOf(text, file);
  } catch (error) {
    const { idx } = error as { idx?: number };
    throw idx === undefined ? error : faultAt(file, text, idx, "this is no JavaScript");
  }
}

/** The source file that a relative target means; undefined where it is none of the author's (a folder, an absolute path). */
function locate({ specifier, start }: ImportTarget, from: string, text: string, imported: boolean): string | undefined {
  if (!specifier.startsWith(".")) return undefined;
  const named = resolve(dirname(from), decodeURI(specifier.replace(/[?#].*$/, "")));
  const found = [named, named.replace(/js$/, "ts")].find((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
  if (found !== undefined || !imported) return found;
  const whole = [".ts", ".js", "/index.ts", "/index.js"].map((end) => specifier + end);
  const meant = whole.find((name) => existsSync(resolve(dirname(from), name)));
  const hint = meant === undefined ? "" : ` (is "${meant}" meant?)`;
  throw faultAt(from, text, start, `it names "${specifier}", which does not exist${hint}`);
}

function notePackage(
  { specifier, start }: ImportTarget,
  file: string,
  text: string,
  packages: Map<string, string>,
): void {
  if (specifier.startsWith("#"))
    throw faultAt(file, text, start, `"${specifier}": import the file by its relative path`);
  const name = packageOf(specifier);
  const folder = name === OWN_PACKAGE ? OWN_FOLDER : packageFolder(name, file);
  // What is not installed may be looked for at run time alone; Node says so if it is not.
  if (folder === undefined) return;
  const other = packages.get(name);
  if (other !== undefined && other !== folder)
    throw faultAt(
      file,
      text,
      start,
      `"${name}" is ${folder} here, and ${other} elsewhere in the code of this node type`,
    );
  packages.set(name, folder);
}

/** The text with `.ts` targets named as they are emitted; the names are as long, so all places stay. */
function renamed(text: string, targets: readonly ImportTarget[]): string {
  let emitted = text;
  for (const { specifier, end } of targets) {
    if (isTypeScript(specifier)) emitted = `${emitted.slice(0, end - 2)}js${emitted.slice(end)}`;
  }
  return emitted;
}

function commonFolder(files: readonly string[]): string {
  const all = files.map((file) => dirname(file).split(sep));
  const [shortest = []] = all.toSorted((one, other) => one.length - other.length);
  const differs = shortest.findIndex((part, at) => all.some((parts) => parts[at] !== part));
  return shortest.slice(0, differs === -1 ? undefined : differs).join(sep) || sep;
}
