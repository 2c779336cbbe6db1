/** Words about a file that no codec knows: what it is, and what helps. Decodes nothing. */
import type { ImageCodec, ImageFile } from "./codec.js";

/** Formats by their first bytes (latin-1), with what a user may do. */
const FOREIGN: readonly (readonly [mark: RegExp | string, words: string])[] = [
  [
    /^version https:\/\/git-lfs/,
    'this is a pointer of Git LFS, not the image itself. Run "git lfs pull" in its repository.',
  ],
  [/^%!PS/, "PostScript is a drawing, not pixels. Convert it to PNG."],
  [/^%PDF/, "PDF is a drawing, not pixels. Convert it to PNG."],
  [/^(\xef\xbb\xbf)?\s*<(\?xml[\s\S]*<svg|svg|!doctype svg)/i, "SVG is a drawing, not pixels. Convert it to PNG."],
  [/^(\xef\xbb\xbf)?\s*<(!doctype html|html)/i, "this is a web page, not an image. Download the image itself."],
  [/^....ftyp(hei[csxm]|hev[cx]|mif1|msf1)/s, "HEIC is not supported. Convert it to PNG or TIFF."],
  ["\0\0\0\x0cJXL ", "JPEG XL is not supported. Convert it to PNG or TIFF."],
  ["\xff\x0a", "JPEG XL is not supported. Convert it to PNG or TIFF."],
  ["\0\0\0\x0cjP  ", "JPEG 2000 is not supported. Convert it to PNG or TIFF."],
  ["\xff\x4f\xff\x51", "JPEG 2000 is not supported. Convert it to PNG or TIFF."],
  [/^BM.{4}\0\0\0\0/s, "BMP is not supported. Convert it to PNG."],
  [/^8BPS/, "A Photoshop document is not supported. Export it as PNG or TIFF."],
  [/^DDS /, "DDS is not supported. Convert it to PNG or TIFF."],
  [/^\xabKTX /, "KTX is not supported. Convert it to PNG or TIFF."],
  ["\0\0\x01\0", "an icon (ICO) is not supported. Convert it to PNG."],
  ["\0\0\x02\0", "a cursor (CUR) is not supported. Convert it to PNG."],
  [/^P[1-7FfGg][\s#]/, "a PNM or PFM file is not supported. Convert it to PNG or TIFF."],
  [/^FUJIFILMCCD-RAW/, "a camera's raw file is not supported. Develop it to TIFF."],
  [/^\x89HDF/, "HDF5 (NetCDF) is not supported. Convert it to GeoTIFF."],
  [/^SIMPLE {2}=/, "FITS is not supported. Convert it to a 32-bit float TIFF."],
  [/^\x93NUMPY/, "a NumPy array is not an image. Write it as a 32-bit float TIFF."],
];

/** Formats by extension, of those that have no mark, or that are known by name alone: what a listing leaves out. */
export const OTHER_EXTENSIONS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    HEIC: "heic heif hif",
    BMP: "bmp dib",
    "A Photoshop document": "psd psb",
    Targa: "tga vda vst",
    "JPEG 2000": "jp2 j2k jpx j2c",
    "JPEG XL": "jxl",
    DDS: "dds",
    KTX: "ktx ktx2",
    PNM: "ppm pgm pbm pnm pam pfm",
    "A camera's raw file": "dng cr2 cr3 nef arw raf orf rw2 pef srw",
    PCX: "pcx dcx",
    "An SGI image": "sgi rgb rgba bw",
    "A Sun raster": "ras",
    QOI: "qoi",
    "An icon": "ico cur icns",
    FITS: "fits fit",
    "RenderMan's texture": "tex",
    "An X bitmap": "xbm xpm",
    FLIC: "fli flc",
    BLP: "blp",
  }).flatMap(([name, extensions]) => extensions.split(" ").map((extension) => [`.${extension}`, name] as const)),
);

/** A sentence or two for the user. */
export function foreignImageText({ start, extension }: ImageFile, codecs: readonly ImageCodec[]): string {
  const text = start.toString("latin1");
  const known = FOREIGN.find(([mark]) => (typeof mark === "string" ? text.startsWith(mark) : mark.test(text)));
  if (known !== undefined) return known[1];
  const other = OTHER_EXTENSIONS.get(extension);
  const isRead = codecs.some(({ extensions }) => extensions.includes(extension));
  if (other !== undefined && !isRead) return `${other} is not supported. Convert it to PNG or TIFF.`;
  return `this is not an image, or its start is damaged. ${listed(codecs.map(({ name }) => name))} can be read.`;
}

function listed(names: readonly string[]): string {
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}
