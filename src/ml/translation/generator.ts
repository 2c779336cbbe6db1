/**
 * Which generator a model is: its options as one value, the network that they build, and their text in a checkpoint, from
 * which the network can be built again. It knows nothing of training.
 */
import { type DataForm, describeData, describedData } from "../data/data-form.js";
import type { Network, Problem } from "../networks/network.js";
import { type ResnetOptions, resnet, resnetProblems } from "../networks/resnet.js";
import { type UnetOptions, unet, unetProblems } from "../networks/unet.js";

/** A generator's architecture and hyperparameters. */
export type GeneratorOptions =
  | ({ readonly architecture: "unet" } & UnetOptions)
  | ({ readonly architecture: "resnet" } & ResnetOptions);

/** The network of these options, which must have no problems. */
export function generatorNetwork(options: GeneratorOptions): Network {
  return options.architecture === "unet" ? unet(options) : resnet(options);
}

/** What is wrong with these options for square images of this side, by parameter. */
export function generatorProblems(options: GeneratorOptions, side: number): readonly Problem[] {
  return options.architecture === "unet" ? unetProblems(options, side) : resnetProblems(options, side);
}

/** What image sides must be multiples of. */
export function sizeMultiple(options: GeneratorOptions): number {
  return options.architecture === "unet" ? 2 ** options.layers : 4;
}

/** A generator as a checkpoint describes it. */
export interface DescribedGenerator {
  readonly options: GeneratorOptions;
  /** Side of the images that it was trained on. */
  readonly image_size: number;
  readonly data: DataForm;
}

/** Metadata of a generator's checkpoint. */
export function describeGenerator({ options, image_size, data }: DescribedGenerator): Readonly<Record<string, string>> {
  return { generator: JSON.stringify(options), image_size: String(image_size), ...describeData(data) };
}

/** The generator that a checkpoint's metadata describes; undefined where it describes none. */
export function describedGenerator(metadata: Readonly<Record<string, string>>): DescribedGenerator | undefined {
  try {
    const options = JSON.parse(metadata.generator ?? "") as GeneratorOptions;
    const image_size = Number(metadata.image_size);
    const isKnown = options.architecture === "unet" || options.architecture === "resnet";
    if (!isKnown || generatorProblems(options, image_size).length > 0) return undefined;
    return { options, image_size, data: describedData(metadata) };
  } catch {
    return undefined;
  }
}
