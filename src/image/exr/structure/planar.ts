/** Reorders a block's bytes between rows of all channels (as a file holds them) and one channel after the other (as codecs want them). */
import type { Block } from "./layout.js";

/** Where each channel's samples begin when one channel follows the other, in bytes. */
export function planeStarts({ channels }: Block): readonly number[] {
  const starts: number[] = [];
  let at = 0;
  for (const { rowBytes, height } of channels) {
    starts.push(at);
    at += rowBytes * height;
  }
  return starts;
}

/** Calls back for each run of a channel's samples in a row: the channel's index, its row there, the place in the row order. */
export function eachRow(block: Block, visit: (channel: number, row: number, at: number) => void): void {
  const rows = block.channels.map(() => 0);
  let at = 0;
  for (let y = block.y; y < block.y + block.rows; y++) {
    for (let c = 0; c < block.channels.length; c++) {
      const { rowBytes, ySampling } = block.channels[c]!;
      if (ySampling > 1 && y % ySampling !== 0) continue;
      visit(c, rows[c]!++, at);
      at += rowBytes;
    }
  }
}

export function toRows(block: Block, planes: Uint8Array): Uint8Array {
  const rows = new Uint8Array(block.bytes);
  const starts = planeStarts(block);
  eachRow(block, (c, row, at) => {
    const { rowBytes } = block.channels[c]!;
    const from = starts[c]! + row * rowBytes;
    rows.set(planes.subarray(from, from + rowBytes), at);
  });
  return rows;
}

export function toPlanes(block: Block, rows: Uint8Array): Uint8Array {
  const planes = new Uint8Array(block.bytes);
  const starts = planeStarts(block);
  eachRow(block, (c, row, at) => {
    const { rowBytes } = block.channels[c]!;
    planes.set(rows.subarray(at, at + rowBytes), starts[c]! + row * rowBytes);
  });
  return planes;
}
