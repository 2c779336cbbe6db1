/** Checks what a `cook` answered, and hashes the files that it made. It knows one attempt's folder, nothing of caches. */
import { lstatSync, readFileSync } from "node:fs";
import { isAbsolute, join, normalize, sep } from "node:path";
import { NodeError } from "../base/error.js";
import { digestOf, digestOfFile } from "../base/hash.js";
import type { CookedFile, CookItem, CookResult, InputFile } from "../nodetype/define.js";
import type { MadeFile } from "./protocol.js";

/** Files up to this many bytes are hashed in one read: a stream costs more than the hash. */
const ONE_READ = 1 << 20;
const RESULT_KEYS = new Set(["outputs", "attributes", "partial", "failure"]);

/** The answer of `cook` with its shape checked (not its files). Throws with a message for the node's author. */
export function checkResult(result: unknown): CookResult {
  if (result === undefined) return {};
  if (!isRecord(result))
    throw new NodeError(
      `cook returned ${words(result)}; it may return nothing, or { outputs, attributes, partial, failure }.`,
    );
  for (const key of Object.keys(result)) {
    if (!RESULT_KEYS.has(key))
      throw new NodeError(`cook returned "${key}"; it may return { outputs, attributes, partial, failure }.`);
  }
  const { outputs, attributes, partial, failure } = result;
  if (outputs !== undefined && !Array.isArray(outputs))
    throw new NodeError(`cook's outputs are ${words(outputs)}, not a list.`);
  if (partial !== undefined && typeof partial !== "boolean")
    throw new NodeError(`cook's partial is ${words(partial)}, not true or false.`);
  if (failure !== undefined && typeof failure !== "string")
    throw new NodeError(`cook's failure is ${words(failure)}, not a message.`);
  if (attributes !== undefined) {
    if (!isRecord(attributes)) throw new NodeError(`cook's attributes are ${words(attributes)}, not an object.`);
    for (const [name, value] of Object.entries(attributes)) checkPlain(value, `Attribute "${name}"`, false);
  }
  return result as CookResult;
}

/** Throws, naming `place`, where JSON would not keep a value as it is; null passes only where it is asked for. */
export function checkPlain(value: unknown, place: string, nulls: boolean): void {
  if (typeof value === "string" || typeof value === "boolean" || (value === null && nulls)) return;
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new NodeError(`${place} is ${value}; only finite numbers can be kept.`);
  } else if (Array.isArray(value)) {
    value.forEach((member, index) => {
      checkPlain(member, `${place}, element ${index},`, nulls);
    });
  } else if (isRecord(value) && isPlain(value)) {
    for (const [name, member] of Object.entries(value)) checkPlain(member, `${place}, member "${name}",`, nulls);
  } else throw new NodeError(`${place} is ${words(value)}, which cannot be kept.`);
}

/**
 * The files of a result, in order, hashed. Throws with a message for the node's author where a path is absolute, leaves
 * the folder, is given twice, or is not a file of its own (absent, a folder, a symbolic link or below one), where a tag is not
 * a word, and where a file passed on is none of the item's.
 */
export async function madeFiles(
  directory: string,
  item: CookItem,
  outputs: readonly CookedFile[],
): Promise<MadeFile[]> {
  const files: MadeFile[] = [];
  const seen = new Set<string>();
  for (const output of outputs as readonly unknown[]) {
    if (!isRecord(output)) throw new NodeError(`An output is ${words(output)}; it may be { path, tag } or { pass }.`);
    if (output.pass !== undefined) {
      files.push(passed(output, item));
      continue;
    }
    const path = insidePath(output.path);
    if (seen.has(path)) throw new NodeError(`Output "${path}" is given twice.`);
    seen.add(path);
    files.push(await made(directory, path, output));
  }
  return files;
}

async function made(directory: string, path: string, output: Readonly<Record<string, unknown>>): Promise<MadeFile> {
  const { tag, parameter } = output;
  checkTag(tag, path);
  if (parameter !== undefined && typeof parameter !== "string")
    throw new NodeError(`Output "${path}" has a parameter that is ${words(parameter)}.`);
  const size = ownFileSize(directory, path);
  const absolute = join(directory, path);
  const digest = size <= ONE_READ ? digestOf(readFileSync(absolute)) : await digestOfFile(absolute);
  return { path, digest, size, tag, ...(parameter === undefined ? {} : { parameter }) };
}

function passed(output: Readonly<Record<string, unknown>>, item: CookItem): MadeFile {
  const wanted = isRecord(output.pass) ? output.pass : {};
  const same = filesOf(item).filter(({ digest, name }) => digest === wanted.digest && name === wanted.name);
  // The same bytes may have come under two tags.
  const file = same.find(({ tag }) => tag === wanted.tag) ?? same[0];
  if (file === undefined)
    throw new NodeError(
      `Output passes on ${JSON.stringify(wanted.name ?? null)}, which is none of the item's input files.`,
    );
  const tag = output.tag ?? file.tag;
  checkTag(tag, file.name);
  return { pass: file.digest, name: file.name, tag, size: file.size };
}

function filesOf(item: CookItem): InputFile[] {
  const members = Object.values(item.inputs).flat();
  return [...item.files, ...members.flatMap(({ files }) => files)];
}

/** A relative path in its shortest form, with `/` between its parts. */
function insidePath(path: unknown): string {
  if (typeof path !== "string" || path === "")
    throw new NodeError(`An output's path is ${words(path)}; it is relative to context.directory.`);
  if (isAbsolute(path)) throw new NodeError(`Output "${path}" is absolute; its path is relative to context.directory.`);
  const parts = normalize(path).split(sep);
  if (parts[0] === ".." || path.includes("\0")) throw new NodeError(`Output "${path}" leaves context.directory.`);
  return parts.join("/");
}

/** Bytes of a regular file reached through real folders alone, so that a link cannot lead out of the attempt's folder. */
function ownFileSize(directory: string, path: string): number {
  let at = directory;
  const parts = path.split("/");
  for (const [index, part] of parts.entries()) {
    at = join(at, part);
    const stats = lstatSync(at, { throwIfNoEntry: false });
    if (stats === undefined) throw new NodeError(`Output "${path}" was not written.`);
    if (stats.isSymbolicLink())
      throw new NodeError(`Output "${path}" is reached through a symbolic link; write the file itself.`);
    if (index < parts.length - 1) continue;
    if (!stats.isFile()) throw new NodeError(`Output "${path}" is not a file.`);
    return stats.size;
  }
  throw new NodeError(`Output "${path}" is context.directory itself.`);
}

function checkTag(tag: unknown, path: string): asserts tag is string {
  if (typeof tag !== "string" || tag === "")
    throw new NodeError(`Output "${path}" has no tag; give one such as "file/image".`);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether it is an object of the language's own, not a Date, a Map or an array of bytes. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function words(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && !isPlain(value)) return `a ${value.constructor.name}`;
  if (typeof value === "object") return "an object";
  return typeof value === "string" ? JSON.stringify(value) : `a ${typeof value}`;
}
