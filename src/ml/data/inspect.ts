/** Looks at a data set's headers before training: what is wrong, what is doubtful, how much memory it takes. */
import { availableMemory } from "node:process";
import { readHeader } from "../../image/decode.js";
import type { ImageHeader } from "../../image/header.js";
import type { Depth } from "../../image/image.js";
import { sideKey } from "./maker.js";
import type { SideKind } from "./network-image.js";
import { requireRoom, requireSameSize, type SampleForm, sideOf } from "./prepare.js";
import { DataError, type Dataset, type Side, sidesIn } from "./samples.js";

/** What a look at the headers found. */
export interface Inspection {
  /** Sentences for the user. */
  readonly warnings: readonly string[];
  /** Memory that all decoded samples take together. */
  readonly bytes: number;
  /** The depths that lose nothing of any input and any reference: float where a file is, else the most bits. */
  readonly depths: Readonly<Record<SideKind, Depth>>;
  /** Inputs and references whose values may be any: files of floats. */
  readonly floats: Readonly<Record<SideKind, readonly Side[]>>;
}

interface Seen {
  readonly side: Side;
  readonly kind: SideKind;
  readonly header: ImageHeader;
  /** Of the side: half the header's width for a composite. */
  readonly width: number;
  readonly height: number;
}

/**
 * Reads the header of every file once. Rejects with an ImageError or DataError that names the file: unreadable, odd width of a
 * composite, smaller than the crop, sizes that differ within a pair that is to be cropped, alpha that would be lost to a channel
 * that is asked for. With `on_device`, also where the decoded samples are above half of `free` bytes.
 */
export async function inspectDataset(
  dataset: Dataset,
  form: SampleForm,
  storage: "automatic" | "on_device" = "automatic",
  free: number = availableMemory(),
): Promise<Inspection> {
  const { inputs, references } = sidesIn(dataset);
  const headers = await readHeaders([...new Set([...inputs, ...references].map(({ path }) => path))]);
  const lookAs = (kind: SideKind) => (side: Side) => look(side, kind, headers.get(side.path)!);
  const seen = { input: inputs.map(lookAs("input")), reference: references.map(lookAs("reference")) };
  const all = [...seen.input, ...seen.reference];
  if (form.crop_size !== null) {
    for (const { side, width, height } of all) requireRoom({ width, height }, side.path, form.crop_size);
    if (dataset.kind === "paired") {
      for (const [at, input] of seen.input.entries()) {
        const reference = seen.reference[at]!;
        requireSameSize([input, reference], [input.side, reference.side]);
      }
    }
  }
  requireAlphaMeant(all, form);
  // A side that several samples have is kept once.
  const kept = new Map(all.map((one) => [sideKey(one.side, one.kind), one]));
  const bytes = [...kept.values()].reduce((sum, one) => sum + bytesOf(one, form), 0);
  if (storage === "on_device" && bytes > free / 2) {
    throw new DataError(
      `storage "on_device" would keep ${megabytes(bytes)} of decoded samples, above half of the ${megabytes(free)} ` +
        'that are free. Use storage "automatic", a smaller image_size or fewer samples.',
    );
  }
  const floats = (kind: SideKind) => seen[kind].filter(({ header }) => isFloat(header)).map(({ side }) => side);
  return {
    ...{ warnings: stretched(all, form), bytes },
    depths: { input: deepest(seen.input), reference: deepest(seen.reference) },
    floats: { input: floats("input"), reference: floats("reference") },
  };
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

function look(side: Side, kind: SideKind, header: ImageHeader): Seen {
  const { width, height } = header;
  if (side.half === undefined) return { side, kind, header, width, height };
  if (width % 2 !== 0) {
    throw new DataError(`${side.path}: an odd width (${width}×${height}) cannot be split into input and reference.`);
  }
  return { side, kind, header, width: width / 2, height };
}

function isFloat({ depth }: ImageHeader): boolean {
  return typeof depth !== "number";
}

function deepest(seen: readonly Seen[]): Depth {
  if (seen.some(({ header }) => isFloat(header))) return "float";
  return seen.every(({ header }) => header.depth === 8) ? 8 : 16;
}

/** Throws a DataError where files have alpha, the number of channels asks for it, and it is dropped. */
function requireAlphaMeant(seen: readonly Seen[], { channel_count, values }: SampleForm): void {
  if (values.alpha === "keep" || channel_count % 2 !== 0) return;
  const having = seen.filter(({ header }) => header.alpha);
  const first = having[0];
  if (!first) return;
  const colors = channel_count - 1;
  throw new DataError(
    `dataset.channel_count is ${channel_count}, ${having.length} of ${seen.length} images have alpha, and dataset.alpha "drop" ` +
      `takes it off; the first is ${first.side.path}. ` +
      `Fix: set dataset.alpha to "keep" to train alpha as the last channel, or dataset.channel_count to ${colors}.`,
  );
}

/** What is not resized is kept as it is stored, all else as floats. */
function bytesOf({ header, width, height }: Seen, form: SampleForm): number {
  const side = sideOf(form);
  const whole = form.crops || form.crop_size !== null || (width === side && height === side);
  const size = whole && header.depth !== "float" ? header.depth / 8 : Float32Array.BYTES_PER_ELEMENT;
  return (whole ? width * height : side ** 2) * form.channel_count * size;
}

function stretched(seen: readonly Seen[], form: SampleForm): readonly string[] {
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

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`;
}
