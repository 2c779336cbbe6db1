/** What a JPEG's frame says that libvips does not: its precision. Reads marks, no pixels. */
import type { ImageFile } from "./codec.js";
import { withBytes } from "./start.js";

/** Marks of a frame: SOF0 to SOF15, but for tables (C4), JPEG's extension (C8) and arithmetic conditions (CC). */
function isFrame(mark: number): boolean {
  return mark >= 0xc0 && mark <= 0xcf && mark !== 0xc4 && mark !== 0xc8 && mark !== 0xcc;
}

/** A mark, its length and the byte after them. */
const HEAD = 5;

/** Bits of a sample; undefined where no frame is found. */
export async function jpegPrecision(file: ImageFile): Promise<number | undefined> {
  const { start } = file;
  const near = frameFrom(start, 2);
  if ("bits" in near) return near.bits;
  if (near.next === 0) return undefined;
  return withBytes(file, async (readAt) => {
    for (let at = near.next; at + HEAD <= file.bytes; ) {
      const found = frameFrom(await readAt(at, HEAD), 0);
      if ("bits" in found) return found.bits;
      if (found.next === 0) return undefined;
      at += found.next;
    }
    return undefined;
  });
}

/** The precision of the frame among these marks, or where the first mark begins that is not within the bytes; 0 for what is no mark. */
function frameFrom(bytes: Buffer, from: number): { readonly bits: number } | { readonly next: number } {
  let at = from;
  while (at + HEAD <= bytes.length) {
    const mark = bytes[at + 1]!;
    if (bytes[at] !== 0xff) return { next: 0 };
    if (isFrame(mark)) return { bits: bytes[at + 4]! };
    // An 0xff may stand before a mark.
    at += mark === 0xff ? 1 : 2 + bytes.readUInt16BE(at + 2);
  }
  return { next: at };
}
