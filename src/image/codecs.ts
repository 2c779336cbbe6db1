/** The formats that are read, in the order in which they are asked. A new one is one file and one line here. */
import type { ImageCodec } from "./codec.js";
import { ascCodec } from "./codec-asc.js";
import { cineonCodec } from "./codec-cineon.js";
import { dpxCodec } from "./codec-dpx.js";
import { exrCodec } from "./codec-exr.js";
import { hdrCodec } from "./codec-hdr.js";
import { hgtCodec } from "./codec-hgt.js";
import { rawCodec } from "./codec-raw.js";
import { sharpCodecs } from "./codec-sharp.js";
import { tiffCodec } from "./codec-tiff.js";
import { OTHER_EXTENSIONS } from "./foreign.js";

export const CODECS: readonly ImageCodec[] = [
  ...sharpCodecs,
  tiffCodec,
  exrCodec,
  hdrCodec,
  dpxCodec,
  cineonCodec,
  ascCodec,
  hgtCodec,
  rawCodec,
];

/** Extensions of all image files that can be read, in lower case, with dots. */
export const IMAGE_EXTENSIONS: readonly string[] = [...new Set(CODECS.flatMap(({ extensions }) => extensions))];

/** A glob of all image files that can be read; globs of images tell no capitals apart. */
export const IMAGE_PATTERN = globOf(IMAGE_EXTENSIONS);

/** A glob of files that look like images and cannot be read. */
export const OTHER_PATTERN = globOf([...OTHER_EXTENSIONS.keys()].filter((one) => !IMAGE_EXTENSIONS.includes(one)));

function globOf(extensions: readonly string[]): string {
  return `*.{${extensions.map((extension) => extension.slice(1)).join(",")}}`;
}
