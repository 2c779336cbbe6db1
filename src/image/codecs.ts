/** The formats that are read, in the order in which they are asked. A new one is one file and one line here. */
import type { Codec } from "./codec.js";
import { sharpCodecs } from "./codec-sharp.js";

export const CODECS: readonly Codec[] = [...sharpCodecs];

/** Extensions of all image files that can be read, in lower case, with dots. */
export const IMAGE_EXTENSIONS: readonly string[] = [...new Set(CODECS.flatMap(({ extensions }) => extensions))];

/** A glob of all image files that can be read; globs of images tell no capitals apart. */
export const IMAGE_PATTERN = `*.{${IMAGE_EXTENSIONS.map((extension) => extension.slice(1)).join(",")}}`;
