/** OpenEXR from bytes to samples and back; the door of this folder. Knows no files and no images. */

export type { WritableCompression } from "./codec/codec.js";
export { isExr, readExrHeader } from "./header.js";
export { type ExrBytes, type ExrPlane, type ExrRows, readPlanes, readSamples } from "./read.js";
export { chooseChannels, choosePart, isAlpha } from "./select.js";
export {
  type Compression,
  type ExrChannel,
  ExrCutShort,
  ExrError,
  type ExrHeader,
  type ExrPart,
  heightOf,
  type PixelType,
  widthOf,
} from "./structure/file.js";
export {
  type ExrOutput,
  type ExrWriting,
  encodeExr,
  exrTable,
  openExr,
} from "./write.js";
