/**
 * The commit log: what was committed, as JSON lines in groups. A result is committed once its group is here; the database's tables
 * follow later, and are built again from here when they are lost. Knows nothing of blobs and tables.
 *
 * Files are pieces, named by the engine's epoch and their number. A group's last line tells its length and its digest: what a
 * full disk, a killed engine or a loss of power left of a group has no such line, or another digest, and is passed over.
 */
import { join } from "node:path";
import { codeOf } from "../base/code.js";
import type { Files } from "../base/files.js";
import { type Digest, digestOf } from "../base/hash.js";
import type { LogPosition, Result } from "./entries.js";

/** A result; or one to leave out from here on. */
export type Line = Result | { readonly drop: Digest };

/** Where the log of a store is. */
export function logFolder(store: string): string {
  return join(store, "manifests");
}

/** Before everything, but for what versions without groups wrote. */
export const LOG_START: LogPosition = { epoch: 0, piece: 0, offset: 0 };

/** After all that an engine wrote. */
export function endOfEpoch(epoch: number): LogPosition {
  return { epoch, piece: MOST_PIECES, offset: 0 };
}

const MOST_PIECES = 1_000_000;
/** Well below what a string may hold. */
const PIECE_BYTES = 64 << 20;
const PIECE_LINES = 10_000;
const PIECE = /^(\d{8,})-(\d{6})\.log$/;
/** What versions without groups wrote: a line each, and the tables had it before. */
const OLD_PIECE = /^(\d{8,})-\d{6}\.jsonl$/;
const SEAL = '{"seal":';

export class CommitLog {
  readonly #files: Files;
  readonly #folder: string;
  readonly #epoch: number;
  #piece = 0;
  /** Bytes in the piece. */
  #offset = 0;
  /** Files and folders with what may not be on the disk. */
  readonly #unsynced = new Set<string>();

  constructor(files: Files, folder: string, epoch: number) {
    this.#files = files;
    this.#folder = folder;
    this.#epoch = epoch;
  }

