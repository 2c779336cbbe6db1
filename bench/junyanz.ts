/**
 * Writes what `junyanz_check.py` compares with PyTorch: checkpoints as the product writes them, an image, and what the
 * product's networks answer to it. It knows nothing of PyTorch.
 *
 *   node dist/bench/junyanz.js FOLDER
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { randomStream } from "../src/base/random.js";
import { writeImage } from "../src/image/encode.js";
import { imageOfPlanes } from "../src/image/planes.js";
import type { Network } from "../src/ml/networks/network.js";
import { patchgan } from "../src/ml/networks/patchgan.js";
import { ProgramBuilder } from "../src/ml/program/build.js";
import { sizeOf } from "../src/ml/program/shapes.js";
import { createOnnxruntime } from "../src/ml/runtime/onnxruntime/onnxruntime.js";
import { type CheckpointTensor, readCheckpoint, writeCheckpoint } from "../src/ml/training/checkpoint.js";
import { bindNetwork, stateName } from "../src/ml/training/update.js";
import { type GeneratorOptions, generatorNetwork } from "../src/ml/translation/generator.js";

/** Small, and of the shape that the reference's classes can have: 8 times the first layer's channels at most. */
const [SIZE, NGF, LAYERS, DISCRIMINATOR_LAYERS, BLOCKS] = [64, 8, 6, 3, 6];
const MAIN = resolve(import.meta.dirname, "../src/cli/main.js");

interface Case {
  readonly name: string;
  readonly architecture: "unet" | "resnet";
  readonly norm: "instance" | "batch";
  readonly paired: boolean;
}

const CASES: readonly Case[] = [
  { name: "paired_unet", architecture: "unet", norm: "instance", paired: true },
  { name: "paired_resnet", architecture: "resnet", norm: "instance", paired: true },
  { name: "paired_unet_batch", architecture: "unet", norm: "batch", paired: true },
  { name: "unpaired_unet", architecture: "unet", norm: "instance", paired: false },
  { name: "unpaired_resnet", architecture: "resnet", norm: "instance", paired: false },
];

const root = resolve(process.argv[2]!);
for (const one of CASES) await writeCase(one, join(root, one.name));

async function writeCase(one: Case, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const { architecture, norm, paired } = one;
  const generator = generatorNetwork(generatorOptions(one));
  const channel_count = paired ? 6 : 3;
  const shape = { kernel_size: 4, initial_layer_size: NGF, layers: DISCRIMINATOR_LAYERS, channel_count } as const;
  const discriminator = patchgan({ ...shape, norm, affine: paired, activation: "leaky_relu" });
  await train(one, folder);
  const [input, judged] = [noise([1, 3, SIZE, SIZE], "input"), noise([1, channel_count, SIZE, SIZE], "judged")];
  const tensors = new Map(Object.entries({ input, judged }));
  const indices = paired ? [0] : [0, 1];
  for (const index of indices) {
    const file = (network: string) => join(folder, `${network}_${index}.safetensors`);
    tensors.set(`generated_${index}`, await answer(generator, file("generator"), input));
    tensors.set(`scores_${index}`, await answer(discriminator, file("discriminator"), judged));
  }
  await writeCheckpoint(join(folder, "answers.safetensors"), { tensors, metadata: {} });
  const about = { ...one, indices, architecture, ngf: NGF, layers: LAYERS, blocks: BLOCKS };
  const judge = { ndf: NGF, discriminator_layers: DISCRIMINATOR_LAYERS, discriminator_channels: channel_count };
  writeFileSync(join(folder, "case.json"), JSON.stringify({ ...about, ...judge }));
}

function generatorOptions({ architecture, norm, paired }: Case): GeneratorOptions {
  const shared = { channel_count: 3, initial_layer_size: NGF, norm, affine: paired, dropout: 0 } as const;
  if (architecture === "resnet") return { architecture, ...shared, blocks: BLOCKS, upsampling: "transposed" };
  return {
    ...{ architecture, ...shared, layers: LAYERS, max_layer_size: 8 * NGF, kernel_size: 4, upsampling: "transposed" },
    ...{ down_activation: "leaky_relu", up_activation: "relu" },
  };
}

/** A short training by the real command line: checkpoints come out as a user gets them. */
async function train({ architecture, norm, paired }: Case, folder: string): Promise<void> {
  for (const side of ["a", "b"]) {
    mkdirSync(join(folder, side), { recursive: true });
    for (let at = 0; at < 4; at++) {
      const values = noise([1, 3, SIZE, SIZE], `${side} ${at}`).data.map((value) => 0.5 + value / 2);
      await writeImage(
        join(folder, side, `${at}.png`),
        imageOfPlanes({ width: SIZE, height: SIZE, channels: 3 }, values, 8),
      );
    }
  }
  const input_type = paired ? "paired_directories" : "unpaired_directories";
  const sources = { input_type, input_image_dir: "a", reference_image_dir: "b" };
  const params = {
    dataset: { ...sources, image_size: SIZE, batch_size: norm === "batch" ? 2 : 1, worker_threads: 0 },
    training: { max_iterations: 3 },
    generator: { architecture, norm, layers: LAYERS, initial_layer_size: NGF, max_layer_size: 8 * NGF, dropout: 0 },
    discriminator: { layers: DISCRIMINATOR_LAYERS, initial_layer_size: NGF },
    checkpoint: { model_path: "{network}_{index}.safetensors" },
  };
  const nodes = { train: { type: "ml_train_style_transfer", params } };
  writeFileSync(join(folder, "package.json"), "{}");
  writeFileSync(join(folder, "train.json"), JSON.stringify({ version: 1, nodes }));
  execFileSync(process.execPath, [MAIN, "cook", "train.json", "--progress", "quiet"], {
    cwd: folder,
    stdio: "inherit",
  });
}

/** What a network whose weights lie in a checkpoint answers at inference. */
async function answer(network: Network, path: string, image: CheckpointTensor): Promise<CheckpointTensor> {
  const { tensors } = await readCheckpoint(path);
  const runtime = await createOnnxruntime({ threads: 1 });
  const name = "net";
  const shapes = network.parameters.map((parameter) => [stateName(name, parameter.name), parameter.shape] as const);
  const state = runtime.createState(new Map(shapes));
  for (const [parameter, { data }] of tensors) state.write(stateName(name, parameter), data);
  const b = new ProgramBuilder();
  const { values } = bindNetwork(b, name, network);
  const answered = network.apply({ b, values, training: undefined }, b.feed("image", image.shape));
  const compiled = await runtime.compile(b.program(new Map([["answer", answered]])), state);
  const data = (await compiled.step(new Map([["image", image.data]]))).get("answer")!.slice();
  compiled.dispose();
  state.dispose();
  return { shape: answered.shape, data };
}

/** Values in −1..1. */
function noise(shape: readonly number[], name: string): CheckpointTensor {
  const stream = randomStream(0, "junyanz check", name);
  const data = new Float32Array(sizeOf(shape)).map((_, at) => 2 * stream.uniform(at) - 1);
  return { shape, data };
}
