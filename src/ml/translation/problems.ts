/** What is wrong, or doubtful, in a training's parameters taken together. It knows no files and no samples. */
import { patchganProblems } from "../networks/patchgan.js";
import { largestLayerCount } from "../networks/unet.js";
import { generatorProblems } from "./generator.js";
import { isUnpaired, type ModelParams } from "./params.js";
import { type Settings, settingsOf } from "./settings.js";

/** A problem, and the dotted name of the parameter to blame. */
export interface ModelProblem {
  readonly param: string;
  readonly message: string;
  readonly severity?: "error" | "warning";
}

/** What is wrong with the parameters; where nothing is an error, `settingsOf` them can be trained. */
export function modelProblems(params: ModelParams): readonly ModelProblem[] {
  const settings = settingsOf(params);
  return [
    ...methodProblems(params),
    ...scheduleProblems(params),
    ...cropProblems(params),
    ...networkProblems(params, settings),
    ...rateDoubts(params),
    ...layerDoubts(params, settings),
    ...resizeDoubts(settings),
    ...dropoutDoubts(params, settings),
  ];
}

function methodProblems({ dataset, training }: ModelParams): readonly ModelProblem[] {
  if (training.gan_mode !== "none" || !isUnpaired(dataset.input_type)) return [];
  const message = `training.gan_mode "none" needs references to learn from, and dataset.input_type "${dataset.input_type}" has no pairs: give pairs, or set training.gan_mode to "auto"`;
  return [{ param: "training.gan_mode", message }];
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

function networkProblems(
  params: ModelParams,
  { generator, discriminator, side, method }: Settings,
): readonly ModelProblem[] {
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
    ...(method === "direct" ? [] : patchganProblems(discriminator, side)).map(({ parameter, message }) => {
      const param = paramOf("discriminator", parameter);
      return { param, message: `${param}: ${message}` };
    }),
  ];
}

function rateDoubts({ training }: ModelParams): readonly ModelProblem[] {
  const { rate_scheduler, step_size, max_iterations } = training;
  if (rate_scheduler !== "step" || step_size < max_iterations) return [];
  const message = `training.step_size ${step_size} is not below training.max_iterations ${max_iterations}, so that the rate never falls`;
  return [{ param: "training.step_size", message, severity: "warning" }];
}

/** Pixels a side at the bottom of a U-Net, from which on it sees its images in parts only. */
const LARGE_BOTTOM = 16;

/** Few halvings come of a side like 250 = 2·125, and nobody means them. */
function layerDoubts(
  { dataset, generator: { layers } }: ModelParams,
  { generator, side }: Settings,
): readonly ModelProblem[] {
  const bottom = (of: number) => of / 2 ** largestLayerCount(of);
  const isMeant = generator.architecture !== "unet" || layers !== "auto" || side % 2 !== 0;
  if (isMeant || bottom(side) < LARGE_BOTTOM) return [];
  const near = Array.from({ length: side }, (_, distance) => [side + distance, side - distance]).flat();
  const better = near.find((one) => one > 0 && bottom(one) < LARGE_BOTTOM / 2)!;
  const param = dataset.crop_size === null ? "dataset.image_size" : "dataset.crop_size";
  const message = `${param} ${side} can be halved ${generator.layers === 1 ? "once" : `${generator.layers} times`} only, so that generator.layers "auto" is ${generator.layers}, and the network sees small parts of an image: try ${better} (${largestLayerCount(better)} layers)`;
  return [{ param, message, severity: "warning" }];
}

/** Enlarged by copies, a map of one pixel is constant: the norm above it takes all that it says. */
function resizeDoubts({ generator, side }: Settings): readonly ModelProblem[] {
  if (generator.architecture !== "unet" || generator.upsampling !== "resize" || generator.norm === "none") return [];
  const { layers } = generator;
  if (2 ** layers < side) return [];
  const message = `generator.upsampling "resize" makes one colour of the single pixel below ${layers} layers, of which generator.norm "${generator.norm}" leaves nothing: try generator.layers ${layers - 1}`;
  return [{ param: "generator.upsampling", message, severity: "warning" }];
}

/** The first layers of a U-Net that drop out are those of six. */
function dropoutDoubts({ generator: { dropout } }: ModelParams, { generator }: Settings): readonly ModelProblem[] {
  if (dropout === "auto" || dropout === 0 || generator.architecture !== "unet" || generator.layers >= 6) return [];
  const message = `generator.dropout does nothing in a U-Net of ${generator.layers} layers: it is used where generator.layers is 6 or more`;
  return [{ param: "generator.dropout", message, severity: "warning" }];
}
