/** `test`: what is tested on, and when. It knows nothing of what is done with it. */
import { OUTPUT_PATH } from "./path.js";
import { INPUT_TYPE, SOURCES, STORAGE, THREADS } from "./samples.js";

export const test = {
  type: "object",
  description: "Tests on samples that are not learned from.",
  properties: {
    enabled: { type: "boolean", default: false, description: "Whether there are tests." },
    target_ssim: {
      type: ["number", "null"],
      minimum: -1,
      maximum: 1,
      default: null,
      description:
        "The training stops when the test's mean SSIM reaches this; unpaired, that of reconstructions (`ssim_cycle`).",
    },
    output_dir: {
      ...OUTPUT_PATH,
      description:
        "Folder for input, output and reference of every test, as PNG, or TIFF where the files hold floats or have a data range; unpaired, for realA, fakeB, recA, realB, fakeA and recB.",
    },
    input_type: {
      ...INPUT_TYPE,
      description:
        "Where test samples come from; `work_items`: files of the items of the input `test`. Unpaired training takes all of these.",
    },
    ...SOURCES,
    storage: STORAGE,
    worker_threads: THREADS,
    batch_size: { type: "integer", minimum: 1, default: 1, effect: false, description: "Samples generated at a time." },
    frequency: {
      type: "integer",
      minimum: 1,
      default: 1,
      description: "Iterations between tests; the last one is tested.",
    },
    size: {
      type: "integer",
      minimum: 1,
      words: ["all"],
      default: "all",
      description: "How many samples a test takes, drawn anew each time.",
    },
    add_results_as_outputs: {
      type: "boolean",
      default: false,
      description: "Whether nodes below see the images as `file/image/test`.",
    },
  },
} as const;
