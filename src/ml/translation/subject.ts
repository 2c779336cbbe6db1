/** What a translation works on, open: batches, samples for statistics, tests, pictures, models. It knows no order of steps. */
import type { Depth } from "../../image/image.js";
import { dataFormOf } from "../data/data-form.js";
import { openLoader } from "../data/loader.js";
import type { SideKind } from "../data/network-image.js";
import type { LoaderSettings } from "../data/settings.js";
import type { Models, TrainingContext, TrainingInput } from "../training/job.js";
import type { SavedFiles } from "../training/saved.js";
import { hasStatistics } from "../training/statistics.js";
import type { Trainer } from "../training/trainer.js";
import { Pictures } from "./gallery.js";
import { describeGenerator } from "./generator.js";
import { exportGenerator } from "./generator-export.js";
import type { JobParams, TranslationJob } from "./job.js";
import type { TranslationMethod } from "./method.js";
import type { Settings } from "./settings.js";
import { imagesOf, sampleSsims } from "./similarity.js";
import { type OpenSurvey, openSurvey } from "./survey.js";
import { ImageTester } from "./tester.js";
import { collapseWarning } from "./watch.js";

/** What it is opened from. */
export interface SubjectSources {
  readonly job: TranslationJob;
  readonly settings: Settings;
  readonly method: TranslationMethod;
  /** Of files that are saved of tests, by what they are images of. */
  readonly depths: Readonly<Record<SideKind, Depth>>;
  readonly batch_size: number;
  readonly trainer: Trainer;
  readonly files: SavedFiles;
  readonly context: TrainingContext;
}

/** Opens it; close it, or its threads stay. Rejects with a DataError where the samples do not fit the parameters. */
export async function openSubject(sources: SubjectSources): Promise<TrainingInput> {
  const { job, settings, method, batch_size, context } = sources;
  const { params, samples } = job;
  const loader = openLoader(samples, loaderSettings(params, settings, batch_size));
  let survey: OpenSurvey | null = null;
  let tester: ImageTester | null = null;
  const close = async () => {
    await loader.close();
    await survey?.close();
    await tester?.close();
  };
  try {
    if (hasStatistics(method)) survey = openSurvey({ method, samples, settings, dataset: params.dataset });
    if (job.tests !== null) tester = new ImageTester({ ...sources, samples: job.tests, params });
  } catch (error) {
    await close();
    throw error;
  }
  const gallery = new Pictures(sources);
  const { channel_count: channels, side } = settings;
  return {
    ...{ batches: loader, survey, tester, gallery, close },
    models: modelsOf(settings, params, context.threads),
    scores(batch, outputs) {
      const shape = { count: batch.count, channels, height: side, width: side };
      return new Map([
        ["ssim_train", sampleSsims(method.images, imagesOf(method.images, batch.values, outputs), shape)],
      ]);
    },
    warning: collapseWarning,
  };
}

function loaderSettings({ dataset, training }: JobParams, { values }: Settings, batch_size: number): LoaderSettings {
  return { ...dataset, values, randomization: dataset, batch_size, max_iterations: training.max_iterations };
}

function modelsOf(settings: Settings, { onnx }: JobParams, threads: number): Models {
  const { generator: options, side: image_size, values } = settings;
  const described = (index: number) => ({ options, image_size, data: dataFormOf(values, index) });
  return {
    describe: ({ applied, index }) => (applied ? describeGenerator(described(index)) : {}),
    export: ({ index }, weights, notes) => exportGenerator({ ...described(index), weights }, onnx, notes, threads),
  };
}
