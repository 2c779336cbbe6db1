/**
 * The parameters of `ml_train_style_transfer`, group by group. It is longer than other files, since it is a table. It knows
 * nothing of what they do.
 */

const PROBABILITY = { type: ["number", "null"], minimum: 0, maximum: 1, default: null } as const;
const INPUT_PATH = { type: ["string", "null"], path: "input", default: null } as const;
const OUTPUT_PATH = { type: ["string", "null"], path: "output", default: null } as const;
const INPUT_TYPE = {
  type: "string",
  enum: [
    "single_paired",
    "paired_directories",
    "unpaired_directories",
    "composite_directory",
    "work_items",
    "unpaired_work_items",
  ],
  default: "paired_directories",
} as const;
const STORAGE = {
  type: "string",
  enum: ["automatic", "on_device"],
  default: "automatic",
  effect: false,
  description:
    "Keeps decoded samples as memory allows, or all of them (an error where half of the free memory is too little).",
} as const;
const THREADS = { type: "integer", minimum: 0, maximum: 64, default: 4, effect: false } as const;
const SAVE_RATE = { type: "integer", minimum: 1, default: 10 } as const;
const ACTIVATIONS = ["leaky_relu", "relu", "elu", "selu", "tanh", "sigmoid", "softplus", "none"] as const;

/** Where samples come from; the same for training and test. */
const SOURCES = {
  input_image: { ...INPUT_PATH, description: "The only input image, for `single_paired`." },
  reference_image: { ...INPUT_PATH, description: "What the network shall make of it, for `single_paired`." },
  input_image_dir: {
    ...INPUT_PATH,
    description: "Folder of input images, for `paired_directories` and `unpaired_directories`.",
  },
  reference_image_dir: {
    ...INPUT_PATH,
    description: "Folder of reference images: where they are paired, of the inputs' names; extensions may differ.",
  },
  composite_image_dir: {
    ...INPUT_PATH,
    description:
      "Folder of composites, for `composite_directory`: the left half is the input, the right the reference.",
  },
} as const;

const dataset = {
  type: "object",
  description: "The samples, and how they are varied.",
  properties: {
    input_type: {
      ...INPUT_TYPE,
      description:
        "Where samples come from; `work_items`: files of upstream items tagged input and reference. Unpaired ones train two generators, of inputs and of references, as a cycle.",
    },
    ...SOURCES,
    channel_count: {
      type: "integer",
      minimum: 1,
      maximum: 4,
      default: 3,
      description: "Channels of input and output. Missing ones copy the last, surplus ones are dropped.",
    },
    image_size: {
      type: "integer",
      minimum: 2,
      maximum: 8192,
      default: 256,
      description: "Side of the square that images are resized to; a multiple of 2 to the power of `generator.layers`.",
    },
    storage: STORAGE,
    worker_threads: { ...THREADS, description: "Threads that decode ahead; 0 decodes on the training thread." },
    batch_size: {
      type: "integer",
      minimum: 1,
      words: ["auto"],
      default: 1,
      description: "Samples of an update. `auto`: the largest power of two that fits into half of the free memory.",
    },
    drop_boundary: {
      type: "boolean",
      default: false,
      description: "Batches run across iterations, so that only the last of all may be partial.",
    },
    limit_input_count: {
      type: ["integer", "null"],
      minimum: 1,
      default: null,
      description: "Uses the first samples only, after sorting; of unpaired ones, the first of each side.",
    },
    crop_inputs: {
      type: ["number", "null"],
      minimum: 0,
      exclusiveMaximum: 1,
      default: null,
      description: "Crops a fraction between 1 − this and 1 of both sides, at any place, and resizes it back.",
    },
    crop_size: {
      type: ["integer", "null"],
      minimum: 2,
      default: null,
      description: "Side of a random crop that is taken instead of a resize, and takes the place of `image_size`.",
    },
    horizontal_flip: { ...PROBABILITY, description: "Probability that left and right are swapped." },
    vertical_flip: { ...PROBABILITY, description: "Probability that top and bottom are swapped." },
    rotation: { ...PROBABILITY, description: "Probability of a rotation, which is zoomed so that no corner is empty." },
    rotation_max_degrees: {
      type: "number",
      minimum: 0,
      maximum: 180,
      default: 180,
      description: "Largest angle of a rotation, to either side.",
    },
    shuffle_input_order: { type: "boolean", default: true, description: "Whether every iteration has a new order." },
    seed: { type: "integer", default: 0, description: "Decides every random value of the training." },
  },
} as const;

