/** Unpacks the samples of DPX and Cineon: 8 to 16 bits, floats, in 32-bit words. Knows no headers. */
import type { SampleType } from "./header.js";

/** How 10 and 12 bits lie in words: without gaps, or with the bits that are left over at the low or (`low`) the high end. */
export type Packing = "packed" | "high" | "low";

export interface FilmLayout {
  readonly width: number;
  readonly height: number;
  readonly sample: SampleType;
  readonly packing: Packing;
  readonly littleEndian: boolean;
}

/** Bytes of a row of `count` samples a pixel. */
export function packedRowBytes({ width, sample: { bits }, packing }: FilmLayout, count: number): number {
  const samples = width * count;
  if (bits === 10 && packing !== "packed") return Math.ceil(samples / 3) * 4;
  if (bits === 12 && packing !== "packed") return samples * 2;
  if (bits === 10 || bits === 12) return Math.ceil((samples * bits) / 32) * 4;
  return (samples * bits) / 8;
}

/** Samples in rows. 8 and 16 bits as they are; 10 and 12 bits out of their full range, 0..1; floats as they are. */
export function unpackRows(
  bytes: Uint8Array,
  layout: FilmLayout,
  count: number,
  padding: number,
): Uint8Array | Uint16Array | Float32Array {
  const { width, height, sample } = layout;
  const Type = sample.bits === 8 ? Uint8Array : sample.bits === 16 ? Uint16Array : Float32Array;
  const samples = new Type(width * height * count);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const read = readerOf(view, layout);
  const rowBytes = packedRowBytes(layout, count);
  for (let y = 0, to = 0; y < height; y++) {
    const start = y * (rowBytes + padding);
    for (let index = 0; index < width * count; index++) samples[to++] = read(start, index);
  }
  return samples;
}

/** Reads the sample of an index in the row that begins at a byte. */
function readerOf(view: DataView, { sample: { bits }, packing, littleEndian }: FilmLayout) {
  const full = 2 ** bits - 1;
  if (bits === 8) return (start: number, index: number) => view.getUint8(start + index);
  if (bits === 16) return (start: number, index: number) => view.getUint16(start + index * 2, littleEndian);
  if (bits === 32) return (start: number, index: number) => view.getFloat32(start + index * 4, littleEndian);
  if (packing === "packed") {
    // From the lowest bit of a word on; a sample may begin in one word and end in the next.
    return (start: number, index: number) => {
      const bit = index * bits;
      const at = start + (bit >> 5) * 4;
      const shift = bit & 31;
      const low = view.getUint32(at, littleEndian) >>> shift;
      const more = shift + bits > 32 ? view.getUint32(at + 4, littleEndian) * 2 ** (32 - shift) : 0;
      return ((low + more) % 2 ** bits) / full;
    };
  }
  if (bits === 12) {
    const shift = packing === "high" ? 4 : 0;
    return (start: number, index: number) => ((view.getUint16(start + index * 2, littleEndian) >> shift) & 4095) / full;
  }
  // Three in a word, the first in the highest bits.
  const shift = packing === "high" ? 2 : 0;
  return (start: number, index: number) => {
    const word = view.getUint32(start + Math.floor(index / 3) * 4, littleEndian);
    return ((word >>> ((2 - (index % 3)) * 10 + shift)) & 1023) / full;
  };
}
