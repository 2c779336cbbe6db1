/** Content digests. Knows bytes and files, nothing of what they mean. */
import { createHash, hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";

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

/**
 * Text of a JSON value that is the same for equal values: keys sorted, no white space. Absent (`undefined`) members are
 * left out. Throws on what JSON cannot say (functions, NaN), since such a value must never decide a cook.
 */
export function canonicalJson(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).filter(([, member]) => member !== undefined);
    entries.sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`).join(",")}}`;
  }
  if (typeof value === "number" && !Number.isFinite(value)) throw new Error(`a value that JSON cannot hold: ${value}`);
  const text = JSON.stringify(value);
  if (text === undefined) throw new Error(`a value that JSON cannot hold: ${typeof value}`);
  return text;
}
