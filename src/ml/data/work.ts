/** The work on one sample, the same on the training thread and on decoding threads. Knows nothing of either. */
import type { Image, Samples } from "../../image/image.js";
import { decodeSides, type Form, prepareInto, sideOf } from "./prepare.js";
import type { Draw } from "./randomize.js";
import { DataError, type Side } from "./samples.js";

/** One sample to make: where its sides come from, and what happens to them. */
export interface Work {
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
export interface Outcome {
  readonly planes: readonly [Float32Array<ArrayBuffer>, Float32Array<ArrayBuffer>];
  readonly decoded: readonly [Image, Image] | null;
}

/** Makes one sample. Rejects with an ImageError or DataError that names the path. */
export async function doWork(work: Work, form: Form): Promise<Outcome> {
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
