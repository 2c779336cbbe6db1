/** Node type `image_compare`: how far two images are apart. Knows two images at a time; models `compare_models` compares. */
import { join } from "node:path";
import { defineNode, type InputFile, type InputMember, type ParamValues } from "dag-cook";
import type { Image, ImageHeader, OpenedImage, Range, RangeWatch, Strips } from "dag-cook/image";
import { tagged } from "./files/images.js";
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
    const pair = await openPair(filesOf(inputs.main!, params), params, directory);
    try {
      const compared = await compare(pair, params, directory, signal);
      for (const one of [pair.image, pair.reference]) await warnOutside(one, params, warn);
      holdLimit(compared.metrics, params);
      return { outputs: [{ path: compared.path, tag: "file/image/difference" }], attributes: compared.metrics };
    } finally {
      await pair.close();
    }
  },
});

function filesOf(members: readonly InputMember[], { tag, reference_tag }: Params): readonly [InputFile, InputFile] {
  const files = members.flatMap((member) => tagged(member, tag));
  const [file, second] = files;
  const reference = tag === reference_tag ? second : members.flatMap((member) => tagged(member, reference_tag))[0];
  return [found(file, tag, members), found(reference, reference_tag, members)];
}

/** An image that is read strip by strip, finite values only. */
interface Source {
  readonly name: string;
  readonly header: ImageHeader;
  rows(top: number, count: number): Promise<Image>;
  readonly watch: RangeWatch;
}

interface Pair {
  readonly image: Source;
  readonly reference: Source;
  close(): Promise<void>;
}

/** Opens two images of one shape. */
async function openPair(files: readonly [InputFile, InputFile], params: Params, directory: string): Promise<Pair> {
  const { finiteImage, openImage, openStrips, UNIT, watchRange } = await import("dag-cook/image");
  const [opened, other] = [await openImage(files[0].path), await openImage(files[1].path)];
  const shapeOf = ({ header: { width, height, channels } }: OpenedImage) =>
    `${width}×${height} pixels and ${channels} channels`;
  if (shapeOf(opened) !== shapeOf(other))
    throw new Error(
      `The image has ${shapeOf(opened)}, its reference ${shapeOf(other)}; image_convert makes them alike.`,
    );
  const source = ({ header, rows }: Strips, { name }: InputFile): Source => ({
    ...{ name, header, watch: watchRange((params.range as Range | null) ?? UNIT) },
    rows: async (top, count) => finiteImage(await rows(top, count), params.non_finite, name, top),
  });
  const first = await openStrips(opened, directory);
  const second = await openStrips(other, directory).catch(async (cause: unknown) => {
    await first.close();
    throw cause;
  });
  return {
    image: source(first, files[0]),
    reference: source(second, files[1]),
    close: async () => {
      await first.close();
      await second.close();
    },
  };
}

/** Warns of values that `psnr` and `ssim` do not expect. */
async function warnOutside({ name, watch }: Source, { range }: Params, warn: (line: string) => void): Promise<void> {
  const { rangeValue: shownValue } = await import("dag-cook/image");
  const outside = watch.found();
  if (outside === undefined) return;
  const [low, high] = [shownValue(outside.low), shownValue(outside.high)];
  const what = range === null ? "0 to 1" : `the range ${JSON.stringify(range)}`;
  warn(
    `${name}: values from ${low} to ${high} are outside ${what}, against which psnr and ssim are measured. ` +
      `Fix: set "range" to the [low, high] of the images, such as [${low}, ${high}].`,
  );
}

function found(file: InputFile | undefined, tag: string, members: readonly InputMember[]): InputFile {
  if (file !== undefined) return file;
  const tags = [...new Set(members.flatMap((member) => member.files.map((each) => each.tag)))].join(", ") || "none";
  throw new Error(`There is no such file tagged "${tag}"; the tags of the item's files are: ${tags}.`);
}

