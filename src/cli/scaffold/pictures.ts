/** The small pictures that a new project begins with: drawn by formula, written as 8-bit RGB PNGs. Knows no project. */
import { crc32, deflateSync } from "node:zlib";

const SIDE = 64;

/** By file name: PNGs of 64×64. */
export function pictures(): ReadonlyMap<string, Uint8Array> {
  const drawn: Readonly<Record<string, (x: number, y: number) => readonly [number, number, number]>> = {
    "rings.png": (x, y) => {
      const wave = 0.5 + 0.5 * Math.sin(Math.hypot(x - 0.5, y - 0.5) * 40);
      return [wave, wave * 0.7, 0.3];
    },
    "slope.png": (x, y) => [x * 0.6, y * 0.6, (1 - x) * 0.6],
    "tiles.png": (x, y) => ((Math.floor(x * 8) + Math.floor(y * 8)) % 2 === 0 ? [0.1, 0.25, 0.4] : [0.5, 0.45, 0.35]),
  };
  return new Map(Object.entries(drawn).map(([name, colour]) => [name, png(colour)]));
}

/** A PNG of a colour per place; x, y and channels in 0..1. */
function png(colour: (x: number, y: number) => readonly [number, number, number]): Uint8Array {
  const row = 1 + SIDE * 3; // a filter byte (0: none), then RGB
  const raw = Buffer.alloc(SIDE * row);
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      colour(x / SIDE, y / SIDE).forEach((value, channel) => {
        raw[y * row + 1 + x * 3 + channel] = Math.round(value * 255);
      });
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(SIDE, 0);
  header.writeUInt32BE(SIDE, 4);
  header.set([8, 2, 0, 0, 0], 8); // 8 bits, RGB
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(raw)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}
