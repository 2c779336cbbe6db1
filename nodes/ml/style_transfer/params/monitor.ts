/** What shows a training: figures, sheets, previews and their like. It knows nothing of how they are drawn. */
import { IMAGE_PATTERN } from "../../../image/files/pattern.js";
import { INPUT_PATH, OUTPUT_PATH } from "./path.js";

export const plot = {
  type: "object",
  description: "The training's figures by iteration.",
  properties: {
    type: { type: "string", enum: ["disabled", "csv", "image"], default: "disabled", description: "Kind of file." },
    rate: { type: "integer", minimum: 1, default: 1, description: "Iterations between points." },
    ssim: { ...OUTPUT_PATH, description: "Similarity of generated images, in training and test." },
    loss: { ...OUTPUT_PATH, description: "Learning rate and losses." },
    score: { ...OUTPUT_PATH, description: "The discriminator's mean answer to real and generated images." },
  },
} as const;

export const contact_sheet = {
  type: "object",
  description:
    "Sheets of samples as trained on: input, reference, output; unpaired: realA, fakeB, recA, realB, fakeA, recB.",
  properties: {
    path: { ...OUTPUT_PATH, description: "A .png; with `{iteration}`, earlier ones are kept." },
    interval: {
      type: "integer",
      minimum: 1,
      default: 100,
      description: "Steps between sheets; the last step has one.",
    },
  },
} as const;

export const preview = {
  type: "object",
  description:
    "The generator's answer to whole frames that are no samples, at the checkpoints' rate; unpaired, that of both generators.",
  properties: {
    input: { ...INPUT_PATH, description: "An image of any size, or a folder of them." },
    pattern: {
      type: "string",
      default: IMAGE_PATTERN,
      template: false,
      minLength: 1,
      description: "Glob of the frames in the folder.",
    },
    path: {
      ...OUTPUT_PATH,
      description:
        "A .png, which shows a data range from black to white, or a .tif or .exr of its values; with `{frame}` where there are several; unpaired, with {index}; with `{iteration}`, earlier ones are kept.",
    },
  },
} as const;

const INTERVAL = {
  type: "integer",
  minimum: 1,
  default: 1,
  description: "Steps between rows; the last one of an iteration has a row.",
} as const;

export const tensorboard = {
  type: "object",
  description: "Learning rate, losses, scores, similarities, contact sheets and previews for TensorBoard.",
  properties: {
    path: {
      ...OUTPUT_PATH,
      description:
        "Folder of the run, such as `$OUT/runs/@{wedgeindex}`; TensorBoard's `--logdir` is the one above it.",
    },
    interval: INTERVAL,
  },
} as const;

export const summary = {
  type: "object",
  description: "The figures of steps in one file, from which `compare_runs` compares trainings.",
  properties: {
    path: { ...OUTPUT_PATH, description: "A .summary: lines of JSON, the first of which has the settings." },
    interval: INTERVAL,
  },
} as const;
