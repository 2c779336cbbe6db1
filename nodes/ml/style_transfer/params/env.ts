/** `env`: what a training computes on. It knows no machine. */
export const env = {
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
    devices: {
      type: "integer",
      minimum: 1,
      maximum: 64,
      default: 1,
      effect: false,
      description:
        "Graphics cards of one training: each learns from its part of a batch, and the gradients are averaged. With `override_device` `cpu` or `wasm`, parts of the processor. A batch below it uses fewer. Results differ by rounding; under `generator.norm` `batch` each part is normalized by itself.",
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
