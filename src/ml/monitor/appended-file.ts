/** A file that is begun whole and then grows by whole pieces alone. It knows nothing of what they are. */
import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, writeFileSync } from "node:fs";
import { writeAtomic } from "../../base/files.js";

/** Open for appending; close it. Failures are the file system's own errors. */
export class AppendedFile {
  readonly #file: number;
  #length: number;

  /**
   * Begins the file anew with these bytes, in the place of what is there; its folder must be there. What was there stays as
   * it is where it has another name too, as a file has that was published.
   */
  constructor(path: string, beginning: string | Uint8Array) {
    writeAtomic(path, beginning);
    this.#file = openSync(path, "a");
    this.#length = fstatSync(this.#file).size;
  }

  /**
   * Adds a piece in one write. Where there is no room for all of it, nothing is added; a machine that stops in its midst may
   * leave a part at the file's end, which readers pass over.
   */
  append(piece: string | Uint8Array): void {
    const bytes = Buffer.from(piece);
    try {
      writeFileSync(this.#file, bytes);
    } catch (error) {
      // A part of a piece would spoil what is written once there is room again.
      ftruncateSync(this.#file, this.#length);
      throw error;
    }
    this.#length += bytes.length;
  }

  /** What was added is on the disk from now on. */
  sync(): void {
    fsyncSync(this.#file);
  }

  close(): void {
    closeSync(this.#file);
  }
}
