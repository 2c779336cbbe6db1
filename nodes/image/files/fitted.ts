/** Images of one size made to another: how they fit, where they lie. Knows no files. */
import type { ParamSchemas } from "dag-cook";
import type { Box, Image } from "dag-cook/image";

export const FITS = ["inside", "contain", "cover", "stretch"] as const;

/** How an image comes to a size. */
export interface Fitting {
  readonly width: number | null;
  readonly height: number | null;
  readonly fit: (typeof FITS)[number];
  readonly background: string;
}

export const FITTING = {
  width: { type: ["integer", "null"], minimum: 1, maximum: 65535, default: null, description: "Width in pixels." },
  height: { type: ["integer", "null"], minimum: 1, maximum: 65535, default: null, description: "Height in pixels." },
  fit: {
    type: "string",
    enum: FITS,
    default: "inside",
    description:
      "With both sides given: the largest that lies inside (one side is shorter), the same with `background` around it, cut to fill, or stretched. With one side given the aspect is kept.",
  },
} as const satisfies ParamSchemas;

export const BACKGROUND = {
  type: "string",
  pattern: "^#([0-9a-fA-F]{3}|[0-9a-fA-F]{6}([0-9a-fA-F]{2})?)$",
  template: false,
} as const;

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** The size that the whole image comes to in a fitting; undefined where it is cut, or has a background around it. */
export function wholeSize(image: Size, { width, height, fit }: Fitting): Size | undefined {
  const scaled = scaledSize(image, { width, height, fit });
  if (width === null || height === null || fit === "inside") return scaled;
  const isWhole = fit === "stretch" || (scaled.width === width && scaled.height === height);
  return isWhole && (fit !== "cover" || image.width * height === image.height * width) ? { width, height } : undefined;
}

/** The size with the aspect kept, or as close to it as whole pixels come; that of `stretch` is the given one. */
function scaledSize(image: Size, { width, height, fit }: Pick<Fitting, "width" | "height" | "fit">): Size {
  if (width === null && height === null) return image;
  const scale = scaleOf(image, width, height, fit);
  const side = (length: number) => Math.max(1, Math.round(length * scale));
  const free = width === null || height === null || fit === "stretch";
  if (free) return { width: width ?? side(image.width), height: height ?? side(image.height) };
  return { width: side(image.width), height: side(image.height) };
}

function scaleOf(image: Size, width: number | null, height: number | null, fit: Fitting["fit"]): number {
  const [across, down] = [(width ?? Infinity) / image.width, (height ?? Infinity) / image.height];
  const covers = fit === "cover" && width !== null && height !== null;
  return covers ? Math.max(across, down) : Math.min(across, down);
}

/** An image of which rows can be had. */
export interface Rows extends Pick<Image, "width" | "height" | "channels" | "alpha" | "depth"> {
  rows(top: number, count: number): Promise<Image>;
}

/** The size of the result. Rejects with an ImageError where it would be above the limit. */
export async function fittedSize(image: Size, fitting: Fitting): Promise<Size> {
  const scaled = scaledSize(image, fitting);
  const isFree = fitting.width === null || fitting.height === null || fitting.fit === "inside";
  const size = isFree ? scaled : { width: fitting.width!, height: fitting.height! };
  await holdPixels(size.width, size.height);
  return size;
}

/** An image in memory at the size. Rejects with an ImageError where the result would be above the limit. */
export async function fitted(image: Image, fitting: Fitting): Promise<Image> {
  const { rowsOf } = await import("dag-cook/image");
  const rows = async (top: number, count: number) => rowsOf(image, top, count);
  return fittedRows({ ...image, rows }, fitting, 0, (await fittedSize(image, fitting)).height);
}

/** Rows of the image at the size: `count` from `top` on. */
export async function fittedRows(source: Rows, fitting: Fitting, top: number, count: number): Promise<Image> {
  const { width, height, fit } = fitting;
  const size = scaledSize(source, fitting);
  const whole = { x: 0, y: 0, width: source.width, height: source.height };
  if (width === null || height === null || fit === "stretch" || fit === "inside")
    return scaledRows(source, size, whole, top, count);
  if (fit === "contain") return containedRows(source, { ...fitting, width, height }, size, top, count);
  const scale = scaleOf(source, width, height, fit);
  const box = { width: width / scale, height: height / scale };
  const [x, y] = [(source.width - box.width) / 2, (source.height - box.height) / 2];
  return scaledRows(source, { width, height }, { x: Math.max(0, x), y: Math.max(0, y), ...box }, top, count);
}

/** Rows of what a box of the image becomes at a size: of the image those are read that the filter sees. */
async function scaledRows(source: Rows, size: Size, box: Box, top: number, count: number): Promise<Image> {
  const isSame = size.width === source.width && size.height === source.height;
  if (isSame && box.width === size.width && box.height === size.height) return source.rows(top, count);
  const { resize } = await import("dag-cook/image");
  const scale = box.height / size.height;
  const [from, to] = [box.y + top * scale, box.y + (top + count) * scale];
  const reach = Math.max(1, scale);
  const first = Math.max(0, Math.floor(from - reach));
  const end = Math.min(source.height, Math.ceil(to + reach));
  const image = await source.rows(first, end - first);
  return resize(image, size.width, count, { x: box.x, y: from - first, width: box.width, height: to - from });
}

/** Rows of a canvas with the scaled image in its middle. */
async function containedRows(
  source: Rows,
  { width, height, background }: Fitting & Size,
  size: Size,
  top: number,
  count: number,
): Promise<Image> {
  const { inChannels, layOver, plainImage } = await import("dag-cook/image");
  const plain = plainImage(width, count, background, source.depth);
  const colors = source.channels <= 2 && isGray(background) ? 1 : 3;
  const canvas = inChannels(plain, colors, plain.alpha || source.alpha);
  const [x, y] = [half(width - size.width), half(height - size.height)];
  const [first, end] = [Math.max(top, y), Math.min(top + count, y + size.height)];
  if (end <= first) return canvas;
  const whole = { x: 0, y: 0, width: source.width, height: source.height };
  layOver(canvas, await scaledRows(source, size, whole, first - y, end - first), { x, y: first - top });
  return canvas;
}

function half(length: number): number {
  return Math.floor(length / 2);
}

function isGray(color: string): boolean {
  return /^#(?:(.)\1\1|(..)\2\2(?:..)?)$/.test(color);
}

/** Rejects with an ImageError where an image would have more pixels than may be read again. */
export async function holdPixels(width: number, height: number): Promise<void> {
  const { limits, ImageError } = await import("dag-cook/image");
  const { pixels } = limits();
  if (width * height <= pixels) return;
  const advice = "The variable DAG_MAX_PIXELS raises it.";
  throw new ImageError(`An image of ${width}×${height} pixels is above the limit of ${pixels}. ${advice}`);
}
