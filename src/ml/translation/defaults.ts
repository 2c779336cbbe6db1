/**
 * What parameters that are left open come to, by preset and by whether samples are pairs. It knows values and what was
 * measured of them, no networks.
 */
import type { Norm } from "../networks/layers.js";
import type { GanMode } from "./losses.js";

/** `dag`: what did best in median (docs/training.md); `houdini`: what Houdini's node has. */
export type Preset = "dag" | "houdini";

/** Updates from which on a training is long: a low, steady rate does better then. */
export const LONG_TRAINING = 5000;
/** Side from which on patches of 70 pixels do better than those of 34. */
const LARGE_SIDE = 128;

/** What is open, decided. */
export interface Defaults {
  readonly gan_mode: GanMode;
  readonly l1_lambda: number;
  readonly dropout: number;
  readonly pool_size: number;
  /** Whether instance norm has a scale and a shift, as in the reference. */
  readonly affine: boolean;
  /** Samples of an update, where there are as many. */
  readonly batch_size: number;
  norm(batch_size: number): Norm;
  /** Of a training of so many updates. */
  learningRate(updates: number): number;
  /** Layers of the discriminator for images of this side. */
  patchLayers(side: number): number;
}

const HOUDINI = {
  batch_size: 1,
  norm: (): Norm => "instance",
  learningRate: () => 2e-4,
  patchLayers: () => 3,
} as const;
const PAIRED = { gan_mode: "vanilla", l1_lambda: 100, dropout: 0.5, pool_size: 0, affine: true } as const;
const UNPAIRED = { gan_mode: "lsgan", l1_lambda: 10, dropout: 0, pool_size: 50, affine: false } as const;

/** The defaults; where there are no pairs nothing was found that is better than Houdini's. */
export function defaultsOf(preset: Preset, unpaired: boolean): Defaults {
  if (unpaired) return { ...UNPAIRED, ...HOUDINI };
  if (preset === "houdini") return { ...PAIRED, ...HOUDINI };
  return {
    ...PAIRED,
    batch_size: 4,
    norm: (batch_size) => (batch_size >= 2 ? "batch" : "instance"),
    learningRate: (updates) => (updates < LONG_TRAINING ? 1e-3 : 2e-4),
    patchLayers: (side) => (side < LARGE_SIDE ? 2 : 3),
  };
}
