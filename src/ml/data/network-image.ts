/**
 * From a file's image to what a network sees, and from its answer back to a file's values: finite values, alpha, channels,
 * data range. The one way for training, tests, previews, applying and scores. Knows nothing of sizes, batches and formats.
 */
import { finiteImage, type NonFinite } from "../../image/finite.js";
import { type Depth, type Image, imageOf, valuesOf } from "../../image/image.js";
import { imageOfPlanes, planesOf } from "../../image/planes.js";
import { mapRange, type Range, UNIT } from "../../image/range.js";
import { toChannels, withoutAlpha } from "../../image/tone.js";

/** Whether alpha is taken off before channels are counted, or is the last of them. */
export type AlphaUse = "drop" | "keep";

/** How values of files and of a network go together. */
export interface NetworkForm {
  /** Channels that the network sees, alpha among them; null: those of the image. */
  readonly channel_count: number | null;
  readonly alpha: AlphaUse;
  /** The values of files that are 0 and 1 to the network. Of colors; alpha is 0 to 1 in both. */
  readonly range: Range;
  readonly non_finite: NonFinite;
}

/** How the values of a data set's files are seen: of inputs and of references. */
export interface SampleValues {
  readonly alpha: AlphaUse;
  readonly non_finite: NonFinite;
  readonly input_range: Range;
  readonly reference_range: Range;
}

/** Values that are taken as they are. */
export const PLAIN_VALUES: SampleValues = {
  ...{ alpha: "drop", non_finite: "error", input_range: UNIT, reference_range: UNIT },
};

export type SideKind = "input" | "reference";

/** The sides of a sample, in their order. */
export const SIDES: readonly [SideKind, SideKind] = ["input", "reference"];

/** The form of one side's images. */
export function networkForm(
  { channel_count, values }: { readonly channel_count: number; readonly values: SampleValues },
  kind: SideKind,
): NetworkForm {
  const { alpha, non_finite } = values;
  return { channel_count, alpha, non_finite, range: values[`${kind}_range`] };
}

/**
 * The image as a network sees it, with values that the range maps to 0..1 (nothing is clipped). Missing color channels copy the
 * last, surplus ones are dropped; a kept alpha is opaque where the image has none. `name`: what messages call the image. Throws
 * an ImageError that names it.
 */
export function toNetwork(image: Image, form: NetworkForm, name: string): Image {
  const finite = finiteImage(image, form.non_finite, name);
  const shaped =
    form.alpha === "keep" ? keepingAlpha(finite, form.channel_count) : dropping(finite, form.channel_count);
  return mapRange(shaped, form.range, UNIT);
}

/** Values in planes, [channels, height, width]. */
export interface NetworkPlanes {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly data: Float32Array;
}

/** The image as a network sees it, in planes. */
export function networkPlanes(image: Image, form: NetworkForm, name: string): NetworkPlanes {
  const { channels, height, width, ...seen } = toNetwork(image, form, name);
  return { channels, height, width, data: planesOf({ channels, height, width, ...seen }) };
}

/** A network's answer, of values of 0..1, as an image in values of files. */
export function fromNetwork(
  planes: NetworkPlanes,
  { alpha, range }: Pick<NetworkForm, "alpha" | "range">,
  depth: Depth,
): Image {
  const image = imageOfPlanes(planes, planes.data, depth, alpha === "keep" && planes.channels % 2 === 0);
  return mapRange(image, UNIT, range);
}

function dropping(image: Image, count: number | null): Image {
  const colors = withoutAlpha(image);
  return count === null ? colors : toChannels(colors, count);
}

function keepingAlpha(image: Image, count: number | null): Image {
  if (image.alpha && (count ?? image.channels) === image.channels) return image;
  const plain = withoutAlpha(image);
  const colors = toChannels(plain, count === null ? plain.channels : count - 1);
  const values = valuesOf(colors);
  const opacity = image.alpha ? valuesOf(image) : undefined;
  const channels = colors.channels + 1;
  const samples = new Float32Array(channels * image.width * image.height).fill(1);
  for (let pixel = 0, to = 0; to < samples.length; pixel++, to += channels) {
    for (let c = 0; c < colors.channels; c++) samples[to + c] = values[pixel * colors.channels + c]!;
    if (opacity !== undefined) samples[to + channels - 1] = opacity[(pixel + 1) * image.channels - 1]!;
  }
  return imageOf({ ...image, channels }, samples, image.depth, true);
}
