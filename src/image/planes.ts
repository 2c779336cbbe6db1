/** Between an image's samples and a tensor's planes. Knows no files and no batches. */
import { type Depth, fullOf, type Image, imageOf, type Samples, type Shape } from "./image.js";

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
  const table = tableOf(samples, view);
  const [full, scale, offset] = [fullOf(samples), view.scale ?? 1, view.offset ?? 0];
  const step = flipHorizontal ? -channels : channels;
  for (let row = 0; row < height; row++) {
    const line = (y + (flipVertical ? height - 1 - row : row)) * image.width + x;
    for (let c = 0; c < channels; c++) {
      const from = (line + (flipHorizontal ? width - 1 : 0)) * channels + c;
      const to = (c * height + row) * width;
      if (table) lookUp(target, to, samples as Uint8Array, from, step, width, table);
      else change(target, to, samples, from, step, width, full, scale, offset);
    }
  }
}

/** What each of 256 samples becomes. */
function tableOf(samples: Samples, { scale = 1, offset = 0 }: View): Float32Array | undefined {
  if (!(samples instanceof Uint8Array)) return undefined;
  return Float32Array.from({ length: 256 }, (_, sample) => Math.fround(sample / 255) * scale + offset);
}

function lookUp(
  target: Float32Array,
  start: number,
  samples: Uint8Array,
  first: number,
  step: number,
  count: number,
  table: Float32Array,
): void {
  for (let to = start, from = first; to < start + count; to++, from += step) target[to] = table[samples[from]!]!;
}

function change(
  target: Float32Array,
  start: number,
  samples: Samples,
  first: number,
  step: number,
  count: number,
  full: number,
  scale: number,
  offset: number,
): void {
  for (let to = start, from = first; to < start + count; to++, from += step) {
    target[to] = Math.fround(samples[from]! / full) * scale + offset;
  }
}

/** An image of values that lie in planes (CHW). */
export function imageOfPlanes(shape: Shape, planes: ArrayLike<number>, depth: Depth = "float", alpha = false): Image {
  const { channels } = shape;
  const pixels = shape.width * shape.height;
  const samples = new Float32Array(planes.length);
  for (let c = 0; c < channels; c++) {
    for (let at = c * pixels, to = c; to < samples.length; at++, to += channels) samples[to] = planes[at]!;
  }
  return imageOf(shape, samples, depth, alpha);
}
