/** What `onnx_apply` makes of one image: values of a file to values of a model, and back. It knows no parameters' schemas. */
import type { InputFile } from "dag-cook";
import type { Depth, Image, NonFinite, Range } from "dag-cook/image";
import type { FlipAveraging, Tiling } from "dag-cook/ml/inference/apply";
import type { LoadedModel } from "dag-cook/ml/inference/image-model";

/** How images and models go together; null: as the model's metadata have it. */
export interface Application {
  readonly alpha: "drop" | "keep" | null;
  readonly input_range: readonly number[] | null;
  readonly output_range: readonly number[] | null;
  readonly non_finite: NonFinite;
  readonly flips: FlipAveraging;
  readonly tiling: Tiling | undefined;
  readonly signal: AbortSignal;
  /** Of the output; `float` and `integer` leave the bits open, and null is what loses nothing. */
  readonly depth: Depth | "integer" | null;
}

/** Values this much outside of 0..1 are an overshoot, as enlarging models have; more is another scale. */
const OVERSHOOT = 0.05;

/** The model's answer, in values of files and of the depth in which it is to be written. */
export async function answerTo(
  model: LoadedModel,
  image: Image,
  file: InputFile,
  how: Application,
  warn: (line: string) => void,
): Promise<Image> {
  const { fromNetwork, toNetwork } = await import("dag-cook/ml/data/network-image");
  const { finiteImage, isUnit, planesOf } = await import("dag-cook/image");
  const { applyModel } = await import("dag-cook/ml/inference/apply");
  const own = await formOf(model);
  const alpha = how.alpha ?? own.alpha;
  const form = { channel_count: model.channels ?? null, alpha, non_finite: how.non_finite };
  const given = toNetwork(image, { ...form, range: (how.input_range as Range | null) ?? own.input_range }, file.name);
  const before = image.depth === "float" ? await outside(given) : undefined;
  if (before !== undefined) {
    // A model that records its range was trained with it: another one would change what it learned.
    const fix = model.metadata.has("input_range")
      ? 'train with such images and "dataset.input_range"'
      : 'set "input_range" to the [low, high] that are black and white to it';
    warn(`${file.name}: values from ${before} are outside the range that ${model.name} takes. Fix: ${fix}.`);
  }
  const answer = await applyModel(model, { ...given, data: planesOf(given) }, how);
  const range = (how.output_range as Range | null) ?? own.output_range;
  const lossless = isUnit(range) && answer.channels <= 4 ? image.depth : "float";
  const depth = how.depth === "integer" ? (image.depth === 8 ? 8 : 16) : (how.depth ?? lossless);
  // What a model returns is checked as what is read: half floats overflow, and 0 / 0 is no number.
  const result = finiteImage(
    fromNetwork(answer, { alpha, range }, depth),
    how.non_finite,
    `${model.name}, applied to ${file.name}`,
  );
  const beyond = depth === "float" ? undefined : await outside(result);
  if (beyond !== undefined) {
    const fix = isUnit(range)
      ? 'set "value_range" or "output_value_range" to the model\'s scale ("zero_to_255", "minus_one_to_one"), or end "output" in .tif'
      : 'end "output" in .tif, or set "output_range" to [0, 1]';
    warn(`${file.name}: ${model.name} returns values from ${beyond}, which a PNG clips to 0 to 1. Fix: ${fix}.`);
  }
  return result;
}

async function formOf({ metadata, name }: LoadedModel) {
  const { describedData } = await import("dag-cook/ml/data/data-form");
  try {
    return describedData(Object.fromEntries(metadata));
  } catch (cause) {
    throw new Error(`${name}: ${(cause as Error).message}.`, { cause });
  }
}

/** From where to where values go, where they leave 0..1. */
async function outside(image: Image): Promise<string | undefined> {
  const { outOfRange: outsideOf, rangeValue: shownValue, UNIT } = await import("dag-cook/image");
  const found = outsideOf(image, UNIT, OVERSHOOT);
  return found && `${shownValue(found.low)} to ${shownValue(found.high)}`;
}