const training = {
  type: "object",
  description: "How long and how fast is learned.",
  properties: {
    max_iterations: {
      type: "integer",
      minimum: 1,
      default: 200,
      description: "Iterations: an iteration sees every sample once.",
      changed: "training starts anew, unless training.continue_from says where from",
    },
    learning_rate: { type: "number", exclusiveMinimum: 0, default: 2e-4, description: "Of both networks." },
    rate_scheduler: {
      type: "string",
      enum: ["linear", "cosine", "step"],
      default: "linear",
      description: "How the learning rate falls, iteration by iteration.",
    },
    linear_decay: {
      type: "integer",
      minimum: 0,
      words: ["auto"],
      default: "auto",
      description: "`linear`: over how many last iterations the rate falls; `auto`: half of all.",
    },
    step_size: { type: "integer", minimum: 1, default: 50, description: "`step`: iterations between two falls." },
    gamma: { type: "number", exclusiveMinimum: 0, default: 0.1, description: "`step`: the factor of a fall." },
    initializer: {
      type: "string",
      enum: ["normal", "orthogonal"],
      default: "normal",
      description: "Distribution of the first weights.",
    },
    gain: { type: "number", exclusiveMinimum: 0, default: 0.02, description: "Scale of the first weights." },
    initial_weights: {
      ...INPUT_PATH,
      description: "A checkpoint (.safetensors) of the same layers to start from, or a training's .state.",
    },
    continue_from: {
      ...INPUT_PATH,
      description: "A checkpoint, with its .state beside it, whose training goes on up to `max_iterations`.",
    },
    gan_mode: {
      type: "string",
      enum: ["auto", "vanilla", "lsgan"],
      default: "auto",
      description:
        "Loss of the discriminator's answer: cross entropy or squares; `auto` is `vanilla` for pairs, else `lsgan`.",
    },
    pool_size: {
      type: "integer",
      minimum: 0,
      maximum: 1000,
      words: ["auto"],
      default: "auto",
      description:
        "Earlier generated images that a discriminator is shown in half of all cases, once there are so many; `auto` is 0 for pairs, else 50.",
    },
    identity_lambda: {
      type: "number",
      minimum: 0,
      default: 0.5,
      description:
        "Unpaired: weight, times `generator.l1_lambda`, of what a generator changes in an image that is of its output's kind; 0 saves two passes.",
    },
  },
} as const;

const generator = {
  type: "object",
  description: "The network that makes images.",
  properties: {
    architecture: {
      type: "string",
      enum: ["unet", "resnet"],
      default: "unet",
      description: "U-Net, or residual blocks (of which there are 6 up to 128 pixels, else 9).",
    },
    layers: {
      type: "integer",
      minimum: 1,
      words: ["auto"],
      default: "auto",
      description: "Down- and up-sampling layers of a U-Net; `auto`: as many as the image size can be halved.",
    },
    model_size: {
      type: ["string", "null"],
      enum: ["small", "medium", "large", null],
      default: null,
      description: "In place of `initial_layer_size`: 16, 32 or 64.",
    },
    initial_layer_size: { type: "integer", minimum: 1, default: 64, description: "Channels of the first layer." },
    max_layer_size: {
      type: "integer",
      minimum: 1,
      words: ["auto"],
      default: "auto",
      description: "Channels double by layer up to this; `auto`: the image size.",
    },
    kernel_size: {
      type: "integer",
      minimum: 2,
      maximum: 8,
      multipleOf: 2,
      default: 4,
      description: "Side of a U-Net's convolutions.",
    },
    l1_lambda: {
      type: "number",
      minimum: 0,
      words: ["auto"],
      default: "auto",
      description:
        "Weight of the mean absolute difference to the reference, 100 where `auto`; unpaired, of the cycle's to its start, 10.",
    },
    down_activation: {
      type: "string",
      enum: ACTIVATIONS,
      default: "leaky_relu",
      description: "Before a U-Net's down-sampling layers.",
    },
    up_activation: {
      type: "string",
      enum: ACTIVATIONS,
      default: "relu",
      description: "Before a U-Net's up-sampling layers.",
    },
    norm: {
      type: "string",
      enum: ["instance", "batch", "none"],
      default: "instance",
      description:
        "Normalization in both networks. With few images, `batch` and a `batch_size` of 2 or more may do better on new ones.",
    },
    dropout: {
      type: "number",
      minimum: 0,
      exclusiveMaximum: 1,
      words: ["auto"],
      default: "auto",
      description: "Share of values dropped in the inner layers; `auto` is 0.5 for pairs, else 0.",
    },
    upsampling: {
      type: "string",
      enum: ["transposed", "resize"],
      default: "transposed",
      description: "Transposed convolutions, or enlarging and a convolution, which makes no checkerboards.",
    },
  },
} as const;

