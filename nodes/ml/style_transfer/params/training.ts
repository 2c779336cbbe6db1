/** `training`: how long, how fast and from where. It knows nothing of what is done with it. */
import { INPUT_PATH } from "./path.js";

export const training = {
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
    learning_rate: {
      type: ["number", "null"],
      exclusiveMinimum: 0,
      default: null,
      description:
        "The learning rate of both networks; null: with `adam` 0.001 for pairs and fewer than 5000 updates, else 0.0002.",
    },
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
      enum: ["auto", "vanilla", "lsgan", "none"],
      default: "auto",
      description:
        "The loss of the discriminator's answer: cross entropy or squares; `auto` is `vanilla` for pairs, else `lsgan`. `none`: no discriminator, for pairs; the generator learns from the references alone, in a third less time.",
    },
    ema: {
      type: ["number", "null"],
      exclusiveMinimum: 0,
      exclusiveMaximum: 1,
      default: null,
      description:
        "The decay of an average of the generator's weights over updates, such as 0.99, which is kept as well; null: none. It is what is used, unless a test finds the last weights better.",
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
