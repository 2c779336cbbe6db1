/**
 * A family of training that has no images: rows of numbers, a network of full layers, a loss that should be low. It is written
 * against what `ml/training` offers alone, and so says what a family needs of it.
 */
import { orderOf } from "../../../src/ml/data/order.js";
import type { Network } from "../../../src/ml/networks/network.js";
import { ProgramBuilder } from "../../../src/ml/program/build.js";
import { broadcast, mean } from "../../../src/ml/program/derived.js";
import type { Tensor } from "../../../src/ml/program/program.js";
import type { Batches, Plan, RunParams, TrainingInput, TrainingJob } from "../../../src/ml/training/job.js";
import type { Method } from "../../../src/ml/training/method.js";
import { optimizer } from "../../../src/ml/training/optimizers.js";
import type { Trainer } from "../../../src/ml/training/trainer.js";
import { UpdateBuilder } from "../../../src/ml/training/update.js";

/** Rows of `inputs` numbers and the number that belongs to each. */
export interface Table {
  readonly inputs: number;
  readonly x: Float32Array;
  readonly y: Float32Array;
}

/** What is given of a training; the rest of `RunParams` is off. */
export interface RegressionOptions {
  readonly rows: Table;
  readonly held: Table;
  readonly first: Readonly<Record<string, readonly number[]>>;
  readonly learning_rate: number;
  readonly max_iterations: number;
  /** Tests without a better loss after which it ends. */
  readonly patience: number;
  readonly params?: Partial<RunParams>;
}

/** y = x·weightᵀ + bias, [N, inputs] → [N, 1]; the parameters are those of torch.nn.Linear. */
export function linear(inputs: number): Network {
  return {
    parameters: [
      { name: "weight", shape: [1, inputs], start: "weight", trained: true },
      { name: "bias", shape: [1], start: "bias", trained: true },
    ],
    dropout: 0,
    apply({ b, values }, x) {
      const product = b.matmul(x, b.transpose(values.get("weight")!, [1, 0]));
      return b.add(product, broadcast(b, values.get("bias")!, product.shape));
    },
  };
}

/** The method's entry: one network, the mean square error, plain gradient descent, a loss that is better lower. */
function method({ rows, first }: RegressionOptions): Method {
  const layers = linear(rows.inputs);
  const algorithm = optimizer({ algorithm: "sgd", momentum: 0 });
  return {
    components: [{ state: "net", role: "regressor", index: 0, layers, applied: true }],
    first: () => new Map(Object.entries(first).map(([name, values]) => [name, Float32Array.from(values)])),
    seed: 0,
    optimizer: algorithm,
    scalars: ["loss_train"],
    pools: [],
    score: { name: "loss_validation", title: "loss", better: "lower" },
    stages(count, apart = false) {
      const b = new ProgramBuilder();
      const update = new UpdateBuilder(b, algorithm, apart);
      const model = update.model("net", layers);
      const made = update.forward(model, b.feed("x", [count, rows.inputs]));
      const loss = squareError(b, made, b.feed("y", [count, 1]));
      update.minimize(loss, [model]);
      return [{ training: update.finish(new Map([["loss_train", loss]])), feeds: { x: "x", y: "y" } }];
    },
  };
}

function squareError(b: ProgramBuilder, made: Tensor, target: Tensor): Tensor {
  const difference = b.sub(made, target);
  return mean(b, b.mul(difference, difference));
}

/** The training as `ml/training` takes it. */
export function regressionJob(options: RegressionOptions): TrainingJob {
  const { rows, learning_rate, max_iterations } = options;
  const count = rows.y.length;
  const plan: Plan = {
    identity: { rows: [...rows.x, ...rows.y], learning_rate, max_iterations },
    samples: count,
    batch_size: count,
    decide: () => ({
      method: method(options),
      rateOf: () => learning_rate,
      ...{ described: { learning_rate }, choices: [], warnings: [], saves: false },
      words: { form: `${rows.inputs} numbers`, smaller: "hidden_width", check: () => "check the table's numbers" },
      open: async (trainer) => subject(options, trainer),
    }),
  };
  return { params: runParams(options), initial_weights: null, continue_from: null, plan: async () => plan };
}

function subject(options: RegressionOptions, trainer: Trainer): TrainingInput {
  return {
    batches: batches(options),
    survey: null,
    tester: {
      async run(_iteration, history) {
        const { x, y, inputs } = options.held;
        const made = await trainer.apply(0, "raw", x, [y.length, inputs]);
        const loss = made.reduce((sum, value, at) => sum + (value - y[at]!) ** 2, 0) / y.length;
        const losses = [...history.map(({ loss_validation }) => loss_validation ?? Number.POSITIVE_INFINITY), loss];
        const since = losses.length - 1 - losses.indexOf(Math.min(...losses));
        const ended = `the validation loss has not fallen for ${since} tests`;
        return { scores: new Map([["raw", loss]]), best: "raw", ...(since >= options.patience && { ended }) };
      },
    },
    gallery: { interval: 1, follows: false, ofStep: async () => [], async *ofIteration() {} },
    models: {
      describe: () => ({ inputs: String(options.rows.inputs) }),
      export: () => Promise.reject(new Error("it is not exported")),
    },
    scores: () => new Map(),
    warning: () => undefined,
    close: async () => undefined,
  };
}

function batches({ rows, max_iterations }: RegressionOptions): Batches {
  const count = rows.y.length;
  const order = orderOf({
    ...{ inputs: count, references: count, paired: true, batch_size: count, max_iterations },
    ...{ shuffle: false, drop_boundary: false, seed: 0 },
  });
  const values = new Map([
    ["x", rows.x],
    ["y", rows.y],
  ]);
  return { order, batch: async () => ({ count, values, waited: 0, names: () => ["the table"] }) };
}

function runParams({ max_iterations, params }: RegressionOptions): RunParams {
  const never = { save_rate: 1, add_as_outputs: false };
  return {
    training: { max_iterations },
    test: { frequency: 1 },
    checkpoint: { model_path: null, keep_last: null, keep_best: null, ...never },
    onnx: { path: null, ...never },
    plot: { type: "disabled", rate: 1, ssim: null, loss: null, score: null },
    ...{ tensorboard: { path: null, interval: 1 }, summary: { path: null, interval: 1 }, resume_interval: 1e9 },
    ...params,
  };
}
