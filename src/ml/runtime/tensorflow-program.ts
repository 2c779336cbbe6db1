/**
 * Programs interpreted operation by operation with TensorFlow.js. It knows nothing of backends or of networks, and never
 * asks TensorFlow.js for a gradient: gradients are programs already.
 */
import type { Operation, Program, Tensor } from "../program/program.js";
import { shapeText, sizeOf } from "../program/shapes.js";
import { tensorsOf } from "../program/walk.js";
import type { CompiledProgram, Values } from "./runtime.js";
import { arrangement, elementwise, product } from "./tensorflow-elementwise.js";
import { convolution, type Normalization, normalized } from "./tensorflow-images.js";
import type { TensorState } from "./tensorflow-state.js";
import { feedOrder, full, naturalOrder, reorder, stateOrder, type Tf, type TfTensor, type Value } from "./tensorflow-value.js";

type Feeds = ReadonlyMap<string, Values>;

/** A part of a step: it makes `results` from `inputs`, after which `last` are needed no more. */
interface Instruction {
  readonly inputs: readonly Tensor[];
  readonly results: readonly Tensor[];
  readonly run: (inputs: readonly Value[], feeds: Feeds) => readonly Value[];
  readonly last: Tensor[];
}