  /** After all that was appended. */
  get end(): LogPosition {
    return { epoch: this.#epoch, piece: this.#piece, offset: this.#offset };
  }

  /** Adds a group, durable with the next `sync`. Throws the file system's error, and then nothing of the group counts. */
  append(lines: readonly Line[]): void {
    if (lines.length === 0) return;
    const path = this.#path();
    if (this.#offset === 0) {
      this.#files.makeDirectory(this.#folder);
      this.#unsynced.add(this.#folder);
    }
    const text = groupOf(lines);
    this.#unsynced.add(path);
    try {
      this.#files.append(path, text);
    } catch (error) {
      // A part may have been written: the next group begins in a file of its own, so that all positions are right.
      this.#nextPiece();
      throw error;
    }
    this.#offset += Buffer.byteLength(text);
    if (this.#offset > PIECE_BYTES) this.#nextPiece();
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

  /**
   * `results`, `most` at most, instead of all that was written. `reserved` is told the position behind them before any is
   * written: what the tables have already is never read from here again. A crash on the way leaves some twice, which harms nothing.
   */
  replace(results: Iterable<Result>, most: number, reserved: (end: LogPosition) => void): void {
    const old = pieceNames(this.#files, this.#folder, true);
    let piece = this.#piece + 1;
    this.#piece = piece + Math.ceil(most / PIECE_LINES);
    this.#offset = 0;
    reserved(this.end);
    this.#files.makeDirectory(this.#folder);
    let lines: Result[] = [];
    const write = () => {
      this.#files.write(this.#path(piece++), groupOf(lines));
      lines = [];
    };
    for (const result of results) {
      lines.push(result);
      if (lines.length === PIECE_LINES) write();
    }
    if (lines.length > 0) write();
    this.#unsynced.clear();
    for (const name of old) this.#files.remove(join(this.#folder, name));
  }

  #nextPiece(): void {
    this.#piece += 1;
    this.#offset = 0;
  }

  #path(piece = this.#piece): string {
    return join(this.#folder, `${String(this.#epoch).padStart(8, "0")}-${String(piece).padStart(6, "0")}.log`);
  }
}

/**
 * All lines in the order of their writing: of a fingerprint, the last one decides. `from`: what was committed since then;
 * without it everything, also what older versions wrote.
 */
export function* readLog(files: Files, folder: string, from?: LogPosition): Iterable<Line> {
  for (const name of pieceNames(files, folder, from === undefined)) {
    const path = join(folder, name);
    const [epoch, piece] = numbersOf(name);
    const isBefore = from !== undefined && (epoch < from.epoch || (epoch === from.epoch && piece < from.piece));
    if (isBefore) continue;
    const start = from !== undefined && epoch === from.epoch && piece === from.piece ? from.offset : 0;
    if (start > 0 && (files.stat(path)?.size ?? 0) <= start) continue;
    const bytes = readPiece(files, path)?.subarray(start);
    if (bytes === undefined) continue;
    yield* name.endsWith(".log") ? linesOfGroups(bytes) : linesIn(bytes, 0, bytes.length);
  }
}

/** Another text where anything was added, or replaced. */
export function logState(files: Files, folder: string): string {
  const sizes = pieceNames(files, folder, false).map((name) => `${name} ${files.stat(join(folder, name))?.size}`);
  return sizes.join("\n");
}

/** Undefined where an engine beside a reader has replaced it meanwhile. */
function readPiece(files: Files, path: string): Buffer | undefined {
  try {
    return Buffer.from(files.read(path));
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** The highest epoch that wrote anything; 0 where none did. */
export function lastEpoch(files: Files, folder: string): number {
  return Number.parseInt(pieceNames(files, folder, true).at(-1) ?? "0", 10);
}

function pieceNames(files: Files, folder: string, withOld: boolean): string[] {
  return files
    .list(folder)
    .filter((name) => PIECE.test(name) || (withOld && OLD_PIECE.test(name)))
    .sort();
}

function numbersOf(name: string): readonly [number, number] {
  const [epoch, piece] = name.split(/[-.]/);
  return [Number(epoch), Number(piece)];
}

function groupOf(lines: readonly Line[]): string {
  let text = "";
  for (const line of lines) text += `${JSON.stringify(line)}\n`;
  return `${text}${SEAL}"${sealOf(text)}","bytes":${Buffer.byteLength(text)}}\n`;
}

function sealOf(text: string | Uint8Array): string {
  return digestOf(text).slice(0, 16);
}

/** Lines of the groups that are whole. */
function* linesOfGroups(bytes: Buffer): Iterable<Line> {
  const mark = Buffer.from(SEAL);
  for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, at + 1)) {
    if (at > 0 && bytes[at - 1] !== NEWLINE) continue;
    const end = bytes.indexOf(NEWLINE, at);
    const sealed = end < 0 ? undefined : sealIn(bytes.toString("utf8", at, end));
    if (sealed === undefined || sealed.bytes > at) continue;
    const from = at - sealed.bytes;
    if (sealOf(bytes.subarray(from, at)) === sealed.seal) yield* linesIn(bytes, from, at);
  }
}

const NEWLINE = 10;

function sealIn(text: string): { readonly seal: string; readonly bytes: number } | undefined {
  try {
    const { seal, bytes } = JSON.parse(text);
    return typeof seal === "string" && Number.isSafeInteger(bytes) && bytes >= 0 ? { seal, bytes } : undefined;
  } catch {
    return undefined;
  }
}

/** Broken lines are passed over. */
function* linesIn(bytes: Buffer, start: number, stop: number): Iterable<Line> {
  for (let from = start; from < stop; ) {
    const end = bytes.indexOf(NEWLINE, from);
    const to = end < 0 || end > stop ? stop : end;
    const line = to > from ? parseLine(bytes.toString("utf8", from, to)) : undefined;
    if (line !== undefined) yield line;
    from = to + 1;
  }
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
