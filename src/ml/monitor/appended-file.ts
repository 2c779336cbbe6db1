/** A file that grows by whole pieces alone. It knows nothing of what they are. */
import { closeSync, fstatSync, ftruncateSync, openSync, writeFileSync } from "node:fs";

/** Open for appending; close it. Failures are the file system's own errors. */
export class AppendedFile {
  readonly #file: number;
  #length: number;

  /** `isNew`: fails where the file is there already. */
  constructor(path: string, { isNew }: { readonly isNew: boolean }) {
    this.#file = openSync(path, isNew ? "ax" : "a");
    this.#length = fstatSync(this.#file).size;
  }

  /**
   * Adds a piece in one write. Where there is no room for all of it, nothing is added; a machine that stops in its midst may
   * leave a part at the file's end, which readers pass over.
   */
  append(piece: Uint8Array): void {
    try {
      writeFileSync(this.#file, piece);
    } catch (error) {
      // A part of a piece would spoil what is written once there is room again.
      ftruncateSync(this.#file, this.#length);
      throw error;
    }
    this.#length += piece.length;
  }

  close(): void {
    closeSync(this.#file);
  }
}
