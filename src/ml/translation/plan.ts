/**
 * What a translation comes to once its samples have been looked at: the settings, what decides its result, its method. It knows
 * nothing of what computes, or of what is saved when.
 */
import { type Dataset, sampleCount, sampleNames } from "../data/samples.js";
import type { FamilyWords, Plan, TrainingConfig, TrainingContext } from "../training/job.js";
import { learningRate } from "../training/schedules.js";
import { inspect } from "./inspected.js";
import type { JobParams, TranslationJob } from "./job.js";
import { methodOf } from "./methods.js";
import type { DatasetParams } from "./params.js";
import { batchSizeOf, choicesOf, type Known, type Settings, settingsOf } from "./settings.js";
import { openSubject } from "./subject.js";
import { settingsWarnings } from "./watch.js";

/** Looks at the samples. Rejects with an ImageError or DataError that names the file. */
export async function planOf(job: TranslationJob, context: TrainingContext): Promise<Plan> {
  const { params, samples } = job;
  const { values, depths } = await inspect(job, context);
  const known: Known = { samples: sampleCount(samples), values };
  const { batch_size } = params.dataset;
  const asked = batch_size === "auto" ? batch_size : batchSizeOf(params, known);
  const order = orderOf({ ...params.dataset, batch_size: asked });
  return {
    // Without what memory decides, which another attempt may find otherwise.
    identity: { settings: settingsOf(params, known), order, samples: contentOf(samples) },
    samples: known.samples,
    batch_size: asked,
    decide(size): TrainingConfig {
      const decided = size === undefined ? known : { ...known, batch_size: size };
      const settings = settingsOf(params, decided);
      const { schedule, learning_rate, max_iterations } = settings;
      const method = methodOf(settings);
      const count = size ?? batchSizeOf(params, known);
      return {
        ...{ method, words: wordsFor(settings), saves: savesFiles(params) },
        rateOf: (iteration) => learningRate(schedule, learning_rate, iteration - 1, max_iterations),
        described: { ...settings, dataset: { ...order, batch_size: count } },
        choices: choicesOf(params, settings, decided),
        warnings: settingsWarnings(settings, count),
        open: (trainer, files, given) =>
          openSubject({ job, settings, method, depths, batch_size: count, trainer, files, context: given }),
      };
    },
  };
}

function wordsFor({ side }: Settings): FamilyWords {
  return {
    form: `${side}×${side}`,
    smaller: "dataset.image_size, generator.initial_layer_size or generator.max_layer_size",
    check: (names) =>
      `check that the images of its batch (${names.join(", ")}) hold values of about 0 to 1, or set a data range`,
  };
}

/** Whether there are files to show before the end besides those of any training. */
function savesFiles({ contact_sheet, preview, test }: JobParams): boolean {
  return [contact_sheet.path, preview.path, test.output_dir].some((path) => path !== null);
}

/** What decides which samples a step sees, and how; without what only decides how fast. */
function orderOf(dataset: Omit<DatasetParams, "batch_size"> & { readonly batch_size: number | "auto" }): object {
  const { batch_size, drop_boundary, shuffle_input_order, crop_inputs, crop_size } = dataset;
  const { horizontal_flip, vertical_flip, rotation, rotation_max_degrees } = dataset;
  const changes = { crop_inputs, crop_size, horizontal_flip, vertical_flip, rotation, rotation_max_degrees };
  return { batch_size, drop_boundary, shuffle_input_order, ...changes };
}

/** What tells two sets of samples apart, whatever kind of source they came from. */
function contentOf(samples: Dataset): unknown {
  const { input, reference } = sampleNames(samples);
  return samples.kind === "paired" ? input : { input, reference };
}