const discriminator = {
  type: "object",
  description: "The network that tells made images from real ones, patch by patch.",
  properties: {
    layers: { type: "integer", minimum: 1, default: 3, description: "Layers that halve; 3 see patches of 70 pixels." },
    initial_layer_size: { type: "integer", minimum: 1, default: 64, description: "Channels of the first layer." },
    kernel_size: { type: "integer", minimum: 1, maximum: 8, default: 4, description: "Side of its convolutions." },
    activation: { type: "string", enum: ACTIVATIONS, default: "leaky_relu", description: "Between its layers." },
  },
} as const;

const optimizer = {
  type: "object",
  description: "How gradients change weights; the formulas are those of torch.optim.",
  properties: {
    algorithm: {
      type: "string",
      enum: ["adam", "adadelta", "sgd", "asgd"],
      default: "adam",
      description: "The optimizer of both networks.",
    },
    beta: {
      type: "array",
      items: { type: "number", minimum: 0, exclusiveMaximum: 1 },
      minItems: 2,
      maxItems: 2,
      default: [0.5, 0.999],
      description: "`adam`: decay of the means of the gradient and of its square.",
    },
    rho: {
      type: "number",
      minimum: 0,
      exclusiveMaximum: 1,
      default: 0.9,
      description: "`adadelta`: decay of the means of squares.",
    },
    momentum: { type: "number", minimum: 0, exclusiveMaximum: 1, default: 0, description: "`sgd`: momentum." },
    lambda: { type: "number", minimum: 0, default: 1e-4, description: "`asgd`: decay of the weights and of the rate." },
    alpha: { type: "number", minimum: 0, default: 0.75, description: "`asgd`: exponent of the rate's decay." },
    t0: { type: "number", minimum: 0, default: 1e6, description: "`asgd`: the step from which weights are averaged." },
  },
} as const;

const test = {
  type: "object",
  description: "Tests on samples that are not learned from.",
  properties: {
    enabled: { type: "boolean", default: false, description: "Whether there are tests." },
    target_ssim: {
      type: ["number", "null"],
      minimum: -1,
      maximum: 1,
      default: null,
      description:
        "The training stops when the test's mean SSIM reaches this; unpaired, that of reconstructions (`ssim_cycle`).",
    },
    output_dir: {
      ...OUTPUT_PATH,
      description:
        "Folder for input, output and reference of every test, as PNG; unpaired, for realA, fakeB, recA, realB, fakeA and recB.",
    },
    input_type: {
      ...INPUT_TYPE,
      description:
        "Where test samples come from; `work_items`: files of the items of the input `test`. Unpaired training takes all of these.",
    },
    ...SOURCES,
    storage: STORAGE,
    worker_threads: { ...THREADS, description: "Threads that decode ahead; 0 decodes on the training thread." },
    batch_size: { type: "integer", minimum: 1, default: 1, effect: false, description: "Samples generated at a time." },
    frequency: {
      type: "integer",
      minimum: 1,
      default: 1,
      description: "Iterations between tests; the last one is tested.",
    },
    size: {
      type: "integer",
      minimum: 1,
      words: ["all"],
      default: "all",
      description: "How many samples a test takes, drawn anew each time.",
    },
    add_results_as_outputs: {
      type: "boolean",
      default: false,
      description: "Whether nodes below see the images as `file/image/test`.",
    },
  },
} as const;

const AS_OUTPUTS = { type: "boolean", default: false } as const;

const checkpoint = {
  type: "object",
  description: "Saved networks. The final generator is always an output (unpaired: both).",
  properties: {
    model_path: {
      ...OUTPUT_PATH,
      description:
        "Path such as `out/{network}_{iteration}.safetensors` (unpaired: with {index}); a .state to continue from is put beside it.",
    },
    save_rate: { ...SAVE_RATE, description: "Iterations between saves; the last one is saved." },
    keep_last: {
      type: ["integer", "null"],
      minimum: 1,
      default: null,
      description: "How many of the latest saves are kept, where `model_path` has `{iteration}`; without it, all.",
    },
    keep_best: {
      type: ["integer", "null"],
      minimum: 1,
      default: null,
      description: "With `keep_last`: how many saves are kept besides, those whose test had the highest SSIM.",
    },
    add_as_outputs: {
      ...AS_OUTPUTS,
      description: "Whether nodes below see all saved checkpoints as `file/model`, not the final generator alone.",
    },
  },
} as const;