/** Measures strip by strip, and writes the difference. Strips share the rows that SSIM's windows of both need. */
async function compare({ image, reference }: Pair, params: Params, directory: string, signal: AbortSignal) {
  const { rowsOf, stripRows, writeStrips } = await import("dag-cook/image");
  const { ssimWindow } = await import("dag-cook/ml/metrics/ssim");
  const { header } = image;
  const { height, depth } = header;
  const halo = ssimWindow(header) - 1;
  const step = stripRows(header, header, 1);
  const sums = await openSums(header, params);
  const differences = async function* () {
    for (let top = 0; top < height - halo; top += step) {
      signal.throwIfAborted();
      const rows = Math.min(step, height - halo - top);
      const [a, b] = [await image.rows(top, rows + halo), await reference.rows(top, rows + halo)];
      sums.addSsim(a, b, rows);
      // The last strip has the rows below its windows' first ones, too.
      const own = top + rows + halo === height ? rows + halo : rows;
      const [ownA, ownB] = [rowsOf(a, 0, own), rowsOf(b, 0, own)];
      image.watch.add(ownA);
      reference.watch.add(ownB);
      yield sums.addDifference(ownA, ownB);
    }
  };
  const path = depth === "float" ? "difference.tif" : "difference.png";
  const format =
    depth === "float" ? ({ format: "tiff", floats: true, geo: {} } as const) : ({ format: "png", depth } as const);
  await writeStrips(join(directory, path), height, differences(), format);
  return { path, metrics: sums.metrics() };
}

/** The metrics as means over strips, each weighed by its share of the image. */
async function openSums({ width, height }: ImageHeader, { tolerance, range, gain }: Params) {
  const { mapRange, planesOf, UNIT, valuesOf } = await import("dag-cook/image");
  const { mae, mse, psnr } = await import("dag-cook/ml/metrics/difference");
  const { ssim, ssimWindow } = await import("dag-cook/ml/metrics/ssim");
  const windowRows = height - ssimWindow({ width, height }) + 1;
  const span = (range as Range | null) ?? UNIT;
  const unit = (strip: Image) => planesOf(mapRange(strip, span, UNIT));
  const mean = { mae: 0, mse: 0, ssim: 0 };
  let [different, most] = [0, 0];
  return {
    /** A strip with `rows` rows of windows. */
    addSsim(a: Image, b: Image, rows: number): void {
      mean.ssim += ssim(unit(a), unit(b), a) * (rows / windowRows);
    },
    /** Rows that no other strip adds. Returns their difference as an image. */
    addDifference(a: Image, b: Image): Image {
      const [values, others] = [valuesOf(a), valuesOf(b)];
      const share = a.height / height;
      mean.mae += mae(values, others) * share;
      mean.mse += mse(values, others) * share;
      for (let first = 0; first < values.length; first += a.channels) {
        let pixel = 0;
        for (let at = first; at < first + a.channels; at++) {
          const distance = Math.fround(Math.abs(values[at]! - others[at]!));
          pixel = Math.max(pixel, distance);
          values[at] = distance * gain;
        }
        if (pixel > tolerance) different += 1;
        if (pixel > most) most = pixel;
      }
      return { ...a, alpha: false, samples: values };
    },
    metrics: () =>
      ({
        mae: mean.mae,
        rmse: Math.sqrt(mean.mse),
        max_difference: most,
        different: different / (width * height),
        psnr: Math.min(MOST_PSNR, psnr(mean.mse, span[1] - span[0])),
        ssim: mean.ssim,
      }) satisfies Record<Metric, number>,
  };
}

function holdLimit(metrics: Readonly<Record<Metric, number>>, { metric, limit }: Params): void {
  if (limit === null) return;
  const value = metrics[metric];
  const worse = SIMILAR.includes(metric) ? value < limit : value > limit;
  if (worse) throw new Error(`${metric} is ${value}, ${value < limit ? "below" : "above"} the limit of ${limit}.`);
}
