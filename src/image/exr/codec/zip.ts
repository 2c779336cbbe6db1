/** The codecs RLE, ZIPS and ZIP: bytes of one significance together, their differences, then runs or zlib. Knows no pixels. */
import { deflateSync, inflateSync } from "node:zlib";
import { ExrError } from "../structure/file.js";

/** zlib's data of exactly `size` bytes; more is never allocated. */
export function inflated(packed: Uint8Array, size: number): Uint8Array {
  const bytes = inflatedUpTo(packed, size);
  if (bytes.length !== size) throw new ExrError(`its zlib data hold ${bytes.length} bytes instead of ${size}`);
  return bytes;
}

/** zlib's data of at most `size` bytes. */
export function inflatedUpTo(packed: Uint8Array, size: number): Uint8Array {
  try {
    return inflateSync(packed, {
      maxOutputLength: Math.max(1, size),
      chunkSize: Math.max(64, Math.min(size, 2 ** 22)),
    });
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const reason = code === "ERR_BUFFER_TOO_LARGE" ? `they hold more than ${size} bytes` : message;
    throw new ExrError(`its zlib data are damaged: ${reason}`);
  }
}

/** Undoes the order and the differences: the first half are the even bytes, the second the odd ones. */
export function undoPrediction(bytes: Uint8Array): Uint8Array {
  const half = (bytes.length + 1) >> 1;
  const odd = bytes.length >> 1;
  const words = new Uint16Array(half);
  // Differences are stored with 128 added; the odd bytes go on from the last even one.
  let even = 128;
  let second = 128;
  for (let at = 0; at < half; at++) second += bytes[at]! + 128;
  for (let at = 0; at < odd; at++) {
    even += bytes[at]! + 128;
    second += bytes[half + at]! + 128;
    words[at] = (even & 255) | (second << 8);
  }
  if (half > odd) words[odd] = (even + bytes[odd]! + 128) & 255;
  return new Uint8Array(words.buffer, 0, bytes.length);
}

function predicted(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(bytes.length);
  const half = (bytes.length + 1) >> 1;
  let before = 128;
  for (let at = 0, from = 0; at < half; at++, from += 2) {
    const value = bytes[from]!;
    out[at] = value - before + 128;
    before = value;
  }
  for (let at = half, from = 1; at < bytes.length; at++, from += 2) {
    const value = bytes[from]!;
    out[at] = value - before + 128;
    before = value;
  }
  return out;
}

export function unzip(packed: Uint8Array, size: number): Uint8Array {
  return undoPrediction(inflated(packed, size));
}

/** zlib's level is OpenEXR's own default. */
export function zip(bytes: Uint8Array): Uint8Array {
  return deflateSync(predicted(bytes), { level: 4 });
}

export function unRle(packed: Uint8Array, size: number): Uint8Array {
  return undoPrediction(expandRuns(packed, size));
}

/** A count of 0 to 127 repeats the next byte once more than that; a negative one is followed by as many bytes to copy. */
export function expandRuns(packed: Uint8Array, size: number): Uint8Array {
  const out = new Uint8Array(size);
  let to = 0;
  for (let at = 0; at < packed.length; ) {
    const count = (packed[at++]! << 24) >> 24;
    const length = count < 0 ? -count : count + 1;
    if (to + length > size || at + (count < 0 ? length : 1) > packed.length) {
      throw new ExrError("its runs go beyond its end");
    }
    const end = to + length;
    // Calls for some bytes take longer than the bytes.
    if (count < 0) while (to < end) out[to++] = packed[at++]!;
    else {
      const value = packed[at++]!;
      while (to < end) out[to++] = value;
    }
  }
  if (to !== size) throw new ExrError(`its runs hold ${to} bytes instead of ${size}`);
  return out;
}
