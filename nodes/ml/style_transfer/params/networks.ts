/** `generator` and `discriminator`: the networks. It knows nothing of how they are built. */
const ACTIVATIONS = ["leaky_relu", "relu", "elu", "selu", "tanh", "sigmoid", "softplus", "none"] as const;

export const generator = {
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
      enum: ["auto", "instance", "batch", "none"],
      default: "auto",
      description:
        "The normalization in both networks; `auto`: `batch` for pairs where an update has several, else `instance`. Statistics of `batch` are collected over the training samples before the generator is tested, saved or exported.",
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

export const discriminator = {
  type: "object",
  description: "The network that tells made images from real ones, patch by patch.",
  properties: {
    layers: {
      type: "integer",
      minimum: 1,
      words: ["auto"],
      default: "auto",
      description:
        "Layers that halve: 2 see patches of 34 pixels, 3 of 70. `auto`: 2 for pairs below 128 pixels a side, else 3, or what the image size allows.",
    },
    initial_layer_size: { type: "integer", minimum: 1, default: 64, description: "Channels of the first layer." },
    kernel_size: { type: "integer", minimum: 1, maximum: 8, default: 4, description: "Side of its convolutions." },
    activation: { type: "string", enum: ACTIVATIONS, default: "leaky_relu", description: "Between its layers." },
  },
} as const;
