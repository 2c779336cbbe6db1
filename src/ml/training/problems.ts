/** What is wrong, or doubtful, in a training's parameters taken together. It knows no files and no samples. */
import { patchganProblems } from "../networks/patchgan.js";
import { generatorProblems } from "./generator.js";
import { type ModelParams, type Settings, settingsOf } from "./settings.js";

/** A problem, and the dotted name of the parameter to blame. */
export interface ModelProblem {
  readonly param: string;
  readonly message: string;
  readonly severity?: "error" | "warning";
}

/** The learning rates that an algorithm is usually given, from and to. */
const USUAL_RATES = {
  adam: [1e-5, 5e-3],
  adadelta: [0.05, 5],
  sgd: [1e-4, 0.5],
  asgd: [1e-4, 0.5],
} as const;

/** What is wrong with the parameters; where nothing is an error, `settingsOf` them can be trained. */
export function modelProblems(params: ModelParams): readonly ModelProblem[] {
  const settings = settingsOf(params);
  return [
    ...scheduleProblems(params),
    ...cropProblems(params),
    ...networkProblems(params, settings),
    ...doubts(params, settings),
  ];
}

function scheduleProblems({ training }: ModelParams): readonly ModelProblem[] {
  const { rate_scheduler, linear_decay, max_iterations } = training;
  if (rate_scheduler !== "linear" || linear_decay === "auto" || linear_decay <= max_iterations) return [];
  const message = `training.linear_decay ${linear_decay} is above training.max_iterations ${max_iterations}: the rate cannot fall for longer than the training lasts`;
  return [{ param: "training.linear_decay", message }];
}

function cropProblems({ dataset }: ModelParams): readonly ModelProblem[] {
  if (dataset.crop_size === null || dataset.crop_inputs === null) return [];
  const message = "dataset.crop_inputs and dataset.crop_size exclude each other: a crop of fixed size is not resized";
  return [{ param: "dataset.crop_inputs", message }];
}

function networkProblems(params: ModelParams, { generator, discriminator, side }: Settings): readonly ModelProblem[] {
  const size = params.dataset.crop_size === null ? "dataset.image_size" : "dataset.crop_size";
  const paramOf = (group: string, parameter: string) => (parameter === "image_size" ? size : `${group}.${parameter}`);
  const isAutomatic = generator.architecture === "unet" && params.generator.layers === "auto";
  if (isAutomatic && side % 2 !== 0) {
    const message = `${size} ${side} is odd, so that not one layer can halve it: try ${side + 1}`;
    return [{ param: size, message }];
  }
  return [
    ...generatorProblems(generator, side).map(({ parameter, message }) => {
      const param = paramOf("generator", parameter);
      return { param, message: `${param}: ${message}` };
    }),
    ...patchganProblems(discriminator, side).map(({ parameter, message }) => {
      const param = paramOf("discriminator", parameter);
      return { param, message: `${param}: ${message}` };
    }),
  ];
}

function doubts({ dataset, generator, training, optimizer }: ModelParams, settings: Settings): readonly ModelProblem[] {
  const found: ModelProblem[] = [];
  if (generator.norm === "batch" && dataset.batch_size === 1) {
    const message =
      'generator.norm "batch" takes its statistics from a single image where dataset.batch_size is 1, and others at inference: use "instance", or larger batches';
    found.push({ param: "generator.norm", message, severity: "warning" });
  }
  const [low, high] = USUAL_RATES[optimizer.algorithm];
  const { learning_rate } = settings;
  if (learning_rate < low || learning_rate > high) {
    const message = `training.learning_rate ${learning_rate} is far from what ${optimizer.algorithm} is usually given (${low} to ${high})`;
    found.push({ param: "training.learning_rate", message, severity: "warning" });
  }
  if (training.rate_scheduler === "step" && training.step_size >= training.max_iterations) {
    const message = `training.step_size ${training.step_size} is not below training.max_iterations ${training.max_iterations}, so that the rate never falls`;
    found.push({ param: "training.step_size", message, severity: "warning" });
  }
  return found;
}
