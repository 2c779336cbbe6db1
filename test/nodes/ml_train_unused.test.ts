/** What `ml_train_style_transfer` says of parameters that do nothing where others are as they are: a row for each kind. */
import { describe, expect, test } from "@jest/globals";
import { PARAMS } from "../../nodes/ml/style_transfer/params.js";
import { problemsOf } from "../../nodes/ml/style_transfer/problems.js";
import { withDefaults } from "../../src/nodetype/defaults.js";

type Group = Readonly<Record<string, unknown>>;
type Params = Readonly<Record<string, Group>>;

/** Changes of which the later ones count. */
function told(...changes: readonly Params[]): readonly string[] {
  const given: Record<string, Group> = { dataset: { input_type: "work_items" } };
  for (const change of changes)
    for (const [name, group] of Object.entries(change)) given[name] = { ...given[name], ...group };
  const problems = problemsOf(withDefaults(given, PARAMS) as never).filter(({ severity }) => severity !== "hint");
  return problems.map(({ param, message, severity }) => `${param}${severity === "warning" ? "" : "!"}: ${message}`);
}

interface Row {
  /** Given, and of no use by itself. */
  readonly given: Params;
  /** What gives it one. */
  readonly used: Params;
  readonly message: string;
}

const ROWS: readonly Row[] = [
  {
    given: { dataset: { input_image: "a.png" } },
    used: { dataset: { input_type: "single_paired", reference_image: "b.png" } },
    message:
      'dataset.input_image does nothing where dataset.input_type is "work_items": it is used where that is "single_paired"',
  },
  {
    given: { dataset: { reference_image_dir: "b" } },
    used: { dataset: { input_type: "unpaired_directories", input_image_dir: "a" } },
    message:
      'dataset.reference_image_dir does nothing where dataset.input_type is "work_items": it is used where that is "paired_directories" or "unpaired_directories"',
  },
  {
    given: { test: { enabled: true, input_type: "work_items", composite_image_dir: "c" } },
    used: { test: { input_type: "composite_directory" } },
    message:
      'test.composite_image_dir does nothing where test.input_type is "work_items": it is used where that is "composite_directory"',
  },
  {
    given: { dataset: { image_size: 128, crop_size: 64 } },
    used: { dataset: { crop_size: null } },
    message: "dataset.image_size does nothing where dataset.crop_size is 64: it is used where that is null",
  },
  {
    given: { dataset: { rotation_max_degrees: 10 } },
    used: { dataset: { rotation: 0.5 } },
    message:
      "dataset.rotation_max_degrees does nothing where dataset.rotation is null: it is used where that is a probability above 0",
  },
  {
    given: { dataset: { batch_size: 1, drop_boundary: true } },
    used: { dataset: { batch_size: 2 } },
    message: "dataset.drop_boundary does nothing where dataset.batch_size is 1: it is used where that is 2 or more",
  },
  {
    given: { dataset: { batch_size: 1 }, env: { devices: 2 } },
    used: { dataset: { batch_size: 2 } },
    message: "env.devices does nothing where dataset.batch_size is 1: it is used where that is 2 or more",
  },
  {
    given: { training: { rate_scheduler: "cosine", linear_decay: 5 } },
    used: { training: { rate_scheduler: "linear" } },
    message:
      'training.linear_decay does nothing where training.rate_scheduler is "cosine": it is used where that is "linear"',
  },
  {
    given: { training: { step_size: 5, gamma: 0.5 } },
    used: { training: { rate_scheduler: "step" } },
    message:
      'training.step_size and training.gamma do nothing where training.rate_scheduler is "linear": they are used where that is "step"',
  },
  {
    given: { training: { continue_from: "a.safetensors", gain: 0.1 } },
    used: { training: { continue_from: null } },
    message:
      'training.gain does nothing where training.continue_from is "a.safetensors": it is used where that is null',
  },
  {
    given: { training: { identity_lambda: 1 } },
    used: { dataset: { input_type: "unpaired_work_items" } },
    message:
      'training.identity_lambda does nothing where dataset.input_type is "work_items": it is used where that is "unpaired_directories" or "unpaired_work_items"',
  },
  {
    given: { generator: { architecture: "resnet", layers: 4, kernel_size: 6, up_activation: "elu" } },
    used: { generator: { architecture: "unet" } },
    message:
      'generator.layers, generator.kernel_size and generator.up_activation do nothing where generator.architecture is "resnet": they are used where that is "unet"',
  },
  {
    given: { generator: { model_size: "small", initial_layer_size: 24 } },
    used: { generator: { model_size: null } },
    message:
      'generator.initial_layer_size does nothing where generator.model_size is "small": it is used where that is null',
  },
  {
    given: { optimizer: { algorithm: "sgd", beta: [0.9, 0.99] } },
    used: { optimizer: { algorithm: "adam" } },
    message: 'optimizer.beta does nothing where optimizer.algorithm is "sgd": it is used where that is "adam"',
  },
  {
    given: { optimizer: { rho: 0.5 } },
    used: { optimizer: { algorithm: "adadelta" } },
    message: 'optimizer.rho does nothing where optimizer.algorithm is "adam": it is used where that is "adadelta"',
  },
  {
    given: { optimizer: { momentum: 0.9 } },
    used: { optimizer: { algorithm: "sgd" } },
    message: 'optimizer.momentum does nothing where optimizer.algorithm is "adam": it is used where that is "sgd"',
  },
  {
    given: { optimizer: { lambda: 1, alpha: 1, t0: 1 } },
    used: { optimizer: { algorithm: "asgd" } },
    message:
      'optimizer.lambda, optimizer.alpha and optimizer.t0 do nothing where optimizer.algorithm is "adam": they are used where that is "asgd"',
  },
  {
    given: { test: { input_type: "work_items", output_dir: "seen" } },
    used: { test: { enabled: true } },
    message:
      "test.output_dir and test.input_type do nothing where test.enabled is false: they are used where that is true",
  },
  {
    given: { checkpoint: { save_rate: 5 } },
    used: { preview: { input: "frames", path: "{frame}.png" } },
    message:
      "checkpoint.save_rate does nothing where checkpoint.model_path is null: it is used where that is a path, or checkpoint.add_as_outputs true",
  },
  {
    given: { onnx: { version: 18, dynamic_axes: true } },
    used: { onnx: { add_as_outputs: true } },
    message:
      "onnx.version and onnx.dynamic_axes do nothing where onnx.path is null: they are used where that is a path, or onnx.add_as_outputs true",
  },
  {
    given: { plot: { rate: 5 } },
    used: { plot: { type: "csv", loss: "loss.csv" } },
    message: 'plot.rate does nothing where plot.type is "disabled": it is used where that is "csv" or "image"',
  },
  {
    given: { contact_sheet: { interval: 5 } },
    used: { tensorboard: { path: "runs" } },
    message:
      "contact_sheet.interval does nothing where contact_sheet.path is null: it is used where that is a path, or with tensorboard.path",
  },
  {
    given: { preview: { pattern: "*.png" } },
    used: { preview: { input: "frames", path: "{frame}.png" } },
    message: "preview.pattern does nothing where preview.input is null: it is used where that is a folder",
  },
  {
    given: { tensorboard: { interval: 5 } },
    used: { tensorboard: { path: "runs" } },
    message: "tensorboard.interval does nothing where tensorboard.path is null: it is used where that is a path",
  },
  {
    given: { summary: { interval: 5 } },
    used: { summary: { path: "run.summary" } },
    message: "summary.interval does nothing where summary.path is null: it is used where that is a path",
  },
  {
    given: { dataset: { input_type: "unpaired_work_items" }, loss: { gradient: 50 } },
    used: { dataset: { input_type: "work_items" } },
    message:
      'loss.gradient does nothing where dataset.input_type is "unpaired_work_items": it is used where that is one of pairs',
  },
  {
    given: { training: { gan_mode: "none" }, discriminator: { layers: 2, kernel_size: 3 } },
    used: { training: { gan_mode: "lsgan" } },
    message:
      'discriminator.layers and discriminator.kernel_size do nothing where training.gan_mode is "none": they are used where that is "auto", "vanilla" or "lsgan"',
  },
  {
    given: { env: { allow_fallback: true } },
    used: { env: { override_device: "cpu" } },
    message: "env.allow_fallback does nothing where env.override_device is null: it is used where that is a device",
  },
];

describe("parameters that do nothing", () => {
  for (const { given, used, message } of ROWS) {
    test(`unused: ${message.replace(/ (does|do) nothing.*/, "")}, until it is used`, () => {
      const param = message.slice(0, message.search(/[ ,]/));
      expect(told(given)).toEqual([`${param}: ${message}`]);
      expect(told(given, used)).toEqual([]);
    });
  }

  test("unused: nothing is told of what is at its default, whatever the mode", () => {
    expect(told()).toEqual([]);
    for (const change of [
      { dataset: { input_type: "unpaired_work_items" } },
      { generator: { architecture: "resnet" }, optimizer: { algorithm: "asgd" } },
      { training: { rate_scheduler: "step" } },
    ]) {
      expect(told(change)).toEqual([]);
    }
  });
});
