/**
 * What a method of training is: networks by role, how they start, the programs of an update, and what is measured. It knows
 * nothing of which methods there are, of what samples hold, or of files.
 */
import type { Network } from "../networks/network.js";
import type { Shape } from "../program/program.js";
import type { Values } from "../runtime/runtime.js";
import type { ScoreName } from "./history.js";
import type { Optimizer } from "./optimizers.js";
import type { TrainingProgram } from "./update.js";

/** A network of a training. */
export interface Component {
  /** Its name in the state: `netG`. */
  readonly state: string;
  /** What it is there for, as paths and checkpoints call it, and which of its role. */
  readonly role: string;
  readonly index: number;
  readonly layers: Network;
  /** Whether the training is for its sake: its averages are kept, and it is tested and exported. Others help to train it. */
  readonly applied: boolean;
}

/** What an update learns from: by name, the values of `count` samples, [count, ...form] each. */
export interface SampleBatch {
  readonly count: number;
  readonly values: ReadonlyMap<string, Values>;
}

/** One program of an update. */
export interface UpdateStage {
  readonly training: TrainingProgram;
  /** What it is fed besides the optimizer's scalars and the masks: by feed, the name of one of the samples' values. */
  readonly feeds: Readonly<Record<string, string>>;
  /** By feed, the output of a stage before it that a pool answers to, once an update. */
  readonly pooled?: Readonly<Record<string, string>>;
}

/** An output [count, ...form] that later stages see through a pool of earlier ones, and how many that keeps. */
export interface PooledOutput {
  readonly output: string;
  readonly size: number;
  readonly form: Shape;
}

/** What a test finds of networks, in one number. */
export interface Score {
  readonly name: ScoreName;
  /** As logs call it. */
  readonly title: string;
  readonly better: "higher" | "lower";
}

/** A method of training, ready to be used: an entry of its family's table, given its settings. */
export interface Method {
  readonly components: readonly Component[];
  /** The first value of every parameter of a component, by parameter name; a pure function. */
  first(component: Component): ReadonlyMap<string, Float32Array>;
  /** Of all that is drawn by an update: dropout masks, and what pools answer. */
  readonly seed: number;
  readonly optimizer: Optimizer;
  /** Names of the scalar outputs: losses and other means over samples. */
  readonly scalars: readonly string[];
  readonly pools: readonly PooledOutput[];
  /** What it is tested by. */
  readonly score: Score;
  /** The programs of an update of `count` samples, in order; `apart`: made to be cut at their optimizer steps. */
  stages(count: number, apart?: boolean): readonly UpdateStage[];
}
