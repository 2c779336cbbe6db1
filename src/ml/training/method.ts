/** What a way to train is: networks, the programs of an update, and the images that samples have. */
import type { Network } from "../networks/network.js";
import type { Values } from "../runtime/runtime.js";
import type { Optimizer } from "./optimizers.js";
import type { TrainingProgram } from "./update.js";

/** A network under training. */
export interface Component {
  /** Its name in the state: `netG`. */
  readonly state: string;
  /** What it is in paths and checkpoints, and which of its kind. */
  readonly network: "generator" | "discriminator";
  readonly index: number;
  readonly layers: Network;
}

/** What an update learns from: [count, channels, side, side] in −1..1 each. */
export interface Samples {
  readonly count: number;
  readonly input: Values;
  readonly reference: Values;
}

/** One program of an update. */
export interface Stage {
  readonly training: TrainingProgram;
  /**
   * What it is fed besides the optimizer's scalars and the masks. `pooled`: the image pool's answer to an output of the
   * stages before it, asked for once an update.
   */
  feeds(samples: Samples, pooled: (output: string) => Values): ReadonlyMap<string, Values>;
}

/** An image that every sample has: given, or made by a generator. */
export interface SampleImage {
  /** As columns of sheets and files of tests are named. */
  readonly name: string;
  readonly role: "input" | "output" | "reference" | "reconstruction";
  /** The side of the sample that it is, or that it was made of in the end. */
  readonly side: "input" | "reference";
  /** Which generator makes it of which image, named before it, and the output of an update that holds it. */
  readonly made?: { readonly generator: number; readonly of: string; readonly output: string };
  /** Name of the image that it ought to be: their similarity is the training's SSIM. */
  readonly target?: string;
}

/** The images of samples that are pairs: an input, what a network makes of it, and what that ought to be. */
export const PAIR_IMAGES: readonly SampleImage[] = [
  { name: "input", role: "input", side: "input" },
  { name: "reference", role: "reference", side: "reference" },
  {
    ...{ name: "output", role: "output", side: "input", target: "reference" },
    made: { generator: 0, of: "input", output: "fake" },
  },
];

/** A way to train. */
export interface Method {
  readonly components: readonly Component[];
  readonly optimizer: Optimizer;
  /** Names of the scalar outputs: losses and scores. */
  readonly scalars: readonly string[];
  readonly images: readonly SampleImage[];
  /** What the similarity in tests is called. */
  readonly tested: "ssim_test" | "ssim_cycle";
  /** Outputs [count, ...form] that discriminators see through an image pool, and how many images that keeps. */
  readonly pools: readonly string[];
  readonly pool_size: number;
  readonly form: readonly [channels: number, height: number, width: number];
  /** The programs of an update of `count` samples, in order; `apart`: made to be cut at their optimizer steps. */
  stages(count: number, apart?: boolean): readonly Stage[];
}
