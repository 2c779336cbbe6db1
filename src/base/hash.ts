/** Content digests. Knows bytes and files, nothing of what they mean. */
import { createHash, hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { NodeError } from "./error.js";

/** SHA-256 in lower-case hexadecimal, 64 characters. */
export type Digest = string & { readonly brand: "Digest" };

/** The digest of text (as UTF-8) or bytes held in memory. */
export function digestOf(data: string | Uint8Array): Digest {
  return hash("sha256", data) as Digest;
}

/** The digest of a file's bytes, read as a stream. Rejects with the file system's error. */
export async function digestOfFile(path: string): Promise<Digest> {
  const sum = createHash("sha256");
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), sum);
  return sum.digest("hex") as Digest;
}

/** Deeper values are mistakes: most of them hold themselves. */
const DEEPEST = 1000;

/**
 * Text of a JSON value that is the same for equal values: keys sorted, no white space. Absent (`undefined`) members are
 * left out. Throws a NodeError on what JSON cannot say (functions, NaN, a value that holds itself), since such a value must never
 * decide a cook: values come from node code.
 */
export function canonicalJson(value: unknown): string {
  return textOf(value, 0);
}

function textOf(value: unknown, depth: number): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (depth > DEEPEST) throw new NodeError(`a value that holds itself, or is more than ${DEEPEST} deep`);
  if (Array.isArray(value)) return `[${value.map((one) => textOf(one, depth + 1)).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).filter(([, member]) => member !== undefined);
    entries.sort(([a], [b]) => (a < b ? -1 : 1));
    const members = entries.map(([name, member]) => `${JSON.stringify(name)}:${textOf(member, depth + 1)}`);
    return `{${members.join(",")}}`;
  }
  if (typeof value === "number" && !Number.isFinite(value))
    throw new NodeError(`a value that JSON cannot hold: ${value}`);
  // An integer that is too large for a number has no text at all.
  const text = typeof value === "bigint" ? undefined : JSON.stringify(value);
  if (text === undefined) throw new NodeError(`a value that JSON cannot hold: ${typeof value}`);
  return text;
}
