/** `dataset`: what is learned from. It knows nothing of what is done with it. */
import { NON_FINITE, range } from "../../../image/files/values.js";
import { INPUT_TYPE, SOURCES, STORAGE, THREADS } from "./samples.js";

const PROBABILITY = { type: ["number", "null"], minimum: 0, maximum: 1, default: null } as const;

export const dataset = {
  type: "object",
  description: "The samples, and how they are varied.",
  properties: {
    input_type: {
      ...INPUT_TYPE,
      description:
        "Where samples come from; `work_items`: files of upstream items tagged input and reference. Unpaired ones train two generators, of inputs and of references, as a cycle.",
    },
    ...SOURCES,
    channel_count: {
      type: "integer",
      minimum: 1,
      maximum: 4,
      default: 3,
      description:
        "Channels of input and output. Missing color channels copy the last, surplus ones are dropped. With `alpha` kept, alpha is the last channel: 2 or 4.",
    },
    alpha: {
      type: "string",
      enum: ["drop", "keep"],
      default: "drop",
      description:
        "The alpha of images: `drop` takes it off before channels are counted, so that gray with alpha is gray; `keep` makes it the last channel, opaque where an image has none. Exported models record it.",
    },
    input_range: range("input"),
    reference_range: range("reference"),
    non_finite: NON_FINITE,
    image_size: {
      type: "integer",
      minimum: 2,
      maximum: 8192,
      default: 256,
      description: "Side of the square that images are resized to; a multiple of 2 to the power of `generator.layers`.",
    },
    storage: STORAGE,
    worker_threads: THREADS,
    batch_size: {
      type: ["integer", "null"],
      minimum: 1,
      words: ["auto"],
      default: null,
      description:
        "Samples of an update; null: 4 of pairs, as far as there are so many, else 1. `auto`: the largest power of two that fits into half of the free memory.",
    },
    drop_boundary: {
      type: "boolean",
      default: false,
      description: "Batches run across iterations, so that only the last of all may be partial.",
    },
    limit_input_count: {
      type: ["integer", "null"],
      minimum: 1,
      default: null,
      description: "Uses the first samples only, after sorting; of unpaired ones, the first of each side.",
    },
    crop_inputs: {
      type: ["number", "null"],
      minimum: 0,
      exclusiveMaximum: 1,
      default: null,
      description: "Crops a fraction between 1 − this and 1 of both sides, at any place, and resizes it back.",
    },
    crop_size: {
      type: ["integer", "null"],
      minimum: 2,
      default: null,
      description: "Side of a random crop that is taken instead of a resize, and takes the place of `image_size`.",
    },
    horizontal_flip: { ...PROBABILITY, description: "Probability that left and right are swapped." },
    vertical_flip: { ...PROBABILITY, description: "Probability that top and bottom are swapped." },
    rotation: { ...PROBABILITY, description: "Probability of a rotation, which is zoomed so that no corner is empty." },
    rotation_max_degrees: {
      type: "number",
      minimum: 0,
      maximum: 180,
      default: 180,
      description: "Largest angle of a rotation, to either side.",
    },
    shuffle_input_order: { type: "boolean", default: true, description: "Whether every iteration has a new order." },
    seed: { type: "integer", default: 0, description: "Decides every random value of the training." },
  },
} as const;
