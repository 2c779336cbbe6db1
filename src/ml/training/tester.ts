/**
 * Tests a generator on samples that it does not learn from: SSIM, and images of what it made. It knows nothing of when tests
 * are due.
 */

import { writeImage } from "../../image/encode.js";
import { imageOf } from "../../image/image.js";
import { type Loader, openLoader } from "../data/loader.js";
import { drawSubset } from "../data/order.js";
import type { Dataset } from "../data/samples.js";
import type { JobParams } from "./job.js";
import type { SavedFiles, SavedKind } from "./saved.js";
import { batchSsim, toUnit } from "./similarity.js";
import type { Trainer } from "./trainer.js";

/** Where the images go when no folder is given. */
const FOLDER = "test";

export class Tester {
  readonly #params: JobParams;
  readonly #samples: Dataset & { readonly kind: "paired" };
  readonly #loader: Loader;
  readonly #trainer: Trainer;
  readonly #files: SavedFiles;

  /** Throws a DataError where the samples do not fit the parameters. */
  constructor(samples: Dataset, params: JobParams, trainer: Trainer, files: SavedFiles) {
    if (samples.kind !== "paired") throw new Error("tests of unpaired samples are not known here");
    const { channel_count, image_size, crop_size, seed } = params.dataset;
    const { worker_threads, storage } = params.test;
    this.#params = params;
    this.#samples = samples;
    this.#trainer = trainer;
    this.#files = files;
    this.#loader = openLoader(samples, {
      ...{ channel_count, image_size, crop_size, seed, worker_threads, storage },
      // One at a time, by number: which ones are tested is drawn anew each time.
      ...{ randomization: null, batch_size: 1, max_iterations: 1, shuffle_input_order: false, drop_boundary: false },
    });
  }

  /** The mean SSIM over the samples that are tested in this iteration; their images are saved where that is asked for. */
  async run(iteration: number): Promise<number> {
    const { dataset, test } = this.#params;
    const size = test.size === "all" ? null : test.size;
    const chosen = drawSubset(dataset.seed, iteration, this.#samples.samples.length, size);
    const ssims: number[] = [];
    for (let at = 0; at < chosen.length; at += test.batch_size) {
      ssims.push(...(await this.#testBatch(chosen.slice(at, at + test.batch_size), iteration)));
    }
    return ssims.reduce((sum, one) => sum + one, 0) / ssims.length;
  }

  close(): Promise<void> {
    return this.#loader.close();
  }

  async #testBatch(chosen: readonly number[], iteration: number): Promise<readonly number[]> {
    const { side } = this.#loader;
    const channels = this.#params.dataset.channel_count;
    const length = channels * side * side;
    const [input, reference] = [new Float32Array(chosen.length * length), new Float32Array(chosen.length * length)];
    for (const [place, sample] of chosen.entries()) {
      const batch = await this.#loader.batch(sample);
      input.set(batch.input, place * length);
      reference.set(batch.reference, place * length);
    }
    const generated = await this.#trainer.generate(input, chosen.length, side, side);
    for (const [place, sample] of chosen.entries()) {
      const part = (values: Float32Array) => values.subarray(place * length, (place + 1) * length);
      await this.#save(sample, iteration, "input", part(input));
      await this.#save(sample, iteration, "output", part(generated));
      await this.#save(sample, iteration, "reference", part(reference));
    }
    return batchSsim(generated, reference, { count: chosen.length, channels, height: side, width: side });
  }

  async #save(sample: number, iteration: number, what: "input" | "output" | "reference", values: Float32Array) {
    const { output_dir, add_results_as_outputs } = this.#params.test;
    if (output_dir === null && !add_results_as_outputs) return;
    const { side } = this.#loader;
    const image = imageOf({ width: side, height: side, channels: this.#params.dataset.channel_count }, toUnit(values));
    const path = `${output_dir ?? FOLDER}/${this.#nameOf(sample)}_${iteration}_${what}.png`;
    const kind: SavedKind = `test_${what}`;
    const parameter = output_dir === null ? null : "test.output_dir";
    await this.#files.save({ path, kind, parameter, iteration }, (to) => writeImage(to, image, 8));
  }

  /** Samples of one name are told apart by their number. */
  #nameOf(sample: number): string {
    const names = this.#samples.samples.map(({ name }) => name.replaceAll("/", "_"));
    const name = names[sample]!;
    return names.indexOf(name) === names.lastIndexOf(name) ? name : `${name}_${sample}`;
  }
}
