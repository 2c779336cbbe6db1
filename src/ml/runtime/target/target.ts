/**
 * The runtimes with the devices they compute on, in the order in which they are chosen, and how to get those that are
 * absent. It knows nothing of whether one works here.
 */
import { RuntimeError } from "../errors.js";
import type { Device } from "../onnxruntime/load.js";
import { createOnnxruntime } from "../onnxruntime/onnxruntime.js";
import type { Runtime } from "../runtime.js";
import type { TensorflowPackage } from "../tensorflow/load.js";
import { createTensorflow } from "../tensorflow/tensorflow.js";

/** A runtime on a device. */
export interface RuntimeTarget {
  readonly runtime: "onnxruntime" | "tensorflow";
  readonly device: DeviceName;
  /** What computes is a graphics card, or another processor beside the CPU. */
  readonly accelerator: boolean;
  /** Taken only where it is asked for by name. */
  readonly named?: true;
  /** What several devices of it are: cards, or parts of the processor. Without it, it is one device. */
  readonly several?: "cards" | "parts";
  /** How to get it. */
  readonly help: string;
}

export type DeviceName = Device | "wasm";

/** One of several devices that compute together. */
export interface DeviceIndex {
  /** Which one, from 0. */
  readonly at: number;
  /** Threads of the processor for this one. */
  readonly threads: number;
}

const CUDA_HELP =
  'It needs Linux on x64, an NVIDIA card with its driver, CUDA 12 and cuDNN 9 on the loader\'s path, and "ONNXRUNTIME_NODE_INSTALL=true npm rebuild onnxruntime-node", which fetches what the npm package leaves out.';
const NATIVE = "builds it against today's TensorFlow (docs/tensorflow.md).";

/** The best first. */
export const TARGETS: readonly RuntimeTarget[] = [
  { runtime: "onnxruntime", device: "cuda", accelerator: true, several: "cards", help: CUDA_HELP },
  {
    ...{ runtime: "tensorflow", device: "cuda", accelerator: true },
    help: `It needs Linux, an NVIDIA card with its driver, CUDA 12 and cuDNN 9 on the loader's path; "npm run setup:tensorflow -- --gpu" ${NATIVE}`,
  },
  {
    ...{ runtime: "onnxruntime", device: "webgpu", accelerator: true },
    help: "It needs a graphics card with a driver for Vulkan (Linux on x64, with libvulkan.so.1 on the loader's path), Metal (macOS) or Direct3D 12 (Windows).",
  },
  {
    ...{ runtime: "onnxruntime", device: "tensorrt", accelerator: true, named: true, several: "cards" },
    help: `${CUDA_HELP} TensorRT 10 too.`,
  },
  { runtime: "onnxruntime", device: "coreml", accelerator: true, named: true, help: "It is there on macOS." },
  { runtime: "onnxruntime", device: "directml", accelerator: true, named: true, help: "It is there on Windows." },
  {
    ...{ runtime: "onnxruntime", device: "cpu", accelerator: false, several: "parts" },
    help: '"npm install onnxruntime-node@1.30.0" installs it (Linux, macOS and Windows on x64 and arm64).',
  },
  {
    ...{ runtime: "tensorflow", device: "cpu", accelerator: false },
    help: `"npm run setup:tensorflow" ${NATIVE}`,
  },
  {
    ...{ runtime: "tensorflow", device: "wasm", accelerator: false, several: "parts" },
    help: '"npm install @tensorflow/tfjs-core@4.22.0 @tensorflow/tfjs-backend-cpu@4.22.0 @tensorflow/tfjs-backend-wasm@4.22.0" installs it.',
  },
];

/** The target as people write it: `onnxruntime on cpu`. */
export function targetName({ runtime, device }: Pick<RuntimeTarget, "runtime" | "device">): string {
  return `${runtime} on ${device}`;
}

const PACKAGES: Partial<Record<DeviceName, TensorflowPackage>> = {
  cuda: "@tensorflow/tfjs-node-gpu",
  cpu: "@tensorflow/tfjs-node",
  wasm: "@tensorflow/tfjs-backend-wasm",
};

/** Opens a target. Rejects with a `RuntimeError` where its package is absent; a device may fail only at `compile`. */
export async function openTarget(
  { runtime, device, several }: RuntimeTarget,
  { at, threads }: DeviceIndex,
): Promise<Runtime> {
  if (runtime === "tensorflow") return await createTensorflow({ threads, package: PACKAGES[device]! });
  if (device === "wasm") throw new RuntimeError("onnxruntime does not compute in WebAssembly here");
  return await createOnnxruntime({ threads, device, ...(several === "cards" && { card: at }) });
}
