/** What reads one format of image files. The table of all is in `codecs.ts`; this file knows none of them. */
import type { ImageHeader, Limits } from "./header.js";
import { type Image, ImageError } from "./image.js";
import type { ByteOrder, RawType } from "./raw-type.js";

/** How a file is read. Without `channels` and `part` it is the whole first image. */
export interface Reading extends Limits {
  /** The channels to take, by name (`R,G,B`), layer, or number from 1 (`4,3,2`). They are then none of them alpha. */
  readonly channels?: string;
  /** The part of a file of several, by name or by number from 0. */
  readonly part?: string;
  /** Size in pixels of a file that does not say it (`.raw`). */
  readonly width?: number;
  readonly height?: number;
  /** Type of its samples, and their bytes' order; unsigned 16-bit (`.r32`: 32-bit floats), little-endian. */
  readonly type?: RawType;
  readonly byteOrder?: ByteOrder;
}

/** A file to be read. */
export interface ImageFile {
  readonly path: string;
  /** Its extension in lower case, with the dot. */
  readonly extension: string;
  /** Size of the file. */
  readonly bytes: number;
  /** The first bytes, 512 at most. */
  readonly start: Buffer;
  /** All bytes of a small file that is to be decoded: read once, for its header and its pixels. Not to be changed. */
  readonly whole?: Buffer;
}

/**
 * One format. Functions reject with an ImageError whose message names no path: who calls puts it before. A header is held
 * against `reading.pixels` by the caller; a codec allocates nothing that a header of more pixels would ask for.
 */
export interface ImageCodec {
  /** `ImageHeader.format`. */
  readonly format: string;
  /** As the field writes it: `OpenEXR`. */
  readonly name: string;
  /** In lower case, with dots; files of these names count as images. */
  readonly extensions: readonly string[];
  /** Whether the file is of this format: by its first bytes, or, where a format has no mark, by its name. */
  sniff(file: ImageFile): boolean;
  /** Reads what the file says of itself, no pixels. */
  readHeader(file: ImageFile, reading: Reading): Promise<ImageHeader>;
  /** Decodes. `header`: what `readHeader` of this codec returned for the same file and reading. */
  decode(file: ImageFile, header: ImageHeader, reading: Reading): Promise<Image>;
  /** What decodes any rows of the image alone; without it, or where it resolves to undefined, an image is decoded as a whole. */
  rows?(file: ImageFile, header: ImageHeader, reading: Reading): Promise<ReadRows | undefined>;
}

/** Decodes `count` rows of an image, from `top` on. */
export type ReadRows = (top: number, count: number) => Promise<Image>;

/** A file of a format that is read whose contents are broken. */
export function damaged(reason: string, cause?: unknown): ImageError {
  return new ImageError(`the image is damaged or cut short (${reason}).`, { cause });
}

/** A sound file of a kind that is not read. `what`: a sentence's object; `fix`: an imperative sentence. */
export function unsupported(what: string, fix: string): ImageError {
  return new ImageError(`${what} not supported. ${fix}`);
}

/** Throws where channels or a part are chosen of a file that has no choice of them. */
export function requireWhole({ channels, part }: Reading, name: string): void {
  if (channels === undefined && part === undefined) return;
  throw new ImageError(
    `"channels" and "part" choose from OpenEXR and TIFF files; this is a file of another format (${name}).`,
  );
}
