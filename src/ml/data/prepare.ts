/** From a side's file to the planes that a network sees. Knows nothing of batches, order or threads. */
import { decodeImage } from "../../image/decode.js";
import { type Box, crop, halves, rotate } from "../../image/geometry.js";
import { type Image, ImageError } from "../../image/image.js";
import { planesInto } from "../../image/planes.js";
import { resize } from "../../image/resize.js";
import { networkForm, type SampleValues, type SideKind, toNetwork } from "./network-image.js";
import type { Draw } from "./randomize.js";
import { DataError, type Side } from "./samples.js";

/** The form of a network's images. */
export interface Form {
  readonly channel_count: number;
  /** Side of the square that images are resized to; not used where `crop_size` is given. */
  readonly image_size: number;
  /** Side of a crop that is taken instead of a resize, or null. */
  readonly crop_size: number | null;
  /** Whether crops of changing size come before the resize, so that it cannot be done once for all. */
  readonly crops: boolean;
  readonly values: SampleValues;
}

/** Side of the images in a batch. */
export function sideOf({ crop_size, image_size }: Form): number {
  return crop_size ?? image_size;
}

/**
 * Decodes an input and a reference as far as no draw is needed: values and channels, and the resize where no crop precedes it.
 * A composite is decoded once. Rejects with an ImageError or DataError that names the path.
 */
export async function decodeSides(sides: readonly [Side, Side], form: Form): Promise<readonly [Image, Image]> {
  const [a, b] = sides;
  const first = await decodeImage(a.path);
  const second = a.path === b.path ? first : await decodeImage(b.path);
  return [settle(first, a, "input", form), settle(second, b, "reference", form)];
}

function settle(decoded: Image, side: Side, kind: SideKind, form: Form): Image {
  const image = toNetwork(halfOf(decoded, side), networkForm(form, kind), side.path);
  if (form.crop_size !== null) {
    requireRoom(image, side.path, form.crop_size);
    return image;
  }
  return form.crops ? image : resize(image, form.image_size, form.image_size);
}

/** The half of a composite that a side is, or the whole image. Throws a DataError that names the path. */
export function halfOf(image: Image, { half, path }: Side): Image {
  if (half === undefined) return image;
  try {
    return halves(image)[half === "left" ? 0 : 1];
  } catch (cause) {
    throw cause instanceof ImageError ? new DataError(`${path}: ${cause.message}`, { cause }) : cause;
  }
}

/** Throws a DataError where an image is smaller than the crop that is to be taken of it. */
export function requireRoom(
  size: { readonly width: number; readonly height: number },
  path: string,
  crop: number,
): void {
  if (size.width >= crop && size.height >= crop) return;
  throw new DataError(`${path}: ${size.width}×${size.height} is smaller than crop_size ${crop}.`);
}

/**
 * Carries a draw out on a decoded side: crop → resize → horizontal flip → vertical flip → rotate → x·2−1. Writes
 * [channel_count, side, side] to `target`.
 */
export function prepareInto(target: Float32Array, image: Image, draw: Draw, form: Form): void {
  const { source, box } = cut(image, draw, form);
  const { flipHorizontal, flipVertical, degrees } = draw;
  const values = { scale: 2, offset: -1 };
  if (degrees === 0) planesInto(target, source, { ...box, flipHorizontal, flipVertical, ...values });
  else planesInto(target, rotate(crop(source, box), degrees, draw), { ...box, x: 0, y: 0, ...values });
}

/** Whether a draw moves more than whole rows and columns, which takes milliseconds at usual sizes. */
export function isHeavy(draw: Draw, form: Form): boolean {
  return draw.degrees !== 0 || (form.crops && form.crop_size === null);
}

/** What a draw takes of an image: a box of whole pixels of it, or of what a box of fractions is resized to. */
function cut(
  image: Image,
  { fraction, left, top }: Draw,
  { crop_size, image_size }: Form,
): { readonly source: Image; readonly box: Box } {
  if (crop_size !== null) {
    const x = Math.floor(left * (image.width - crop_size + 1));
    const y = Math.floor(top * (image.height - crop_size + 1));
    return { source: image, box: { x, y, width: crop_size, height: crop_size } };
  }
  const width = image.width * fraction;
  const height = image.height * fraction;
  const from = { x: left * (image.width - width), y: top * (image.height - height), width, height };
  const source = resize(image, image_size, image_size, from);
  return { source, box: { x: 0, y: 0, width: image_size, height: image_size } };
}
