/** The node sources in a folder of a project, by the names of their types. Reads files, and loads none. */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { slashed } from "../base/system.js";
import { describesNode } from "./described.js";
import { isTypeScript } from "./source.js";

/** A file that may make a node type. */
export interface NodeSource {
  readonly name: string;
  readonly file: string;
  /** It is imported where it is. */
  readonly compiled?: boolean;
  /** Why it makes none after all. */
  readonly helper?: string;
}

const NO_AREA = "a project's own node type lies in a folder of nodes, as nodes/studio/blur.ts does";
const NO_DEFAULT = "it has no default export, so it is no node type";

/** `export default …`, `export { node as default }`, `export { default } from "./other.js"`. */
const DEFAULT_EXPORT = /\bexport\s+default\b|\bexport\s*\{[^}]*\bdefault\b/;

/**
 * Every `.ts` and `.js` file below a folder, and every `.json` that describes a program. A module without a default export is a helper of others; tests and declarations are
 * left out, and a `.js` beside a `.ts` of its name is what some build made of it.
 */
export function nodeSources(folder: string): readonly NodeSource[] {
  const found = filesUnder(folder);
  const files = found.filter(isCode);
  const typed = new Set(files.filter(isTypeScript).map(withoutExtension));
  const described = found.filter((file) => file.endsWith(".json") && describesNode(readFileSync(file, "utf8")));
  return [...files, ...described]
    .filter((file) => isTypeScript(file) || !typed.has(withoutExtension(file)))
    .map((file) => {
      const name = slashed(relative(folder, withoutExtension(file)));
      const helper = !name.includes("/") ? NO_AREA : makesType(file) ? undefined : NO_DEFAULT;
      return { name, file, ...(helper !== undefined && { helper }) };
    });
}

function isCode(file: string): boolean {
  return /\.m?[jt]s$/.test(file) && !/(\.test|\.d)\.m?[jt]s$/.test(file);
}

function withoutExtension(file: string): string {
  return file.replace(/\.(m?[jt]s|json)$/, "");
}

/** By the words alone: a file that cannot be parsed is still a node type to those who use it. */
function makesType(file: string): boolean {
  return file.endsWith(".json") || DEFAULT_EXPORT.test(readFileSync(file, "utf8"));
}

function filesUnder(folder: string): readonly string[] {
  let entries: import("node:fs").Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
  return entries
    .filter(({ name }) => !name.startsWith(".") && name !== "node_modules")
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? filesUnder(path) : entry.isFile() ? [path] : [];
    });
}
