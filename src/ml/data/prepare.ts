/**
 * From a sample's files to the planes that a network sees, the same on the training thread and on decoding threads. Knows nothing
 * of batches, order or threads.
 */
import { decodeImage } from "../../image/decode.js";
import { type Box, crop, halves, rotate } from "../../image/geometry.js";
import { type Image, ImageError, type Samples } from "../../image/image.js";
import { planesInto } from "../../image/planes.js";
import { resize } from "../../image/resize.js";
import { networkForm, type SampleValues, type SideKind, toNetwork } from "./network-image.js";
import type { Draw } from "./randomize.js";
import { DataError, type Side } from "./samples.js";

/** The form of a network's images. */
export interface SampleForm {
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
export function sideOf({ crop_size, image_size }: SampleForm): number {
  return crop_size ?? image_size;
}

/** A sample to make: where its sides come from, and what happens to them. */
export interface SampleWork {
  readonly sides: readonly [Side, Side];
  /** The sides as decoded before, if they were kept. */
  readonly decoded: readonly [Image, Image] | null;
  readonly draws: readonly [Draw, Draw];
  /** Whether the two sides must be cropped alike, and so be of one size. */
  readonly alike: boolean;
  /** Whether the decoded sides are wanted back. */
  readonly keep: boolean;
}

/** What became of it: [channels, side, side] in −1..1 for each side, and the decoded sides where they are to be kept. */
export interface MadeSample {
  readonly planes: readonly [Float32Array<ArrayBuffer>, Float32Array<ArrayBuffer>];
  readonly decoded: readonly [Image, Image] | null;
}

/** Makes one sample. Rejects with an ImageError or DataError that names the path. */
export async function doWork(work: SampleWork, form: SampleForm): Promise<MadeSample> {
  const decoded = work.decoded ?? (await decodeSides(work.sides, form));
  if (work.alike && form.crop_size !== null) requireSameSize(decoded, work.sides);
  const make = (index: 0 | 1) => {
    const planes = new Float32Array(form.channel_count * sideOf(form) ** 2);
    prepareInto(planes, decoded[index], work.draws[index], form);
    return planes;
  };
  const planes = [make(0), make(1)] as const;
  const keep = work.keep && work.decoded === null;
  return { planes, decoded: keep ? [share(decoded[0]), share(decoded[1])] : null };
}

/**
 * Decodes an input and a reference as far as no draw is needed: values and channels, and the resize where no crop precedes it.
 * A composite is decoded once. Rejects with an ImageError or DataError that names the path.
 */
export async function decodeSides(sides: readonly [Side, Side], form: SampleForm): Promise<readonly [Image, Image]> {
  const [a, b] = sides;
  const first = await decodeImage(a.path);
  const second = a.path === b.path ? first : await decodeImage(b.path);
  return [settle(first, a, "input", form), settle(second, b, "reference", form)];
}

function settle(decoded: Image, side: Side, kind: SideKind, form: SampleForm): Image {
  const image = toNetwork(halfOfSide(decoded, side), networkForm(form, kind), side.path);
  if (form.crop_size !== null) {
    requireRoom(image, side.path, form.crop_size);
    return image;
  }
  return form.crops ? image : resize(image, form.image_size, form.image_size);
}

/** The half of a composite that a side is, or the whole image. Throws a DataError that names the path. */
export function halfOfSide(image: Image, { half, path }: Side): Image {
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
export function prepareInto(target: Float32Array, image: Image, draw: Draw, form: SampleForm): void {
  const { source, box } = cut(image, draw, form);
  const { flipHorizontal, flipVertical, degrees } = draw;
  const values = { scale: 2, offset: -1 };
  if (degrees === 0) planesInto(target, source, { ...box, flipHorizontal, flipVertical, ...values });
  else planesInto(target, rotate(crop(source, box), degrees, draw), { ...box, x: 0, y: 0, ...values });
}

/** Whether a draw moves more than whole rows and columns, which takes milliseconds at usual sizes. */
export function isHeavy(draw: Draw, form: SampleForm): boolean {
  return draw.degrees !== 0 || (form.crops && form.crop_size === null);
}

/** What a draw takes of an image: a box of whole pixels of it, or of what a box of fractions is resized to. */
function cut(
  image: Image,
  { fraction, left, top }: Draw,
  { crop_size, image_size }: SampleForm,
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

/** Throws a DataError where one crop cannot mean the same in both images of a pair. */
export function requireSameSize(
  [a, b]: readonly [
    { readonly width: number; readonly height: number },
    { readonly width: number; readonly height: number },
  ],
  sides: readonly [Side, Side],
): void {
  if (a.width === b.width && a.height === b.height) return;
  const sizes = `${a.width}×${a.height} and ${b.width}×${b.height}`;
  throw new DataError(`${sides[0].path} and ${sides[1].path}: ${sizes}; with crop_size both must have one size.`);
}

/** The image in memory that threads can share, so that later work on it sends no pixels. */
function share(image: Image): Image {
  const { samples } = image;
  const shared = new SharedArrayBuffer(samples.byteLength);
  const Type = samples.constructor as new (buffer: SharedArrayBuffer) => Samples;
  const copy = new Type(shared);
  copy.set(samples);
  return { ...image, samples: copy };
}
