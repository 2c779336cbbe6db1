/** Reads the headers of an OpenEXR file's parts. Decodes no pixels, and allocates nothing that the file's size does not cover. */
import {
  COMPRESSIONS,
  type ExrChannel,
  ExrError,
  type ExrHeader,
  type ExrPart,
  heightOf,
  PIXEL_TYPES,
  type Tiles,
  type Window,
  widthOf,
} from "./structure/file.js";
import { Reader } from "./structure/reader.js";

const MAGIC = 20000630;
const TILED = 0x200;
const DEEP = 0x800;
const MULTIPART = 0x1000;

/** Coordinates beyond this are damage: widths and heights stay exact, and far from 32 bits. */
const FARTHEST = 2 ** 30;

/** Channels and parts beyond these numbers are damage or malice. */
const MOST_CHANNELS = 4096;
const MOST_PARTS = 4096;

/** Whether the bytes begin as an OpenEXR file does. */
export function isExr(bytes: Uint8Array): boolean {
  return bytes[0] === 0x76 && bytes[1] === 0x2f && bytes[2] === 0x31 && bytes[3] === 0x01;
}

/**
 * Reads the header from a file's first bytes. Throws an ExrCutShort where they end before the header does (more of the
 * file may help), an ExrError where the header is damaged or of an unknown version.
 */
export function readExrHeader(bytes: Uint8Array): ExrHeader {
  const reader = new Reader(bytes);
  if (reader.u32("its first bytes") !== MAGIC) throw new ExrError("this is not an OpenEXR file.");
  const version = reader.u32("its version");
  if ((version & 0xff) > 2) throw new ExrError(`version ${version & 0xff} of OpenEXR cannot be read, only 1 and 2.`);
  const multipart = (version & MULTIPART) !== 0;
  const parts: ExrPart[] = [];
  for (;;) {
    const attributes = readAttributes(reader);
    if (attributes.size === 0) break;
    parts.push(partOf(attributes, version));
    if (!multipart) break;
    if (parts.length > MOST_PARTS) throw new ExrError(`its header is damaged: it has more than ${MOST_PARTS} parts.`);
  }
  if (parts.length === 0) throw new ExrError("its header is damaged: it has no part.");
  return { parts, multipart, tablesAt: reader.at };
}

interface Attribute {
  readonly type: string;
  readonly value: Uint8Array;
}

/** Up to the empty name that ends a header. */
function readAttributes(reader: Reader): ReadonlyMap<string, Attribute> {
  const attributes = new Map<string, Attribute>();
  for (;;) {
    const name = reader.text("the name of an attribute");
    if (name === "") return attributes;
    const type = reader.text(`the type of the attribute "${name}"`);
    const size = reader.i32(`the attribute "${name}"`);
    if (size < 0) throw new ExrError(`its header is damaged: the attribute "${name}" has ${size} bytes.`);
    attributes.set(name, { type, value: reader.take(size, `the attribute "${name}" of ${size} bytes`) });
  }
}

function partOf(attributes: ReadonlyMap<string, Attribute>, version: number): ExrPart {
  const value = (name: string, size: number): Reader => {
    const found = attributes.get(name);
    if (found === undefined) throw new ExrError(`its header is damaged: the attribute "${name}" is missing.`);
    if (found.value.length < size) throw new ExrError(`its header is damaged: the attribute "${name}" is too short.`);
    return new Reader(found.value);
  };
  const text = (name: string) => {
    const found = attributes.get(name);
    return found === undefined ? undefined : Buffer.from(found.value).toString("utf8").replace(/\0.*$/s, "");
  };
  const type = text("type");
  const code = value("compression", 1).u8("compression");
  const compression = COMPRESSIONS[code];
  if (compression === undefined)
    throw new ExrError(`its compression, number ${code}, is not known. Write it with ZIP.`);
  // A file of one part goes by its version's flags, whatever its type says; of several parts, each has a type.
  const deep = (version & MULTIPART) === 0 ? (version & DEEP) !== 0 : (type?.startsWith("deep") ?? false);
  const tiled = (version & MULTIPART) === 0 ? (version & TILED) !== 0 : type?.endsWith("tile") || type === "tiledimage";
  return {
    name: text("name"),
    deep,
    compression: compression[0],
    channels: readChannels(value("channels", 1)),
    dataWindow: readWindow("dataWindow", value("dataWindow", 16)),
    displayWindow: readWindow("displayWindow", value("displayWindow", 16)),
    tiles: tiled ? readTiles(value("tiles", 9)) : undefined,
    chunkCount: attributes.has("chunkCount") ? value("chunkCount", 4).i32("chunkCount") : undefined,
  };
}

function readChannels(reader: Reader): readonly ExrChannel[] {
  const channels: ExrChannel[] = [];
  for (;;) {
    const name = reader.text("the name of a channel");
    if (name === "") break;
    const type = PIXEL_TYPES[reader.i32(`channel "${name}"`)];
    const linear = reader.u8(`channel "${name}"`) !== 0;
    reader.take(3, `channel "${name}"`);
    const [xSampling, ySampling] = [reader.i32(`channel "${name}"`), reader.i32(`channel "${name}"`)];
    if (type === undefined || xSampling < 1 || ySampling < 1 || xSampling > FARTHEST || ySampling > FARTHEST) {
      throw new ExrError(`its header is damaged: channel "${name}" has an unknown type or sampling.`);
    }
    channels.push({ name, type, xSampling, ySampling, linear });
    if (channels.length > MOST_CHANNELS) throw new ExrError(`it has more than ${MOST_CHANNELS} channels.`);
  }
  if (channels.length === 0) throw new ExrError("it has no channels.");
  if (new Set(channels.map(({ name }) => name)).size < channels.length) {
    throw new ExrError("its header is damaged: two channels have one name.");
  }
  return channels;
}

function readWindow(name: string, reader: Reader): Window {
  const [xMin, yMin, xMax, yMax] = [reader.i32(name), reader.i32(name), reader.i32(name), reader.i32(name)];
  const window = { xMin, yMin, xMax, yMax };
  const far = Math.max(...[xMin, yMin, xMax, yMax].map(Math.abs)) > FARTHEST;
  if (far || (name === "dataWindow" && (widthOf(window) < 1 || heightOf(window) < 1))) {
    throw new ExrError(`its header is damaged: its ${name} is ${xMin},${yMin} to ${xMax},${yMax}.`);
  }
  return window;
}

function readTiles(reader: Reader): Tiles {
  const [width, height, mode] = [reader.u32("tiles"), reader.u32("tiles"), reader.u8("tiles")];
  const levels = (["one", "mip", "rip"] as const)[mode & 15];
  if (levels === undefined || width < 1 || height < 1 || width > FARTHEST || height > FARTHEST) {
    throw new ExrError(`its header is damaged: its tiles are ${width}×${height}, of level mode ${mode & 15}.`);
  }
  return { width, height, levels };
}
