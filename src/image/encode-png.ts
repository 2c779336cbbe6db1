/**
 * Encodes small PNGs by Node's zlib, without filters: a call of sharp takes several times as long as all of a small one. The same
 * settings as sharp is given for large ones (`encode.ts`).
 */
import { endianness } from "node:os";
import { crc32, deflateSync } from "node:zlib";
import type { ImageShape } from "./image.js";

/** Bytes of samples up to which a PNG is encoded here; from there on libvips takes less time. */
const SMALL = 2 ** 18;

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** The color type of 1 to 4 channels. */
const COLOR_TYPES = [0, 4, 2, 6];

const LEVEL = 6;

/** The bytes of a PNG of the samples; undefined where the image is large. */
export function encodeSmallPng(shape: ImageShape, samples: Uint8Array | Uint16Array): Buffer | undefined {
  if (samples.byteLength > SMALL) return undefined;
  const { width, height, channels } = shape;
  const bytes = bigEndian(samples);
  const line = bytes.length / height;
  // Each row begins with its filter: 0, none.
  const filtered = Buffer.alloc(bytes.length + height);
  for (let row = 0; row < height; row++)
    filtered.set(bytes.subarray(row * line, (row + 1) * line), row * (line + 1) + 1);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.writeUInt8(samples.BYTES_PER_ELEMENT * 8, 8);
  header.writeUInt8(COLOR_TYPES[channels - 1]!, 9);
  const pixels = deflateSync(filtered, { level: LEVEL });
  return Buffer.concat([SIGNATURE, chunk("IHDR", header), chunk("IDAT", pixels), chunk("IEND", Buffer.of())]);
}

function bigEndian(samples: Uint8Array | Uint16Array): Uint8Array {
  if (samples instanceof Uint8Array) return samples;
  const bytes = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
  return endianness() === "LE" ? Buffer.from(bytes).swap16() : bytes;
}

/** A chunk's length, type, data, and the checksum of the latter two. */
function chunk(type: string, data: Uint8Array): Buffer {
  const bytes = Buffer.alloc(12 + data.length);
  bytes.writeUInt32BE(data.length, 0);
  bytes.write(type, 4, "latin1");
  bytes.set(data, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + data.length)), 8 + data.length);
  return bytes;
}
