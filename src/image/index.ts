/** The door `dag-cook/image`: decoding, encoding, geometry, values, sheets and plots. */

export { fromHalf, halfOf, toHalf } from "../base/half.js";
export type { ImageCodec, ImageFile, Reading } from "./codec.js";
export { IMAGE_PATTERN, OTHER_PATTERN } from "./codecs.js";
export {
  BLEND_MODES,
  type BlendMode,
  inChannels,
  layOver,
  type Placing,
  plainImage,
} from "./composite.js";
export { decodeImage, type OpenedImage, openImage, readHeader } from "./decode.js";
export { type Encoding, encodeImage, encodePng, holdsFloats, writeBytes, writeImage } from "./encode.js";
export { type ExrChoice, encodeExrImage, writeExr } from "./encode-exr.js";
export { encodeAsc, encodeHgt, encodeRaw } from "./encode-heights.js";
export {
  type Compression,
  type ExrOutput,
  type ExrWriting,
  encodeExr,
  type PixelType,
} from "./exr/index.js";
export { finiteImage, type NonFinite } from "./finite.js";
export { type Box, crop, flipHorizontal, flipVertical, type Halving, halves, rotate } from "./geometry.js";
export { type Geo, type ImageHeader, type Limits, limits, type SampleType } from "./header.js";
export { type Depth, type Image, ImageError, type ImageShape, imageOf, type Samples, valuesOf } from "./image.js";
export { imageOfPlanes, planesOf } from "./planes.js";
export { type Plot, plotSvg, type Series } from "./plot.js";
export {
  isUnit,
  mapRange,
  type OutOfRange,
  outOfRange,
  type Range,
  type RangeWatch,
  rangeValue,
  UNIT,
  watchRange,
} from "./range.js";
export type { ByteOrder, RawType } from "./raw-type.js";
export { resize } from "./resize.js";
export { contactSheet, type Sheet, type SheetRow } from "./sheet.js";
export { convertStraight } from "./straight.js";
export { openStrips, rowsOf, type Strips, stripRows } from "./strips.js";
export { renderSvg } from "./svg.js";
export { encodeFloatTiff, encodeTiff } from "./tiff.js";
export { type Adjustment, addNoise, adjust, toChannels, withoutAlpha } from "./tone.js";
export { TRANSFERS, type Transfer, transferred } from "./transfer.js";
export { type StripFormat, type StripsOf, writeStrips } from "./write-strips.js";
