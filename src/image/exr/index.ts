/** OpenEXR from bytes to samples and back; the door of this folder. Knows no files and no images. */

export type { WritableCompression } from "./codec/codec.js";
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
} from "./file.js";
export { isExr, readExrHeader } from "./header.js";
export { type ExrPlane, readPlanes } from "./read.js";
export { chooseChannels, choosePart, isAlpha } from "./select.js";
export { type ExrOutput, type ExrWriting, encodeExr } from "./write.js";
