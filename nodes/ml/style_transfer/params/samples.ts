/** Where samples come from and how they are kept: what `dataset` and `test` share. It knows no other group. */
import { IMAGE_PATTERN } from "../../../image/files/pattern.js";
import { INPUT_PATH } from "./path.js";

export const INPUT_TYPE = {
  type: "string",
  enum: [
    "single_paired",
    "paired_directories",
    "unpaired_directories",
    "composite_directory",
    "work_items",
    "unpaired_work_items",
  ],
  default: "paired_directories",
} as const;

export const STORAGE = {
  type: "string",
  enum: ["automatic", "on_device"],
  default: "automatic",
  effect: false,
  description:
    "Keeps decoded samples as memory allows, or all of them (an error where half of the free memory is too little).",
} as const;

export const THREADS = {
  type: "integer",
  minimum: 0,
  maximum: 64,
  default: 4,
  effect: false,
  description: "Threads that decode ahead; 0 decodes on the training thread.",
} as const;

/** Where samples come from; the same for training and test. */
export const SOURCES = {
  pattern: {
    type: "string",
    default: IMAGE_PATTERN,
    template: false,
    minLength: 1,
    description:
      "Glob of the images in the folders, whose extensions are in small letters or capitals. The default takes all formats that are read.",
  },
  input_image: { ...INPUT_PATH, description: "The only input image, for `single_paired`." },
  reference_image: { ...INPUT_PATH, description: "What the network shall make of it, for `single_paired`." },
  input_image_dir: {
    ...INPUT_PATH,
    description: "Folder of input images, for `paired_directories` and `unpaired_directories`.",
  },
  reference_image_dir: {
    ...INPUT_PATH,
    description: "Folder of reference images: where they are paired, of the inputs' names; extensions may differ.",
  },
  composite_image_dir: {
    ...INPUT_PATH,
    description:
      "Folder of composites, for `composite_directory`: the left half is the input, the right the reference.",
  },
} as const;
