/**
 * TFRecord, the framing of TensorBoard's event files: length, checksum of the length, data, checksum of the data. It knows
 * nothing of what is in a record. The format is the one of TensorFlow's `core/lib/io/record_writer.h`.
 */

/** Records of a file. */
export interface Records {
  /** Views of the file's bytes. */
  readonly whole: readonly Uint8Array[];
  /** Bytes up to the last whole record; what is behind it is a record that was being written. */
  readonly length: number;
}

/** Length (8 bytes) and its checksum (4) before the data. */
const HEAD = 12;
/** The data's checksum. */
const FOOT = 4;

/** A record with this data. */
export function recordOf(data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(HEAD + data.length + FOOT);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, maskedCrc(bytes.subarray(0, 8)), true);
  bytes.set(data, HEAD);
  view.setUint32(HEAD + data.length, maskedCrc(data), true);
  return bytes;
}

/** The records of a file. Throws an Error with the place where a checksum does not hold. */
export function recordsOf(bytes: Uint8Array): Records {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const whole: Uint8Array[] = [];
  let at = 0;
  while (at + HEAD <= bytes.length) {
    const length = view.getBigUint64(at, true);
    if (view.getUint32(at + 8, true) !== maskedCrc(bytes.subarray(at, at + 8))) throw damaged(whole.length, at);
    // Compared as integers of any size: the length may be anything.
    if (length > BigInt(bytes.length - at - HEAD - FOOT)) break;
    const end = at + HEAD + Number(length);
    const data = bytes.subarray(at + HEAD, end);
    if (view.getUint32(end, true) !== maskedCrc(data)) throw damaged(whole.length, at);
    whole.push(data);
    at = end + FOOT;
  }
  return { whole, length: at };
}

function damaged(record: number, at: number): Error {
  return new Error(`record ${record + 1} at byte ${at} is damaged: its checksum does not hold`);
}

/** The checksum as records hold it, so that data which hold checksums themselves do no harm. */
function maskedCrc(data: Uint8Array): number {
  const crc = crc32c(data);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/** CRC-32C (Castagnoli; RFC 3720, appendix B.4). */
export function crc32c(data: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of data) crc = TABLE[(crc ^ byte) & 0xff]! ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** The checksum's remainder of each byte; the polynomial with its bits reversed. */
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) remainder = (remainder >>> 1) ^ (remainder & 1 ? 0x82f63b78 : 0);
  return remainder;
});
