/** How much memory an update takes, and the batch size that follows from it. It knows programs, not what runs them. */
import { totalmem } from "node:os";
import { constrainedMemory } from "node:process";
import type { Program, Shape, Tensor } from "../program/program.js";
import { sizeOf } from "../program/shapes.js";
import { tensorsOf } from "../program/walk.js";
import { isOutOfMemory, RuntimeError } from "../runtime/errors.js";
import type { Work } from "../runtime/trial/trial.js";
import type { FamilyWords } from "./job.js";
import type { Method, UpdateStage } from "./method.js";
import { cutStages } from "./replicas.js";
import { sharesOf } from "./shares.js";

/**
 * Bytes that an update of `count` samples takes: its state, and the most that its values take at one time, each from where
 * it is made to where it is last used, of each of its programs: a runtime keeps the memory of each. Measured beside it, the
 * process took 105 to 150 MB more (64² to 256², batches of 1 to 4). On several devices, that of all of them together, as if
 * each were a part of the processor.
 */
export function updateBytes(method: Method, count: number, devices = 1): number {
  if (devices === 1) return workBytes(workOf(method, count));
  const state = stateOf(method.stages(count));
  const bytes = sharesOf(count, devices).map((share) => {
    const cuts = cutStages(method, share.count);
    const programs = cuts.flatMap(({ parts }) =>
      parts.flatMap(({ before, over }) => (over ? [before, over] : [before])),
    );
    const work = { programs, state: new Map([...state, ...cuts.flatMap(({ kept }) => [...kept])]) };
    return workBytes(work) + (share.first === 0 ? 0 : exchangedBytes(work));
  });
  return bytes.reduce((sum, each) => sum + each, 0);
}

function workBytes({ programs, state }: Work): number {
  const held = [...state.values()].reduce((sum, shape) => sum + bytesOf(shape), 0);
  return programs.reduce((sum, program) => sum + mostAtOnce(program), held);
}

/** What goes into programs and comes out of them, which the thread of another device has in memory that this one sees, too. */
function exchangedBytes({ programs }: Work): number {
  const tensors = programs.flatMap((program) => [
    ...tensorsOf(program).filter(({ operation }) => operation.kind === "feed"),
    ...program.outputs.values(),
  ]);
  return tensors.reduce((sum, { shape }) => sum + bytesOf(shape), 0);
}

function bytesOf(shape: Shape): number {
  return Float32Array.BYTES_PER_ELEMENT * sizeOf(shape);
}

/** The most bytes that the values of a program take at one time, its state aside. */
function mostAtOnce(program: Program): number {
  const order = tensorsOf(program);
  const last = new Map<Tensor, number>();
  for (const [at, tensor] of order.entries()) for (const input of tensor.inputs) last.set(sourceOf(input), at);
  const outputs = [...program.outputs.values()].map(sourceOf);
  for (const output of outputs) last.set(output, order.length);
  // New state takes the place of the old.
  const overwrites = new Set(program.updates.values());
  const ends = new Map<number, number>();
  let [now, most] = [0, 0];
  for (const [at, tensor] of order.entries()) {
    const made = isStored(tensor) && !overwrites.has(tensor) ? bytesOf(tensor.shape) : 0;
    now += made;
    most = Math.max(most, now + workspaceOf(tensor));
    const end = last.get(tensor) ?? at;
    ends.set(end, (ends.get(end) ?? 0) + made);
    now -= ends.get(at) ?? 0;
  }
  return most;
}

/** The tensor whose memory another arrangement of it shares. */
function sourceOf(tensor: Tensor): Tensor {
  const { kind } = tensor.operation;
  return kind === "reshape" || kind === "expand" ? sourceOf(tensor.inputs[0]!) : tensor;
}

function isStored(tensor: Tensor): boolean {
  const { kind } = tensor.operation;
  return kind !== "state" && kind !== "constant" && sourceOf(tensor) === tensor;
}

/** The pixels under each tap of a kernel, which the gradient of a weight is made from; for a batch in two orders. */
function workspaceOf({ operation, inputs, shape }: Tensor): number {
  if (operation.kind !== "conv_weight_gradient") return 0;
  const [, channels, ...kernel] = shape;
  const [batch, , ...pixels] = inputs[1]!.shape;
  return (batch === 1 ? 1 : 2) * bytesOf([batch!, channels!, ...kernel, ...pixels]);
}

/** An update of `count` samples as what a runtime is tried with. */
export function workOf(method: Method, count: number): Work {
  const stages = method.stages(count);
  return { programs: stages.map(({ training }) => training.program), state: stateOf(stages) };
}

function stateOf(stages: readonly UpdateStage[]): ReadonlyMap<string, Shape> {
  return new Map(stages.flatMap(({ training }) => [...training.state]));
}

/** The largest power of two, up to the number of samples, whose update fits into half of `free` bytes; 1 at least. */
export function automaticBatchSize(method: Method, samples: number, free: number, devices = 1): number {
  let size = 1;
  while (2 * size <= samples && updateBytes(method, 2 * size, devices) <= free / 2) size *= 2;
  return size;
}

/** What is known of an update that may not fit. */
export interface MemoryPressure {
  readonly words: Pick<FamilyWords, "form" | "smaller">;
  readonly free: number;
  readonly devices?: number;
}

/** Bytes that the machine has, or that this process is allowed: beyond them it would be ended, or others would. */
export function installedMemory(): number {
  const allowed = constrainedMemory();
  return allowed > 0 ? Math.min(allowed, totalmem()) : totalmem();
}

/** What is said where memory may not do, or has run out: the estimate, what was free, and what to lower. */
export function memoryAdvice(method: Method, count: number, { words, free, devices = 1 }: MemoryPressure): string {
  const text = (bytes: number) => (bytes < 1e9 ? `${Math.ceil(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`);
  const estimate = (samples: number) => text(updateBytes(method, samples, Math.min(samples, devices)));
  const samples = count === 1 ? "one sample" : `${count} samples`;
  const on = devices === 1 ? "" : ` on ${devices} devices`;
  const takes = `an update of ${samples} of ${words.form}${on} takes about ${estimate(count)}, and ${text(free)} are free`;
  const half = Math.ceil(count / 2);
  const batch = `dataset.batch_size (${half}: about ${estimate(half)}), or `;
  return `${takes}. Lower ${count > 1 ? batch : ""}${words.smaller}.`;
}

/** The error, where it is for want of memory with what `advice` says. */
export function explained(error: unknown, advice: () => string): unknown {
  return isOutOfMemory(error) ? new RuntimeError(`Memory has run out: ${advice()}`, { cause: error }) : error;
}
