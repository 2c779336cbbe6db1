/** How a generator becomes an ONNX file: parameters of `onnx_export` and of a training. It knows no model. */
export const ONNX_OPTIONS = {
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
} as const;
