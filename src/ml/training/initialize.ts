/** First values of a network's parameters, a pure function of the seed. It knows nothing of training or of networks' kinds. */
import { randomStream } from "../../base/random.js";
import type { Network, Parameter } from "../networks/network.js";
import { sizeOf } from "../program/shapes.js";

/** The node's parameters. */
export interface InitializeOptions {
  /** `normal`: weights ~ N(0, gain); `orthogonal`: gain times an orthogonal matrix (Saxe et al. 2014). */
  readonly initializer: "normal" | "orthogonal";
  readonly gain: number;
  readonly seed: number;
}

/**
 * The first value of every parameter of the network, by parameter name. `name` is the model's, so that two networks of one
 * kind start apart.
 */
export function initialValues(
  network: Network,
  name: string,
  options: InitializeOptions,
): ReadonlyMap<string, Float32Array> {
  return new Map(network.parameters.map((parameter) => [parameter.name, initialValue(parameter, name, options)]));
}

function initialValue(
  parameter: Parameter,
  model: string,
  { initializer, gain, seed }: InitializeOptions,
): Float32Array {
  const values = new Float32Array(sizeOf(parameter.shape));
  const stream = randomStream(seed, "initial value", model, parameter.name);
  switch (parameter.start) {
    case "weight":
      stream.fillNormal(values, 0, initializer === "normal" ? gain : 1);
      return initializer === "normal" ? values : orthogonal(values, parameter.shape[0]!, gain);
    case "norm_scale":
      stream.fillNormal(values, 1, gain);
      return values;
    case "running_variance":
      return values.fill(1);
    default:
      return values;
  }
}

/**
 * The matrix [rows, rest] made orthogonal: its rows or its columns, whichever are fewer, orthonormal and times `gain`. By
 * modified Gram-Schmidt, whose R has a positive diagonal, so this is Q·sign(diag R) of torch.nn.init.orthogonal_.
 */
function orthogonal(values: Float32Array, rows: number, gain: number): Float32Array {
  const columns = values.length / rows;
  const [count, length] = rows <= columns ? [rows, columns] : [columns, rows];
  const at = (vector: number, i: number) => (rows <= columns ? vector * columns + i : i * columns + vector);
  const done: Float64Array[] = [];
  for (let vector = 0; vector < count; vector++) {
    const current = Float64Array.from({ length }, (_, i) => values[at(vector, i)]!);
    for (const other of done) addScaled(current, other, -dot(current, other));
    const norm = Math.sqrt(dot(current, current));
    for (let i = 0; i < length; i++) current[i] = current[i]! / norm;
    done.push(current);
    for (let i = 0; i < length; i++) values[at(vector, i)] = gain * current[i]!;
  }
  return values;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function addScaled(target: Float64Array, source: Float64Array, factor: number): void {
  for (let i = 0; i < target.length; i++) target[i] = target[i]! + factor * source[i]!;
}
