/** Between an image's samples and a tensor's planes. Knows no files and no batches. */
import { type Depth, type Image, type ImageShape, imageOf } from "./image.js";

/** What of an image comes to the planes, and how. */
export interface View {
  /** The left upper corner, in whole pixels, and the size. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly flipHorizontal?: boolean;
  readonly flipVertical?: boolean;
  /** Values become value·scale + offset; 1 and 0 unless given. */
  readonly scale?: number;
  readonly offset?: number;
}

/** The image's values in planes (CHW), which is a tensor's layout: `planes[(c·height + y)·width + x]`. */
export function planesOf(image: Image): Float32Array<ArrayBuffer> {
  const planes = new Float32Array(image.samples.length);
  planesInto(planes, image, { x: 0, y: 0, width: image.width, height: image.height });
  return planes;
}

/** Writes a view of the image to `target`, [channels, height, width]: the one pass from what a file holds to a tensor. */
export function planesInto(target: Float32Array, image: Image, view: View): void {
  const { channels, samples } = image;
  const { x, y, width, height, flipHorizontal = false, flipVertical = false } = view;
  if (target.length !== channels * width * height) {
    throw new Error(`${channels * width * height} values for a place of ${target.length}`);
  }
  const [scale, offset] = [view.scale ?? 1, view.offset ?? 0];
  const table = samples instanceof Uint8Array ? tableOf(scale, offset) : undefined;
  const step = flipHorizontal ? -channels : channels;
  for (let row = 0; row < height; row++) {
    const line = (y + (flipVertical ? height - 1 - row : row)) * image.width + x;
    for (let c = 0; c < channels; c++) {
      const from = (line + (flipHorizontal ? width - 1 : 0)) * channels + c;
      const plane = target.subarray((c * height + row) * width, (c * height + row + 1) * width);
      if (samples instanceof Uint8Array) lookUp(plane, samples, from, step, table!);
      else if (samples instanceof Uint16Array) changeIntegers(plane, samples, from, step, scale, offset);
      else changeFloats(plane, samples, from, step, scale, offset);
    }
  }
}

/** What each of 256 samples becomes. */
function tableOf(scale: number, offset: number): Float32Array {
  return Float32Array.from({ length: 256 }, (_, sample) => Math.fround(sample / 255) * scale + offset);
}

function lookUp(plane: Float32Array, samples: Uint8Array, first: number, step: number, table: Float32Array): void {
  for (let to = 0, from = first; to < plane.length; to++, from += step) plane[to] = table[samples[from]!]!;
}

function changeIntegers(
  plane: Float32Array,
  samples: Uint16Array,
  first: number,
  step: number,
  scale: number,
  offset: number,
): void {
  for (let to = 0, from = first; to < plane.length; to++, from += step) {
    plane[to] = Math.fround(samples[from]! / 65535) * scale + offset;
  }
}

function changeFloats(
  plane: Float32Array,
  samples: Float32Array,
  first: number,
  step: number,
  scale: number,
  offset: number,
): void {
  for (let to = 0, from = first; to < plane.length; to++, from += step) plane[to] = samples[from]! * scale + offset;
}

/** An image of values that lie in planes (CHW). */
export function imageOfPlanes(
  shape: ImageShape,
  planes: ArrayLike<number>,
  depth: Depth = "float",
  alpha = false,
): Image {
  const { channels } = shape;
  const pixels = shape.width * shape.height;
  const samples = new Float32Array(planes.length);
  for (let c = 0; c < channels; c++) {
    for (let at = c * pixels, to = c; to < samples.length; at++, to += channels) samples[to] = planes[at]!;
  }
  return imageOf(shape, samples, depth, alpha);
}
