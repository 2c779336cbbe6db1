/**
 * Loads TensorFlow.js with the best of its backends that is installed here: CUDA, native, WebAssembly. It knows nothing of
 * tensor programs.
 */
import { messageOf, RuntimeError } from "./load.js";
import type { Tf } from "./tensorflow-value.js";

/** The npm packages that bring a backend, the best first. */
export const TENSORFLOW_PACKAGES = [
  "@tensorflow/tfjs-node-gpu",
  "@tensorflow/tfjs-node",
  "@tensorflow/tfjs-backend-wasm",
] as const;
export type TensorflowPackage = (typeof TENSORFLOW_PACKAGES)[number];

/** TensorFlow.js with a backend that was really activated. */
export interface Loaded {
  readonly tf: Tf;
  readonly package: TensorflowPackage;
  /** TensorFlow.js's name of the backend. */
  readonly backend: string;
  readonly device: "cuda" | "cpu" | "wasm";
}
