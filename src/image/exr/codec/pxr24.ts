/** The codec PXR24: differences of neighbours, a byte of each significance together, zlib. Floats keep 24 bits. */
import { ExrError } from "../file.js";
import type { Block } from "../layout.js";
import { eachRow } from "../planar.js";
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
    const { type, width, rowBytes } = block.channels[c]!;
    const [stored, size] = [STORED[type], width === 0 ? 0 : rowBytes / width];
    let value = 0;
    for (let x = 0; x < width; x++) {
      let difference = 0;
      for (let byte = 0; byte < stored; byte++) difference = (difference << 8) | bytes[from + byte * width + x]!;
      value = (value + difference) | 0;
      // A float's lowest byte is not stored.
      const bits = type === "float" ? value << 8 : value;
      for (let byte = 0; byte < size; byte++) rows[at + x * size + byte] = bits >> (byte * 8);
    }
    from += stored * width;
  });
  return rows;
}
