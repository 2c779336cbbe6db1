/** Looks at a data set's headers before training: what is wrong, what is doubtful, how much memory it takes. */
import { availableMemory } from "node:process";
import { readHeader } from "../../image/decode.js";
import type { ImageHeader } from "../../image/header.js";
import { type Form, requireRoom, sideOf } from "./prepare.js";
import { DataError, type Dataset, type Side } from "./samples.js";
import { sideKey } from "./store.js";
import { requireSameSize } from "./work.js";

/** What a look at the headers found. */
export interface Inspection {
  /** Sentences for the user. */
  readonly warnings: readonly string[];
  /** Memory that all decoded samples take together. */
  readonly bytes: number;
  /** Bits of a PNG's channels that lose nothing of 8- and 16-bit files: 16 where one file is deeper than 8 bits. */
  readonly depth: 8 | 16;
}

interface Seen {
  readonly side: Side;
  readonly header: ImageHeader;
  /** Of the side: half the header's width for a composite. */
  readonly width: number;
  readonly height: number;
}

/**
 * Reads the header of every file once. Rejects with an ImageError or DataError that names the file: unreadable, odd
 * width of a composite, smaller than the crop, sizes that differ within a pair that is to be cropped. With `on_device`,
 * also where the decoded samples are above half of `free` bytes.
 */
export async function inspectDataset(
  dataset: Dataset,
  form: Form,
  storage: "automatic" | "on_device" = "automatic",
  free: number = availableMemory(),
): Promise<Inspection> {
  const pairs =
    dataset.kind === "paired" ? dataset.samples.map(({ input, reference }) => [input, reference] as const) : [];
  const sides = dataset.kind === "paired" ? pairs.flat() : [...dataset.inputs, ...dataset.references];
  const headers = await readHeaders([...new Set(sides.map(({ path }) => path))]);
  const seen = sides.map((side) => look(side, headers.get(side.path)!));
  if (form.crop_size !== null) {
    for (const { side, width, height } of seen) requireRoom({ width, height }, side.path, form.crop_size);
    for (const [index, pair] of pairs.entries()) requireSameSize([seen[2 * index]!, seen[2 * index + 1]!], pair);
  }
  // A side that several samples have is kept once.
  const kept = new Map(seen.map((one) => [sideKey(one.side), one]));
  const bytes = [...kept.values()].reduce((sum, one) => sum + bytesOf(one, form), 0);
  if (storage === "on_device" && bytes > free / 2) {
    throw new DataError(
      `storage "on_device" would keep ${megabytes(bytes)} of decoded samples, above half of the ${megabytes(free)} ` +
        'that are free. Use storage "automatic", a smaller image_size or fewer samples.',
    );
  }
  const depth = seen.every(({ header }) => header.depth === 8) ? 8 : 16;
  return { warnings: [...stretched(seen, form), ...alphaAsColor(seen, form)], bytes, depth };
}

async function readHeaders(paths: readonly string[]): Promise<ReadonlyMap<string, ImageHeader>> {
  const headers = new Map<string, ImageHeader>();
  const rest = paths.values();
  const reader = async () => {
    for (const path of rest) headers.set(path, await readHeader(path));
  };
  // As many as Node has threads for files and sharp.
  await Promise.all(Array.from({ length: 4 }, reader));
  return headers;
}

function look(side: Side, header: ImageHeader): Seen {
  const { width, height } = header;
  if (side.half === undefined) return { side, header, width, height };
  if (width % 2 !== 0) {
    throw new DataError(`${side.path}: an odd width (${width}×${height}) cannot be split into input and reference.`);
  }
  return { side, header, width: width / 2, height };
}

/** What is not resized is kept as it is stored, all else as floats. */
function bytesOf({ header, width, height }: Seen, form: Form): number {
  const side = sideOf(form);
  const whole = form.crops || form.crop_size !== null || (width === side && height === side);
  const size = whole && header.depth !== "float" ? header.depth / 8 : Float32Array.BYTES_PER_ELEMENT;
  return (whole ? width * height : side ** 2) * form.channel_count * size;
}

function stretched(seen: readonly Seen[], form: Form): readonly string[] {
  if (form.crop_size !== null) return [];
  const odd = seen.filter(({ width, height }) => width !== height);
  const first = odd[0];
  if (!first) return [];
  const size = `${form.image_size}×${form.image_size}`;
  return [
    `${odd.length} of ${seen.length} images are not square and are stretched to ${size}; ` +
      `the first is ${first.side.path} (${first.width}×${first.height}).`,
  ];
}

function alphaAsColor(seen: readonly Seen[], form: Form): readonly string[] {
  const gray = seen.filter(({ header }) => header.alpha && header.channels === 2 && form.channel_count >= 3);
  const first = gray[0];
  if (!first) return [];
  return [
    `${gray.length} of ${seen.length} images are gray with alpha; with channel_count ${form.channel_count} the alpha ` +
      `becomes a colour (missing channels copy the last one). The first is ${first.side.path}.`,
  ];
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`;
}
