/**
 * The results once more, beside the database: JSON lines in files by the time that the store was opened to cook. The
 * database is built anew from them when it is lost. Knows nothing of blobs.
 */
import { join } from "node:path";
import type { Files } from "../base/files.js";
import type { Digest } from "../base/hash.js";
import type { Result } from "./entries.js";

/** A result; or one to leave out from here on. */
export type Line = Result | { readonly drop: Digest };

/** Well below what a string may hold. */
const PIECE_CHARACTERS = 64 << 20;
const PIECE_LINES = 10_000;
const NAME = /^(\d{8,})-\d{6}\.jsonl$/;

export class Manifests {
  readonly #files: Files;
  readonly #folder: string;
  readonly #epoch: number;
  #piece = 0;
  #written = 0;
  /** Lines that could not be written yet: the results are committed, so that this is no failure of theirs. */
  #waiting = "";
  /** Files and folders with what may not be on the disk. */
  readonly #unsynced = new Set<string>();

  constructor(files: Files, folder: string, epoch: number) {
    this.#files = files;
    this.#folder = folder;
    this.#epoch = epoch;
  }

  /** Durable with the next `sync`. Where writing fails, throws, and writes the lines with the next ones. */
  append(lines: readonly Line[]): void {
    this.#waiting += textOf(lines);
    if (this.#waiting === "") return;
    if (this.#written === 0) {
      this.#files.makeDirectory(this.#folder);
      this.#unsynced.add(this.#folder);
    }
    this.#unsynced.add(this.#path());
    // A new line first: what a full disk left half-written must not swallow it.
    this.#files.append(this.#path(), `\n${this.#waiting}`);
    this.#written += this.#waiting.length;
    this.#waiting = "";
    if (this.#written > PIECE_CHARACTERS) this.#nextPiece();
  }

  /** What was appended is durable when it resolves. */
  async sync(): Promise<void> {
    for (const path of [...this.#unsynced]) {
      this.#unsynced.delete(path);
      try {
        await this.#files.sync(path);
      } catch (error) {
        this.#unsynced.add(path);
        throw error;
      }
    }
  }

  /** `results` instead of all that was written. A crash on the way leaves some of them twice, which harms nothing. */
  replace(results: Iterable<Result>): void {
    const old = fileNames(this.#files, this.#folder);
    this.#files.makeDirectory(this.#folder);
    let lines: Result[] = [];
    const write = () => {
      this.#nextPiece();
      this.#files.write(this.#path(), textOf(lines));
      lines = [];
    };
    for (const result of results) {
      lines.push(result);
      if (lines.length === PIECE_LINES) write();
    }
    if (lines.length > 0) write();
    this.#nextPiece();
    this.#waiting = "";
    this.#unsynced.clear();
    for (const name of old) this.#files.remove(join(this.#folder, name));
  }

  #nextPiece(): void {
    this.#piece += 1;
    this.#written = 0;
  }

  #path(): string {
    return join(this.#folder, `${String(this.#epoch).padStart(8, "0")}-${String(this.#piece).padStart(6, "0")}.jsonl`);
  }
}

/** All lines in the order of their writing: of a fingerprint, the last one decides. Broken lines are passed over. */
export function* readManifests(files: Files, folder: string): Iterable<Line> {
  for (const name of fileNames(files, folder)) {
    const bytes = Buffer.from(files.read(join(folder, name)));
    for (let from = 0; from < bytes.length; ) {
      const end = bytes.indexOf("\n", from);
      const to = end < 0 ? bytes.length : end;
      const line = to > from ? parseLine(bytes.toString("utf8", from, to)) : undefined;
      if (line !== undefined) yield line;
      from = to + 1;
    }
  }
}

/** The highest epoch that wrote manifests; 0 where there are none. */
export function lastEpoch(files: Files, folder: string): number {
  return Number.parseInt(fileNames(files, folder).at(-1) ?? "0", 10);
}

function fileNames(files: Files, folder: string): string[] {
  return files
    .list(folder)
    .filter((name) => NAME.test(name))
    .sort();
}

function textOf(lines: readonly Line[]): string {
  return lines.map((line) => `${JSON.stringify(line)}\n`).join("");
}

function parseLine(text: string): Line | undefined {
  try {
    const line: unknown = JSON.parse(text);
    return isLine(line) ? line : undefined;
  } catch {
    return undefined;
  }
}

function isLine(line: unknown): line is Line {
  if (typeof line !== "object" || line === null) return false;
  if ("drop" in line) return typeof line.drop === "string";
  const { fingerprint, item, outputs, manifest, seconds } = line as Partial<Result>;
  const texts = [fingerprint, item, manifest].every((text) => typeof text === "string");
  return texts && Array.isArray(outputs) && typeof seconds === "number";
}
