/**
 * The random changes of a sample: crop, flips, rotation, as pure functions of (seed, iteration, sample). It knows
 * nothing of pixels; `prepare` carries the draws out.
 */
import { randomStream } from "../../base/random.js";

/** How samples are varied; null leaves a change out. */
export interface Randomization {
  /** v in [0, 1): the sides of the crop are a fraction f ~ U(1 − v, 1) of the image's. */
  readonly crop_inputs: number | null;
  /** Probabilities. */
  readonly horizontal_flip: number | null;
  readonly vertical_flip: number | null;
  readonly rotation: number | null;
  /** θ ~ U(−max, +max) where a sample is rotated at all. */
  readonly rotation_max_degrees: number;
}

/** No change at all. */
export const NO_RANDOMIZATION: Randomization = {
  crop_inputs: null,
  horizontal_flip: null,
  vertical_flip: null,
  rotation: null,
  rotation_max_degrees: 180,
};

/** What happens to one sample, or one side of it. */
export interface Draw {
  /** Side of the crop as a fraction of the image's sides; 1 is the whole image. */
  readonly fraction: number;
  /** Where a crop lies within the room that it leaves, in [0, 1): 0 is the left or top edge. */
  readonly left: number;
  readonly top: number;
  readonly flipHorizontal: boolean;
  readonly flipVertical: boolean;
  /** Counter-clockwise; 0 where the sample is not rotated. */
  readonly degrees: number;
}

/** What happens in tests: nothing, and crops of a fixed size are taken from the centre. */
export const CENTERED: Draw = {
  fraction: 1,
  left: 0.5,
  top: 0.5,
  flipHorizontal: false,
  flipVertical: false,
  degrees: 0,
};

/** Index of each value in the sample's stream: fixed, so that switching one change on leaves the others' draws alone. */
const VALUE = { fraction: 0, left: 1, top: 2, horizontal: 3, vertical: 4, rotation: 5, degrees: 6 } as const;

/**
 * The draw of a sample in an iteration. `side` is `both` for a pair, which is drawn once, and `input` or `reference`
 * where the two are unpaired.
 */
export function drawRandomization(
  settings: Randomization,
  seed: number,
  iteration: number,
  sample: number,
  side: "both" | "input" | "reference" = "both",
): Draw {
  const stream = randomStream(seed, "randomization", side, iteration, sample);
  const happens = (probability: number | null, index: number) => stream.uniform(index) < (probability ?? 0);
  const maximum = settings.rotation_max_degrees;
  return {
    fraction: 1 - (settings.crop_inputs ?? 0) * stream.uniform(VALUE.fraction),
    left: stream.uniform(VALUE.left),
    top: stream.uniform(VALUE.top),
    flipHorizontal: happens(settings.horizontal_flip, VALUE.horizontal),
    flipVertical: happens(settings.vertical_flip, VALUE.vertical),
    degrees: happens(settings.rotation, VALUE.rotation) ? maximum * (2 * stream.uniform(VALUE.degrees) - 1) : 0,
  };
}
