/** Node type `image_compare`: how far two images are apart. Knows two images at a time; models `compare_models` compares. */
import { defineNode, type InputFile, type InputMember, type ParamValues } from "dag-cook";
import type { Image, NonFinite, Range } from "dag-cook/image";
import { tagged, writeInto } from "./files/images.js";
import { NON_FINITE, RANGE, rangeProblems } from "./files/values.js";

const METRICS = ["mae", "rmse", "max_difference", "different", "psnr", "ssim"] as const;
type Metric = (typeof METRICS)[number];

/** Where more is better. */
const SIMILAR: readonly Metric[] = ["psnr", "ssim"];

/** That of equal images would be infinite. */
const MOST_PSNR = 200;

const PARAMS = {
  tag: { type: "string", default: "file/image/output", minLength: 1, description: "Tag of the image." },
  reference_tag: {
    type: "string",
    default: "file/image/reference",
    minLength: 1,
    description: "Tag of what it is compared with; if both tags are the same, the second such file.",
  },
  range: {
    ...RANGE,
    description:
      "The values, [low, high], that `psnr` and `ssim` are measured against, such as [-300, 2200] for heights in meters. Null: 0 to 1. The other metrics are in the images' own values.",
  },
  non_finite: NON_FINITE,
  tolerance: {
    type: "number",
    minimum: 0,
    default: 0,
    description: "A pixel counts as `different` where a channel differs by more, in the images' own values.",
  },
  metric: { type: "string", enum: METRICS, default: "mae", description: "What `limit` is about." },
  limit: {
    type: ["number", "null"],
    default: null,
    description: "The item fails where the metric is above it (`psnr`, `ssim`: below it); null: it never does.",
  },
  gain: { type: "number", exclusiveMinimum: 0, default: 1, description: "Factor of the difference in the image." },
} as const;

type Params = ParamValues<typeof PARAMS>;

export default defineNode({
  description:
    "Compares two images of an item or partition: metrics as attributes, and the difference as an image. Alpha counts as a channel.",
  version: 1,
  params: PARAMS,
  inputs: {
    main: { description: "Items with both images, or partitions of two, such as those of `partition_by_index`." },
  },
  attributes: {
    writes: { mae: "float", rmse: "float", max_difference: "float", different: "float", psnr: "float", ssim: "float" },
  },
  check: ({ range }) => rangeProblems("range", range),
  async cook({ inputs }, params, { directory, signal, warn }) {
    const [image, reference] = await bothOf(inputs.main!, params, warn);
    signal.throwIfAborted();
    const difference = await differenceOf(image, reference);
    const metrics = await measured(image, reference, difference, params);
    holdLimit(metrics, params);
    const shown = { ...difference, alpha: false, samples: difference.samples.map((value) => value * params.gain) };
    const path = difference.depth === "float" ? "difference.tif" : "difference.png";
    await writeInto(directory, path, shown);
    return { outputs: [{ path, tag: "file/image/difference" }], attributes: metrics };
  },
});

async function bothOf(
  members: readonly InputMember[],
  { tag, reference_tag, range, non_finite }: Params,
  warn: (line: string) => void,
) {
  const files = members.flatMap((member) => tagged(member, tag));
  const [file, second] = files;
  const reference = tag === reference_tag ? second : members.flatMap((member) => tagged(member, reference_tag))[0];
  const image = await read(found(file, tag, members), non_finite, range, warn);
  const other = await read(found(reference, reference_tag, members), non_finite, range, warn);
  if (image.width === other.width && image.height === other.height && image.channels === other.channels)
    return [image, other] as const;
  const sizeOf = ({ width, height, channels }: Image) => `${width}×${height} pixels and ${channels} channels`;
  throw new Error(`The image has ${sizeOf(image)}, its reference ${sizeOf(other)}; image_convert makes them alike.`);
}

/** An image of finite values; those that `psnr` and `ssim` do not expect are warned of. */
async function read(file: InputFile, policy: NonFinite, range: Params["range"], warn: (line: string) => void) {
  const {
    decodeImage,
    finiteImage,
    outOfRange: outsideOf,
    rangeValue: shownValue,
    UNIT,
  } = await import("dag-cook/image");
  const image = finiteImage(await decodeImage(file.path), policy, file.name);
  const expected = (range as Range | null) ?? UNIT;
  const outside = outsideOf(image, expected);
  if (outside === undefined) return image;
  const [low, high] = [shownValue(outside.low), shownValue(outside.high)];
  const what = range === null ? "0 to 1" : `the range ${JSON.stringify(range)}`;
  warn(
    `${file.name}: values from ${low} to ${high} are outside ${what}, against which psnr and ssim are measured. ` +
      `Fix: set "range" to the [low, high] of the images, such as [${low}, ${high}].`,
  );
  return image;
}

function found(file: InputFile | undefined, tag: string, members: readonly InputMember[]): InputFile {
  if (file !== undefined) return file;
  const tags = [...new Set(members.flatMap((member) => member.files.map((each) => each.tag)))].join(", ") || "none";
  throw new Error(`There is no such file tagged "${tag}"; the tags of the item's files are: ${tags}.`);
}

async function differenceOf(image: Image, reference: Image): Promise<Image> {
  const { valuesOf } = await import("dag-cook/image");
  const [values, others] = [valuesOf(image), valuesOf(reference)];
  for (let at = 0; at < values.length; at++) values[at] = Math.abs(values[at]! - others[at]!);
  return { ...image, samples: values };
}

async function measured(image: Image, reference: Image, { samples }: Image, { tolerance, range }: Params) {
  const { mapRange, planesOf, UNIT } = await import("dag-cook/image");
  const { mae, mse, psnr } = await import("dag-cook/ml/metrics/difference");
  const { ssim } = await import("dag-cook/ml/metrics/ssim");
  const { channels } = image;
  let [different, most] = [0, 0];
  for (let at = 0; at < samples.length; at += channels) {
    let pixel = 0;
    for (let c = 0; c < channels; c++) pixel = Math.max(pixel, samples[at + c]!);
    if (pixel > tolerance) different += 1;
    if (pixel > most) most = pixel;
  }
  const [a, b] = [planesOf(image), planesOf(reference)];
  const [low, high] = (range as Range | null) ?? UNIT;
  // Of large images each copy is a gigabyte.
  const unit = (of: Image, planes: Float32Array) =>
    range === null ? planes : planesOf(mapRange(of, [low, high], UNIT));
  return {
    mae: mae(a, b),
    rmse: Math.sqrt(mse(a, b)),
    max_difference: most,
    different: different / (image.width * image.height),
    psnr: Math.min(MOST_PSNR, psnr(a, b, high - low)),
    ssim: ssim(unit(image, a), unit(reference, b), { channels, height: image.height, width: image.width }),
  } satisfies Record<Metric, number>;
}

function holdLimit(metrics: Readonly<Record<Metric, number>>, { metric, limit }: Params): void {
  if (limit === null) return;
  const value = metrics[metric];
  const worse = SIMILAR.includes(metric) ? value < limit : value > limit;
  if (worse) throw new Error(`${metric} is ${value}, ${value < limit ? "below" : "above"} the limit of ${limit}.`);
}
