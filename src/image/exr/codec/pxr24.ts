/** The codec PXR24: differences of neighbours, a byte of each significance together, zlib. Floats keep 24 bits. */
import { ExrError } from "../structure/file.js";
import type { Block } from "../structure/layout.js";
import { eachRow } from "../structure/planar.js";
import { inflatedUpTo } from "./zip.js";

/** How many bytes of a sample are stored. */
const STORED = { uint: 4, half: 2, float: 3 } as const;

export function unPxr24(packed: Uint8Array, block: Block): Uint8Array {
  const size = block.channels.reduce((sum, { type, width, height }) => sum + STORED[type] * width * height, 0);
  const bytes = inflatedUpTo(packed, size);
  if (bytes.length !== size) throw new ExrError(`it holds ${bytes.length} bytes instead of ${size}`);
  const rows = new Uint8Array(block.bytes);
  let from = 0;
  eachRow(block, (c, _row, at) => {
    const { type, width } = block.channels[c]!;
    let value = 0;
    if (type === "half") {
      for (let x = 0, to = at; x < width; x++, to += 2) {
        value = (value + ((bytes[from + x]! << 8) | bytes[from + width + x]!)) | 0;
        rows[to] = value;
        rows[to + 1] = value >> 8;
      }
    } else if (type === "float") {
      // A float's lowest byte is not stored.
      for (let x = 0, to = at; x < width; x++, to += 4) {
        const upper = (bytes[from + x]! << 16) | (bytes[from + width + x]! << 8);
        value = (value + (upper | bytes[from + 2 * width + x]!)) | 0;
        rows[to + 1] = value;
        rows[to + 2] = value >> 8;
        rows[to + 3] = value >> 16;
      }
    } else {
      for (let x = 0, to = at; x < width; x++, to += 4) {
        const upper = (bytes[from + x]! << 24) | (bytes[from + width + x]! << 16);
        value = (value + (upper | (bytes[from + 2 * width + x]! << 8) | bytes[from + 3 * width + x]!)) | 0;
        rows[to] = value;
        rows[to + 1] = value >> 8;
        rows[to + 2] = value >> 16;
        rows[to + 3] = value >> 24;
      }
    }
    from += STORED[type] * width;
  });
  return rows;
}
