/** Images of one size made to another: how they fit, where they lie. Knows no files. */
import type { ParamSchemas } from "dag-cook";
import type { Image } from "dag-cook/image";

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

/** The image at the size. Rejects with an ImageError where the result would be above the limit. */
export async function fitted(image: Image, { width, height, fit, background }: Fitting): Promise<Image> {
  if (width === null && height === null) return image;
  const { inChannels, layOver, plainImage, resize } = await import("dag-cook/image");
  const size = scaledSize(image, { width, height, fit });
  await holdPixels(width ?? size.width, height ?? size.height);
  if (width === null || height === null || fit === "stretch" || fit === "inside")
    return resize(image, size.width, size.height);
  if (fit === "cover") {
    const scale = scaleOf(image, width, height, fit);
    const box = { width: width / scale, height: height / scale };
    const [x, y] = [(image.width - box.width) / 2, (image.height - box.height) / 2];
    return resize(image, width, height, { x: Math.max(0, x), y: Math.max(0, y), ...box });
  }
  const scaled = resize(image, size.width, size.height);
  const plain = plainImage(width, height, background, image.depth);
  const canvas = inChannels(plain, image.channels <= 2 && isGray(background) ? 1 : 3, plain.alpha || image.alpha);
  layOver(canvas, scaled, { x: half(width - scaled.width), y: half(height - scaled.height) });
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
