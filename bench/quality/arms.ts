/** The trainings that `bench/quality` compares, each with what the peer is given for the same. It knows no results. */
import type { SomeParams } from "../../src/testing/params.js";

/** A training, as it differs from the first one. */
export interface Arm {
  readonly name: string;
  readonly params: SomeParams;
  /** Of `torch_quality.py`; null: there is no peer for it. */
  readonly peer: readonly string[] | null;
  /** Whether its medians are held against the peer's: the node with what it has beyond tuned PyTorch. */
  readonly held?: true;
}

/** Sizes of networks and images. */
export interface Sizes {
  readonly side: number;
  readonly layers: number;
  readonly ngf: number;
  readonly cap: number;
  readonly patchLayers: number;
}

export const SIZES: Readonly<Record<string, Sizes>> = {
  "64": { side: 64, layers: 6, ngf: 16, cap: 64, patchLayers: 2 },
  "128": { side: 128, layers: 7, ngf: 24, cap: 192, patchLayers: 3 },
};

/** The first is tuned PyTorch's: one tile to an update, batch norm, mirrored at random, 1e-3 that falls over the second half. */
export const ARMS: readonly Arm[] = [
  { name: "base", params: {}, peer: [] },
  { name: "gradient", params: { loss: { gradient: 50 } }, peer: ["--gradient", "50"] },
  { name: "ssim", params: { loss: { ssim: 20 } }, peer: ["--ssim", "20"] },
  { name: "ema", params: { training: { ema: 0.99 } }, peer: ["--ema", "0.99"] },
  { name: "no-gan", params: { training: { gan_mode: "none" } }, peer: ["--gan", "0"] },
  { name: "gradient-ema", params: { training: { ema: 0.99 }, loss: { gradient: 50 } }, peer: [], held: true },
  {
    name: "gradient-ema-no-gan",
    params: { training: { ema: 0.99, gan_mode: "none" }, loss: { gradient: 50 } },
    peer: null,
  },
  { name: "batch-2", params: { dataset: { batch_size: 2 } }, peer: ["--batch", "2"] },
  // As the node is without a word on batch, norm, rate and discriminator: four tiles to an update.
  { name: "defaults", params: { dataset: { batch_size: null } }, peer: ["--batch", "4"] },
  { name: "defaults-gradient", params: { dataset: { batch_size: null }, loss: { gradient: 50 } }, peer: null },
  {
    name: "houdini",
    params: { preset: "houdini", dataset: { horizontal_flip: null }, generator: { norm: "auto", dropout: "auto" } },
    peer: null,
  },
];

/** All parameters of a training of `iterations` iterations of so many tiles one by one: as many updates in every arm. */
export function paramsOf(
  { params }: Arm,
  { side, layers, ngf, cap }: Sizes,
  given: { seed: number; updates: number; tiles: number },
): SomeParams {
  const own = params as Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  const batch = own.dataset?.batch_size === undefined ? 1 : ((own.dataset.batch_size ?? 4) as number);
  const max_iterations = Math.round(given.updates / Math.ceil(given.tiles / batch));
  return {
    ...own,
    dataset: { image_size: side, seed: given.seed, horizontal_flip: 0.5, batch_size: 1, ...own.dataset },
    training: { max_iterations, ...own.training },
    generator: { layers, initial_layer_size: ngf, max_layer_size: cap, norm: "batch", dropout: 0, ...own.generator },
    discriminator: { initial_layer_size: ngf, ...own.discriminator },
    checkpoint: { model_path: "{network}.safetensors", save_rate: 1_000_000 },
    onnx: { path: "model.onnx", save_rate: 1_000_000 },
  } as SomeParams;
}