const onnx = {
  type: "object",
  description: "The generator as ONNX, verified before it is saved.",
  properties: {
    path: { ...OUTPUT_PATH, description: "Path such as `out/{network}_{iteration}.onnx`; unpaired: with {index}." },
    save_rate: { ...SAVE_RATE, description: "Iterations between exports; the last one is exported." },
    add_as_outputs: { ...AS_OUTPUTS, description: "Whether nodes below see the models as `file/model/onnx`." },
    version: { type: "integer", minimum: 11, maximum: 21, default: 17, description: "ONNX operator set." },
    dynamic_axes: {
      type: "boolean",
      default: false,
      description: "Height and width are open, in multiples of what the layers need.",
    },
    value_range: {
      type: "string",
      enum: ["zero_to_one", "minus_one_to_one"],
      default: "zero_to_one",
      description: "Range of the model's input and output.",
    },
  },
} as const;

const plot = {
  type: "object",
  description: "The training's figures by iteration.",
  properties: {
    type: { type: "string", enum: ["disabled", "csv", "image"], default: "disabled", description: "Kind of file." },
    rate: { type: "integer", minimum: 1, default: 1, description: "Iterations between points." },
    ssim: { ...OUTPUT_PATH, description: "Similarity of generated images, in training and test." },
    loss: { ...OUTPUT_PATH, description: "Learning rate and losses." },
    score: { ...OUTPUT_PATH, description: "The discriminator's mean answer to real and generated images." },
  },
} as const;

const contact_sheet = {
  type: "object",
  description:
    "Sheets of samples as trained on: input, reference, output; unpaired: realA, fakeB, recA, realB, fakeA, recB.",
  properties: {
    path: { ...OUTPUT_PATH, description: "A .png; with `{iteration}`, earlier ones are kept." },
    interval: {
      type: "integer",
      minimum: 1,
      default: 100,
      description: "Steps between sheets; the last step has one.",
    },
  },
} as const;

const preview = {
  type: "object",
  description:
    "The generator's answer to whole frames that are no samples, at the checkpoints' rate; unpaired, that of both generators.",
  properties: {
    input: { ...INPUT_PATH, description: "An image of any size, or a folder of them." },
    pattern: {
      type: "string",
      default: "*.{png,jpg,jpeg,tif,tiff,webp}",
      template: false,
      minLength: 1,
      description: "Glob of the frames in the folder.",
    },
    path: {
      ...OUTPUT_PATH,
      description:
        "A .png with `{frame}` where there are several; unpaired, with {index}; with `{iteration}`, earlier ones are kept.",
    },
  },
} as const;

const INTERVAL = {
  type: "integer",
  minimum: 1,
  default: 1,
  description: "Steps between rows; the last one of an iteration has a row.",
} as const;

const tensorboard = {
  type: "object",
  description: "Learning rate, losses, scores, similarities, contact sheets and previews for TensorBoard.",
  properties: {
    path: {
      ...OUTPUT_PATH,
      description:
        "Folder of the run, such as `$OUT/runs/@{wedgeindex}`; TensorBoard's `--logdir` is the one above it.",
    },
    interval: INTERVAL,
  },
} as const;

const summary = {
  type: "object",
  description: "The figures of steps in one file, from which `compare_runs` compares trainings.",
  properties: {
    path: { ...OUTPUT_PATH, description: "A .summary: lines of JSON, the first of which has the settings." },
    interval: INTERVAL,
  },
} as const;

const env = {
  type: "object",
  description: "The machine.",
  properties: {
    override_device: {
      type: ["string", "null"],
      enum: ["cpu", "webgpu", "cuda", "tensorrt", "coreml", "directml", "wasm", null],
      default: null,
      effect: false,
      description:
        "Computes on this device, or fails where it is absent. Without it: on a graphics card that computes right and is faster than the CPU at this training, else on the CPU.",
    },
    runtime: {
      type: "string",
      enum: ["auto", "onnxruntime", "tensorflow"],
      default: "auto",
      effect: false,
      description:
        "What computes: `onnxruntime` (cpu, webgpu, cuda, tensorrt, coreml, directml), or `tensorflow`, TensorFlow.js (cuda, cpu, wasm). `auto`: onnxruntime where it has the device. Results differ by rounding.",
    },
    allow_fallback: {
      type: "boolean",
      default: false,
      effect: false,
      description:
        "Where the device of `override_device` is absent, or failed before, another is taken, with a warning; otherwise that is an error.",
    },
    cpu_threads: {
      type: ["integer", "null"],
      minimum: 1,
      default: null,
      effect: false,
      description: "CPU threads (and slots) of a training; all of them where it is not given.",
    },
  },
} as const;

export const PARAMS = {
  dataset,
  training,
  generator,
  discriminator,
  optimizer,
  test,
  checkpoint,
  onnx,
  plot,
  contact_sheet,
  preview,
  tensorboard,
  summary,
  env,
  resume_interval: {
    type: "number",
    minimum: 0,
    default: 60,
    effect: false,
    description: "Seconds between saves of the whole state, from which a killed training goes on; 0: after every step.",
  },
} as const;
