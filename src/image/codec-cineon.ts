/** Reads Cineon (Kodak, version 4.5): 8, 10 and 16 bits, R, G, B or one channel, pixel by pixel. Knows not how samples are packed. */
import { damaged, type ImageCodec, type ImageFile, requireWhole, unsupported } from "./codec.js";
import { type FilmLayout, packedRowBytes, unpackRows } from "./film-samples.js";
import type { ImageHeader } from "./header.js";
import { imageOf } from "./image.js";
import { oriented } from "./orientation.js";
import { readStart } from "./start.js";

/** Values are the stored code values out of their full range (v/1023 of 10 bits), which are logarithmic. */
export const cineonCodec: ImageCodec = {
  format: "cineon",
  name: "Cineon",
  extensions: [".cin"],
  sniff: ({ start }) => /^(\x80\x2a\x5f\xd7|\xd7\x5f\x2a\x80)/.test(start.toString("latin1", 0, 4)),
  readHeader: async (file, reading) => {
    requireWhole(reading, "Cineon");
    return headerOf(file, await readCineon(file));
  },
  decode: async (file) => {
    const cineon = await readCineon(file);
    const { layout, channels, offset, padding } = cineon;
    const { width, height } = layout;
    const end = offset + (packedRowBytes(layout, channels) + padding) * height - padding;
    if (end > file.bytes) throw damaged(`its pixels end at byte ${end}, the file at ${file.bytes}`);
    const bytes = await readStart(file);
    const samples = unpackRows(bytes.subarray(offset), layout, channels, padding);
    return oriented(imageOf({ width, height, channels }, samples), cineon.orientation);
  },
};

interface Cineon {
  readonly layout: FilmLayout;
  readonly channels: number;
  readonly offset: number;
  readonly padding: number;
  /** By Exif. */
  readonly orientation: number;
}

/** Exif's numbers, by Cineon's. */
const ORIENTATIONS = [1, 4, 2, 3, 5, 6, 8, 7];
const HEADER = 712;
const CHANNEL = 28;

async function readCineon(file: ImageFile): Promise<Cineon> {
  const bytes = await readStart(file, Math.min(HEADER, file.bytes));
  if (bytes.length < HEADER) throw damaged("its header is cut short");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const littleEndian = bytes[0] === 0xd7;
  const u32 = (at: number) => view.getUint32(at, littleEndian);
  const channels = view.getUint8(193);
  if (channels !== 1 && channels !== 3) throw unsupported(`a Cineon file of ${channels} channels is`, "Write R, G, B.");
  const [bits, width, height] = [view.getUint8(198), u32(200), u32(204)];
  for (let at = 196; at < 196 + channels * CHANNEL; at += CHANNEL) {
    if (view.getUint8(at + 2) !== bits || u32(at + 4) !== width || u32(at + 8) !== height) {
      throw unsupported("a Cineon file of channels of several kinds is", "Write all channels alike.");
    }
  }
  if (width < 1 || height < 1 || width > 2 ** 30 || height > 2 ** 30) throw damaged(`its size is ${width}×${height}`);
  const [interleave, packing, sign] = [view.getUint8(680), view.getUint8(681) & 127, view.getUint8(682)];
  if (![8, 10, 16].includes(bits) || sign !== 0)
    throw unsupported(`a Cineon file of ${bits} bits is`, "Write 10 bits.");
  if (channels > 1 && interleave !== 0)
    throw unsupported("a Cineon file of separate channels is", "Write R, G, B together.");
  const sample = { kind: "uint", bits } as const;
  const padding = u32(684);
  return {
    layout: { width, height, sample, littleEndian, packing: packing === 0 ? "packed" : packing === 6 ? "low" : "high" },
    channels,
    offset: u32(4),
    padding: padding === 0xffffffff ? 0 : padding,
    orientation: ORIENTATIONS[view.getUint8(192)] ?? 1,
  };
}

function headerOf({ bytes }: ImageFile, { layout, channels, orientation }: Cineon): ImageHeader {
  const [width, height] = orientation >= 5 ? [layout.height, layout.width] : [layout.width, layout.height];
  const { sample } = layout;
  const depth = sample.bits === 8 ? 8 : sample.bits === 16 ? 16 : "float";
  return { width, height, channels, depth, alpha: false, format: "cineon", sample, bytes };
}
