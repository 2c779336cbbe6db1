/**
 * A source file of node code as JavaScript: types are blanked out, so that every line and column stays where it was. What was
 * stripped once is kept by the digest of its source. Knows files and text, not imports.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writeAtomic } from "../base/files.js";
import { digestOf } from "../base/hash.js";
import { NodeFileError } from "./fault.js";

/** What the stripper throws: a plain object. Lines from 1, columns from 0. */
interface Rejection {
  readonly message: string;
  readonly startLine?: number;
  readonly startColumn?: number;
}

export function isTypeScript(file: string): boolean {
  return /\.m?ts$/.test(file) && !/\.d\.m?ts$/.test(file);
}

/** The name under which a source's JavaScript is imported. */
export function emittedName(file: string): string {
  return isTypeScript(file) ? file.replace(/ts$/, "js") : file;
}

/** The JavaScript of a source. `kept`: the folder of what was stripped before. Rejects with a NodeFileError. */
export async function javascriptOf(file: string, kept: string): Promise<string> {
  const source = readFileSync(file, "utf8");
  if (!isTypeScript(file)) return source;
  const path = join(kept, `${digestOf(source)}.js`);
  if (existsSync(path)) return readFileSync(path, "utf8");
  const text = await strip(source, file);
  writeAtomic(path, text);
  return text;
}

async function strip(source: string, file: string): Promise<string> {
  const { transformSync } = await import("@swc/wasm-typescript");
  try {
    return transformSync(source, { mode: "strip-only", filename: file, module: true }).code;
  } catch (error) {
    const { message, startLine, startColumn } = error as Rejection;
    const place = startLine === undefined ? file : `${file}:${startLine}:${(startColumn ?? 0) + 1}`;
    const hint = / in strip-only mode$/.test(message)
      ? `${message.replace(/ is not supported in strip-only mode$/, "")} is more than a type, and only types are taken out`
      : message;
    throw new NodeFileError(`${place}: ${hint}`, { cause: error });
  }
}
