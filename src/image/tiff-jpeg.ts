/** Strips and tiles of a TIFF that are JPEG or WebP files of their own, decoded by sharp. Knows no tags. */
import { damaged, unsupported } from "./codec.js";
import { loadSharp } from "./sharp.js";
import type { BlockShape } from "./tiff-layout.js";

/** A JPEG stream with its tables put before it, and a mark that says whether its colors are YCbCr. */
export async function decodeJpegBlock(
  packed: Buffer,
  tables: Buffer | undefined,
  photometric: number,
  shape: BlockShape,
): Promise<Uint8Array> {
  if (shape.samples !== 1 && shape.samples !== 3)
    throw unsupported(`JPEG compression of ${shape.samples} samples is`, "Write the TIFF again with LZW or Deflate.");
  // Adobe's segment: its last byte is 1 for YCbCr, 0 for what the components are.
  const transform = photometric === 6 ? 1 : 0;
  const adobe = Buffer.from([0xff, 0xee, 0, 14, 0x41, 0x64, 0x6f, 0x62, 0x65, 0, 100, 0, 0, 0, 0, transform]);
  const head = tables === undefined ? Buffer.of() : tables.subarray(2, tables.length - 2);
  const mark = shape.samples === 3 ? adobe : Buffer.of();
  return decodeBlock(Buffer.concat([Buffer.from([0xff, 0xd8]), mark, head, packed.subarray(2)]), shape);
}

/** A WebP file. */
export function decodeWebpBlock(packed: Buffer, shape: BlockShape): Promise<Uint8Array> {
  return decodeBlock(packed, shape);
}

async function decodeBlock(file: Buffer, shape: BlockShape): Promise<Uint8Array> {
  const sharp = await loadSharp();
  const source = sharp(file, { failOn: "error", ignoreIcc: true, autoOrient: false, limitInputPixels: 2 ** 28 });
  const space = shape.samples === 1 ? source.toColourspace("b-w") : source;
  const { data, info } = await space
    .raw({ depth: "uchar" })
    .toBuffer({ resolveWithObject: true })
    .catch((cause: Error) => {
      throw damaged(`${cause.message.split("\n")[0]}`, cause);
    });
  if (info.channels !== shape.samples || info.width !== shape.width || info.height > shape.height)
    throw damaged(`a block is of ${info.width}×${info.height}, ${info.channels} samples`);
  return data;
}
