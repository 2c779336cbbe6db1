/** Reads DPX (SMPTE 268M), versions 1 and 2, of both byte orders. Knows not how samples are packed. */
import { damaged, type ImageCodec, type ImageFile, requireWhole, unsupported } from "./codec.js";
import { type Packing, packedRowBytes, unpackRows } from "./film-samples.js";
import type { ImageHeader, SampleType } from "./header.js";
import { type Image, imageOf } from "./image.js";
import { oriented } from "./orientation.js";
import { readStart } from "./start.js";

/** Values are the stored code values out of their full range (v/255, v/1023, v/4095, v/65535): logarithmic ones stay so. */
export const dpxCodec: ImageCodec = {
  format: "dpx",
  name: "DPX",
  extensions: [".dpx"],
  sniff: ({ start }) => /^(SDPX|XPDS)/.test(start.toString("latin1", 0, 4)),
  readHeader: async (file, reading) => {
    requireWhole(reading, "DPX");
    return headerOf(file, await readDpx(file));
  },
  decode: async (file) => decode(file, await readDpx(file)),
};

/** One of the planes, or all colors, of the image. */
interface Element {
  /** Of its samples, in the image's order: which channel each is. */
  readonly channels: readonly number[];
  readonly offset: number;
  /** Bytes after each row. */
  readonly padding: number;
}

interface Dpx {
  readonly width: number;
  readonly height: number;
  /** By Exif. */
  readonly orientation: number;
  readonly littleEndian: boolean;
  readonly sample: SampleType;
  readonly packing: Packing;
  readonly elements: readonly Element[];
  readonly channels: number;
  readonly alpha: boolean;
}

/** What an element's descriptor holds: the places of its samples in R, G, B, A, or L. */
const DESCRIPTORS: Readonly<Record<number, string>> = {
  1: "R",
  2: "G",
  3: "B",
  4: "A",
  6: "L",
  8: "L",
  50: "RGB",
  51: "RGBA",
  52: "ABGR",
};

/** Exif's numbers, by DPX's. */
const ORIENTATIONS = [1, 2, 4, 3, 5, 6, 8, 7];

const HEADER = 2048;
const ELEMENTS = 780;
const ELEMENT = 72;

async function readDpx(file: ImageFile): Promise<Dpx> {
  const bytes = await readStart(file, Math.min(HEADER, file.bytes));
  if (bytes.length < ELEMENTS + ELEMENT) throw damaged("its header is cut short");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const littleEndian = bytes.toString("latin1", 0, 4) === "XPDS";
  const u16 = (at: number) => view.getUint16(at, littleEndian);
  const u32 = (at: number) => view.getUint32(at, littleEndian);
  const [count, width, height] = [u16(770), u32(772), u32(776)];
  if (count < 1 || count > 8 || width < 1 || height < 1) throw damaged(`it says ${count} elements, ${width}×${height}`);
  const places = Array.from({ length: count }, (_, index) => ELEMENTS + index * ELEMENT);
  const names = places.map((at) => namesOf(view.getUint8(at + 20)));
  const order = names.join("").includes("R") ? "RGBA" : "LA";
  const present = [...order].filter((name) => names.join("").includes(name));
  if (names.join("").length !== present.length)
    throw unsupported(`a DPX of ${names.join(" and ")} is`, "Write R, G, B.");
  const kinds = new Set(places.map((at) => `${u32(at)} ${view.getUint8(at + 23)} ${u16(at + 24)} ${u16(at + 26)}`));
  if (kinds.size > 1) throw unsupported("a DPX of elements of several kinds is", "Write all channels with one depth.");
  const [first] = places as [number];
  if (u16(first + 26) === 1) throw unsupported("a DPX in runs (RLE) is", "Write it without compression.");
  return {
    ...{ width, height, littleEndian },
    orientation: ORIENTATIONS[u16(768)] ?? 1,
    sample: sampleOf(view.getUint8(first + 23), u32(first)),
    packing: (["packed", "high", "low"] as const)[u16(first + 24)] ?? "packed",
    elements: places.map((at, index): Element => {
      const padding = u32(at + 32);
      const channels = [...names[index]!].map((name) => present.indexOf(name));
      const offset = u32(at + 28);
      // An offset that is not set is that of the whole image.
      return {
        channels,
        offset: offset === 0 || offset === 0xffffffff ? u32(4) : offset,
        padding: padding === 0xffffffff ? 0 : padding,
      };
    }),
    channels: present.length,
    alpha: present.length > 1 && present.at(-1) === "A",
  };
}

function namesOf(descriptor: number): string {
  const names = DESCRIPTORS[descriptor];
  if (names !== undefined) return names;
  const what = descriptor >= 100 && descriptor <= 103 ? "Y'CbCr" : `kind ${descriptor}`;
  throw unsupported(`a DPX whose pixels are ${what} is`, "Convert it to R, G, B.");
}

function sampleOf(bits: number, sign: number): SampleType {
  if (bits === 32) return { kind: "float", bits };
  if ([8, 10, 12, 16].includes(bits) && sign === 0) return { kind: "uint", bits };
  const what = sign === 0 ? `${bits} bits` : `${bits} bits with a sign`;
  throw unsupported(`a DPX of ${what} is`, "Write 8, 10, 12 or 16 bits, or 32-bit floats.");
}

function headerOf({ bytes }: ImageFile, dpx: Dpx): ImageHeader {
  const { sample, channels, alpha, orientation } = dpx;
  const [width, height] = orientation >= 5 ? [dpx.height, dpx.width] : [dpx.width, dpx.height];
  const depth = sample.bits === 8 ? 8 : sample.bits === 16 ? 16 : "float";
  return { width, height, channels, depth, alpha, format: "dpx", sample, bytes };
}

async function decode(file: ImageFile, dpx: Dpx): Promise<Image> {
  const { width, height, channels, alpha, sample, packing, littleEndian } = dpx;
  const layout = { width, height, sample, packing, littleEndian };
  for (const { offset, channels: own, padding } of dpx.elements) {
    const end = offset + (packedRowBytes(layout, own.length) + padding) * height - padding;
    if (end > file.bytes) throw damaged(`its pixels end at byte ${end}, the file at ${file.bytes}`);
  }
  const bytes = await readStart(file);
  const Type = sample.bits === 8 ? Uint8Array : sample.bits === 16 ? Uint16Array : Float32Array;
  const samples = new Type(width * height * channels);
  for (const { offset, channels: own, padding } of dpx.elements) {
    const stored = unpackRows(bytes.subarray(offset), layout, own.length, padding);
    for (let at = 0, pixel = 0; at < stored.length; pixel += channels) {
      for (let c = 0; c < own.length; c++) samples[pixel + own[c]!] = stored[at++]!;
    }
  }
  return oriented(imageOf({ width, height, channels }, samples, undefined, alpha), dpx.orientation);
}
