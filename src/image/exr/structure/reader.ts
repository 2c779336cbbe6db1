/** Reads numbers and names from bytes one after the other, and never beyond their end. Knows no format. */
import { ExrCutShort, ExrError } from "./file.js";

export class Reader {
  readonly bytes: Uint8Array;
  private readonly view: DataView;
  at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = at;
  }

  /** The place of the next `count` bytes, which are passed. */
  private pass(count: number, what: string): number {
    const at = this.at;
    if (at + count > this.bytes.length) {
      throw new ExrCutShort(`it ends at byte ${this.bytes.length}, in ${what}.`, at + count);
    }
    this.at = at + count;
    return at;
  }

  u8(what: string): number {
    return this.bytes[this.pass(1, what)]!;
  }

  u32(what: string): number {
    return this.view.getUint32(this.pass(4, what), true);
  }

  i32(what: string): number {
    return this.view.getInt32(this.pass(4, what), true);
  }

  /** Beyond 2⁵³ it is too large for any file, and comes as such. */
  u64(what: string): number {
    const at = this.pass(8, what);
    return this.view.getUint32(at + 4, true) * 2 ** 32 + this.view.getUint32(at, true);
  }

  take(count: number, what: string): Uint8Array {
    const at = this.pass(count, what);
    return this.bytes.subarray(at, at + count);
  }

  /** Text before a zero byte, of 255 bytes at most. */
  text(what: string): string {
    const end = this.bytes.subarray(this.at, this.at + 256).indexOf(0);
    if (end === -1) {
      if (this.at + 256 > this.bytes.length) this.pass(256, what);
      throw new ExrError(`its header is damaged: ${what} at byte ${this.at} is longer than 255 characters.`);
    }
    const text = Buffer.from(this.bytes.buffer, this.bytes.byteOffset + this.at, end).toString("utf8");
    this.at += end + 1;
    return text;
  }
}
