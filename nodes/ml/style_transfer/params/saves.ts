/** `checkpoint` and `onnx`: the networks that are kept. It knows no file format. */
import { ONNX_OPTIONS } from "../../models/options.js";
import { OUTPUT_PATH } from "./path.js";

const SAVE_RATE = { type: "integer", minimum: 1, default: 10 } as const;
const AS_OUTPUTS = { type: "boolean", default: false } as const;

export const checkpoint = {
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

export const onnx = {
  type: "object",
  description: "The generator as ONNX, verified before it is saved.",
  properties: {
    path: { ...OUTPUT_PATH, description: "Path such as `out/{network}_{iteration}.onnx`; unpaired: with {index}." },
    save_rate: { ...SAVE_RATE, description: "Iterations between exports; the last one is exported." },
    add_as_outputs: { ...AS_OUTPUTS, description: "Whether nodes below see the models as `file/model/onnx`." },
    ...ONNX_OPTIONS,
  },
} as const;
