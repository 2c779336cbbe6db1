/** Node type `ml_train_style_transfer`: trains a network to turn input images into reference images. */
import { type CookItem, defineNode, type InputFile, type Json, type ParamValues } from "dag-cook";
import type { TranslationJob } from "dag-cook/ml/translation/job";
import { datasetOf, filesFrom, findFiles } from "./style_transfer/dataset.js";
import { outputsOf } from "./style_transfer/outputs.js";
import { PARAMS } from "./style_transfer/params.js";
import { findFrames, framesOf } from "./style_transfer/previews.js";
import { problemsOf } from "./style_transfer/problems.js";
import { lookAtRuntimes, slotsOf } from "./style_transfer/runtime.js";

type Params = ParamValues<typeof PARAMS>;

/** Tag of a training's state that is continued. */
const STATE = "file/model/state";

export default defineNode({
  description:
    "Trains a generator against a discriminator to turn input images into reference images: from pairs (pix2pix), or from two sets without pairs, both ways (CycleGAN).",
  version: 1,
  params: PARAMS,
  inputs: {
    main: {
      description: "Items with inputs and references, such as a partition, for `work_items` and `unpaired_work_items`.",
      optional: true,
    },
    test: { description: "The same for tests, as one partition.", optional: true },
  },
  attributes: {
    // Those of pairs without an index, of unpaired training with one.
    writes: {
      ...{ iteration: "int", g_total: "float" },
      ...{ g_gan: "float", g_gan_0: "float", g_gan_1: "float", g_l1: "float" },
      ...{ g_gradient: "float", g_ssim: "float" },
      ...{ cycle_0: "float", cycle_1: "float", idt_0: "float", idt_1: "float" },
      ...{ d_real: "float", d_real_0: "float", d_real_1: "float" },
      ...{ d_fake: "float", d_fake_0: "float", d_fake_1: "float" },
      ...{ score_real: "float", score_real_0: "float", score_real_1: "float" },
      ...{ score_fake: "float", score_fake_0: "float", score_fake_1: "float" },
      ...{ ssim_train: "float", ssim_test: "float", ssim_cycle: "float" },
      ...{ seconds: "float", images_per_s: "float", runtime: "string", device: "string", devices: "int" },
    },
    measured: ["seconds", "images_per_s", "runtime", "device", "devices"],
  },
  // The processor's sums come in a fixed order, and a training in them to the byte; a graphics card's do not.
  tolerance: ({ device }) => (device === "cpu" || device === "wasm" ? undefined : 0.1),
  slots: slotsOf,
  check: problemsOf,
  async discover({ dataset, test, training, preview }, context) {
    const files = [...(await findFiles(dataset, "train", context))];
    if (test.enabled) files.push(...(await findFiles(test, "test", context)));
    files.push(...(await findFrames(preview, context)));
    const { continue_from } = training;
    if (continue_from !== null) {
      const path = continue_from.endsWith(".state") ? continue_from : `${continue_from}.state`;
      files.push({ ...(await context.read(path)), tag: STATE });
    }
    return files as unknown as Json;
  },
  *generate(_upstream, _params, discovered) {
    yield { identity: "training", files: filesFrom(discovered) };
  },
  async cook(item, params, { directory, resume, signal, threads, device, progress, log, warn }) {
    const { train } = await import("dag-cook/ml/translation/train");
    const { runtime, override_device, allow_fallback, devices } = params.env;
    const choice = { runtime, device: override_device, allow_fallback, devices, granted: device === "gpu" };
    const spoken = speaker(item);
    const context = {
      ...{ resume, signal, threads, runtime: choice, progress },
      ...{ log: (line: string) => log(spoken(line)), warn: (line: string) => warn(spoken(line)) },
    };
    const { figures, partial, failure, files, timing, computed } = await train(
      await jobOf(item, params),
      context,
      directory,
    ).catch((error: Error) => {
      const said = spoken(error.message);
      throw said === error.message ? error : new Error(said, { cause: error });
    });
    const { iteration, learning_rate: _, scalars, ...ssims } = figures;
    const { seconds, learning, images } = timing;
    return {
      outputs: outputsOf(files, params),
      attributes: { iteration, ...scalars, ...ssims, seconds, images_per_s: images / learning, ...computed },
      partial,
      ...(failure !== undefined && { failure }),
    };
  },
  doctor: lookAtRuntimes,
});

async function jobOf({ files, inputs }: CookItem, params: Params): Promise<TranslationJob> {
  const { dataset, test, training } = params;
  const limit = dataset.limit_input_count ?? undefined;
  return {
    params,
    samples: await datasetOf(dataset, "train", files, inputs.main ?? [], limit),
    tests: test.enabled ? await datasetOf(test, "test", files, inputs.test ?? []) : null,
    initial_weights: training.initial_weights,
    continue_from: files.find(({ tag }) => tag === STATE)?.path ?? null,
    previews: framesOf(files),
  };
}

/** Text that calls files by their names: those of upstream items are in the cache, where nobody knows them. */
function speaker({ files, inputs }: CookItem): (text: string) => string {
  const all: readonly InputFile[] = [
    ...files,
    ...Object.values(inputs).flatMap((members) => members.flatMap((each) => each.files)),
  ];
  return (text) => all.reduce((said, { path, name }) => said.replaceAll(path, name), text);
}
