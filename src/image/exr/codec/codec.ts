/** The codecs by name: a chunk's bytes to and from a block's rows. */
import { type Compression, ExrError } from "../structure/file.js";
import type { Block } from "../structure/layout.js";
import { unB44 } from "./b44.js";
import { unDwa } from "./dwa.js";
import { piz, unPiz } from "./piz.js";
import { unPxr24 } from "./pxr24.js";
import { unRle, unzip, zip } from "./zip.js";

type Unpack = (packed: Uint8Array, block: Block) => Uint8Array;

const UNPACK: Readonly<Partial<Record<Compression, Unpack>>> = {
  none: () => {
    throw new ExrError("its size is not that of its pixels");
  },
  rle: (packed, { bytes }) => unRle(packed, bytes),
  zips: (packed, { bytes }) => unzip(packed, bytes),
  zip: (packed, { bytes }) => unzip(packed, bytes),
  piz: unPiz,
  pxr24: unPxr24,
  b44: unB44,
  b44a: unB44,
  dwaa: unDwa,
  dwab: unDwa,
};

/** Whether files of the codec can be read. */
export function canUnpack(compression: Compression): boolean {
  return UNPACK[compression] !== undefined;
}

/** A chunk's rows. Throws an ExrError where the bytes are damaged. */
export function unpack(compression: Compression, packed: Uint8Array, block: Block): Uint8Array {
  // Every codec stores what it cannot make smaller as it is.
  if (packed.length === block.bytes) return packed;
  return UNPACK[compression]!(packed, block);
}

/** Codecs that are written; all lossless. */
export const WRITABLE = ["none", "zips", "zip", "piz"] as const satisfies readonly Compression[];
export type WritableCompression = (typeof WRITABLE)[number];

/** A chunk's bytes: the rows themselves where the codec does not make them smaller. */
export function pack(compression: WritableCompression, rows: Uint8Array, block: Block): Uint8Array {
  if (compression === "none" || rows.length === 0) return rows;
  const packed = compression === "piz" ? piz(rows, block) : zip(rows);
  return packed.length < rows.length ? packed : rows;
}
