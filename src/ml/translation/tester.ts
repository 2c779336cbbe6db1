/**
 * Tests a generator on samples that it does not learn from: SSIM, which of its weights do better, and images of what it made.
 * It knows nothing of when tests are due.
 */
import { writeImage } from "../../image/encode.js";
import type { Depth } from "../../image/image.js";
import { sidesOf } from "../data/data-form.js";
import { type LoadedBatch, type Loader, openLoader } from "../data/loader.js";
import { fromNetwork, networkForm, type SideKind } from "../data/network-image.js";
import { drawSubset } from "../data/order.js";
import { type Dataset, sampleCount, sampleNames } from "../data/samples.js";
import type { Values } from "../runtime/runtime.js";
import type { Tester, TestResult } from "../training/job.js";
import type { SavedFiles } from "../training/saved.js";
import type { Trainer } from "../training/trainer.js";
import { type Weights, weightsOf } from "../training/weights.js";
import type { JobParams } from "./job.js";
import type { SampleImage, TranslationMethod } from "./method.js";
import type { Settings } from "./settings.js";
import { type BatchShape, sampleSsims, toUnit } from "./similarity.js";

/** Where the images go when no folder is given. */
const FOLDER = "test";

/** What a tester works with. */
interface TesterSources {
  readonly samples: Dataset;
  readonly params: JobParams;
  readonly settings: Settings;
  readonly method: TranslationMethod;
  readonly trainer: Trainer;
  readonly files: SavedFiles;
  /** Of the saved images, by what they are images of. */
  readonly depths: Readonly<Record<SideKind, Depth>>;
}

export class ImageTester implements Tester {
  readonly #params: JobParams;
  readonly #count: number;
  readonly #names: ReturnType<typeof sampleNames>;
  readonly #loader: Loader;
  readonly #trainer: Trainer;
  readonly #images: readonly SampleImage[];
  readonly #files: SavedFiles;
  readonly #depths: TesterSources["depths"];
  readonly #settings: Settings;

  /** Throws a DataError where the samples do not fit the parameters. */
  constructor({ samples, params, settings, method, trainer, files, depths }: TesterSources) {
    const { channel_count, image_size, crop_size, seed } = params.dataset;
    const { worker_threads, storage } = params.test;
    this.#params = params;
    this.#count = sampleCount(samples);
    this.#names = sampleNames(samples);
    this.#trainer = trainer;
    this.#images = method.images;
    this.#files = files;
    this.#depths = depths;
    this.#settings = settings;
    this.#loader = openLoader(samples, {
      ...{ channel_count, image_size, crop_size, seed, worker_threads, storage, values: settings.values },
      // One at a time, by number: which ones are tested is drawn anew each time.
      ...{ randomization: null, batch_size: 1, max_iterations: 1, shuffle_input_order: false, drop_boundary: false },
    });
  }

  /** Tests all weights; the images of the best are saved where that is asked for. */
  async run(iteration: number): Promise<TestResult> {
    const { dataset, test } = this.#params;
    const size = test.size === "all" ? null : test.size;
    const chosen = drawSubset(dataset.seed, iteration, this.#count, size);
    const batches = Array.from({ length: Math.ceil(chosen.length / test.batch_size) }, (_, at) =>
      chosen.slice(at * test.batch_size, (at + 1) * test.batch_size),
    );
    const all = weightsOf(this.#trainer.method);
    const ssims = new Map<Weights, number>();
    for (const weights of all) {
      const found: number[] = [];
      for (const batch of batches) {
        const images = await this.#make(batch, weights);
        found.push(...sampleSsims(this.#images, images, this.#shape(batch.length)));
        // With a choice, what is saved is known when all are tested.
        if (all.length === 1) await this.#saveBatch(batch, iteration, images);
      }
      ssims.set(weights, found.reduce((sum, one) => sum + one, 0) / found.length);
    }
    const best = [...ssims].reduce((one, other) => (other[1] >= one[1] ? other : one))[0];
    if (all.length > 1 && this.#saves) {
      for (const batch of batches) await this.#saveBatch(batch, iteration, await this.#make(batch, best));
    }
    const { target_ssim } = test;
    const isReached = target_ssim !== null && ssims.get(best)! >= target_ssim;
    const ended = `the test's SSIM has reached test.target_ssim ${target_ssim}`;
    return { scores: ssims, best, ...(isReached && { ended }) };
  }

  close(): Promise<void> {
    return this.#loader.close();
  }

  #shape(count: number): BatchShape {
    const { side } = this.#loader;
    return { count, channels: this.#params.dataset.channel_count, height: side, width: side };
  }

  get #saves(): boolean {
    const { output_dir, add_results_as_outputs } = this.#params.test;
    return output_dir !== null || add_results_as_outputs;
  }

  /** Sample by sample, so that the order of the files does not tell how many were generated at a time. */
  async #saveBatch(chosen: readonly number[], iteration: number, images: ReadonlyMap<string, Values>): Promise<void> {
    const { channels, height, width } = this.#shape(chosen.length);
    const length = channels * height * width;
    for (const [place, sample] of chosen.entries()) {
      const own = (name: string) => images.get(name)!.subarray(place * length, (place + 1) * length);
      for (const image of this.#images) await this.#save(sample, iteration, image, own(image.name));
    }
  }

  /** All images of the chosen samples by name, [chosen, channels, side, side]. */
  async #make(chosen: readonly number[], weights: Weights): Promise<ReadonlyMap<string, Values>> {
    const { side } = this.#loader;
    const batches: LoadedBatch[] = [];
    for (const sample of chosen) batches.push(await this.#loader.batch(sample));
    const images = new Map<string, Values>();
    const shape = [chosen.length, this.#params.dataset.channel_count, side, side];
    for (const { name, side: from, made } of this.#images) {
      const source = made && images.get(made.of)!;
      const values = source
        ? (await this.#trainer.apply(made.generator, weights, source, shape)).slice()
        : joined(batches.map(({ values }) => values.get(from)!));
      images.set(name, values);
    }
    return images;
  }

  async #save(sample: number, iteration: number, { name, role, side: from, made }: SampleImage, values: Values) {
    if (!this.#saves) return;
    const { output_dir } = this.#params.test;
    const { side } = this.#loader;
    const kind = made === undefined ? from : sidesOf(made.generator).to;
    const form = networkForm(this.#settings, kind);
    const depth = this.#depths[kind];
    const planes = { channels: form.channel_count!, height: side, width: side, data: toUnit(values) };
    const extension = typeof depth === "number" ? "png" : "tif";
    const path = `${output_dir ?? FOLDER}/${this.#nameOf(sample, from)}_${iteration}_${name}.${extension}`;
    const parameter = output_dir === null ? null : "test.output_dir";
    const file = { path, kind: `test_${role}`, parameter, iteration };
    await this.#files.save(file, (to) => writeImage(to, fromNetwork(planes, form, depth)));
  }

  /** The name of a sample's side; equal ones are told apart by their number. */
  #nameOf(sample: number, side: "input" | "reference"): string {
    const names = this.#names[side].map((name) => name.replaceAll("/", "_"));
    const at = sample % names.length;
    const name = names[at]!;
    return names.indexOf(name) === names.lastIndexOf(name) ? name : `${name}_${at}`;
  }
}

/** Arrays of one length, one after the other. */
function joined(parts: readonly Values[]): Values {
  const length = parts[0]!.length;
  const all = new Float32Array(parts.length * length);
  for (const [at, part] of parts.entries()) all.set(part, at * length);
  return all;
}
