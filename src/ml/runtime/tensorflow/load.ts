/**
 * Loads TensorFlow.js with the best of its backends that is installed here: CUDA, native, WebAssembly. It knows nothing of
 * tensor programs.
 */
import util from "node:util";
import { messageOf, RuntimeError } from "../errors.js";
import type { Engine, Tf } from "./value.js";

/** The npm packages that bring a backend, the best first. */
export const TENSORFLOW_PACKAGES = [
  "@tensorflow/tfjs-node-gpu",
  "@tensorflow/tfjs-node",
  "@tensorflow/tfjs-backend-wasm",
] as const;
export type TensorflowPackage = (typeof TENSORFLOW_PACKAGES)[number];

const GPU = "@tensorflow/tfjs-node-gpu";

/** TensorFlow.js with a backend that was really activated. */
export interface Loaded extends Engine {
  readonly package: TensorflowPackage;
  readonly device: "cuda" | "cpu" | "wasm";
  /** Of TensorFlow.js, and of the TensorFlow below it. */
  readonly version: string;
}

export interface LoadOptions {
  /** Threads of one operation, at least 1. The native packages take the number of the first load in a process. */
  readonly threads: number;
  /** This package and no other; else the first of `TENSORFLOW_PACKAGES` that loads. */
  readonly package?: TensorflowPackage;
}

/**
 * The best backend, or the one that is asked for. Throws a `RuntimeError` with every reason where none loads, or where the
 * package for CUDA is asked for by name and finds no card. (Not asked for, it computes on the processor: a process takes
 * one native package alone.)
 */
export async function loadTensorflow(options: LoadOptions): Promise<Loaded> {
  const reasons: string[] = [];
  for (const name of options.package === undefined ? TENSORFLOW_PACKAGES : [options.package]) {
    try {
      const loaded = await LOADERS[name](options.threads);
      if (name !== GPU || loaded.device === "cuda" || options.package === undefined) return loaded;
      reasons.push(
        `  ${name}: its TensorFlow finds no CUDA device (driver, CUDA or cuDNN libraries, or the card itself)`,
      );
    } catch (error) {
      reasons.push(`  ${name}: ${isAbsent(error, name) ? "not installed" : messageOf(error)}`);
    }
  }
  const what =
    options.package === undefined ? `TensorFlow.js cannot be loaded:\n${reasons.join("\n")}` : reasons[0]!.trim();
  throw new RuntimeError(`${what}\n${ADVICE}`);
}

const ADVICE =
  'Install its WebAssembly backend with "npm install @tensorflow/tfjs-core@4.22.0 @tensorflow/tfjs-backend-cpu@4.22.0 ' +
  '@tensorflow/tfjs-backend-wasm@4.22.0", or build a native one with "npm run setup:tensorflow" (docs/tensorflow.md).';

const LOADERS: Readonly<Record<TensorflowPackage, (threads: number) => Promise<Loaded>>> = {
  async "@tensorflow/tfjs-node-gpu"(threads) {
    prepareNative(threads);
    const tf = await import("@tensorflow/tfjs-node-gpu");
    return await activated(tf, "tensorflow", "@tensorflow/tfjs-node-gpu");
  },
  async "@tensorflow/tfjs-node"(threads) {
    prepareNative(threads);
    const tf = await import("@tensorflow/tfjs-node");
    return await activated(tf, "tensorflow", "@tensorflow/tfjs-node");
  },
  async "@tensorflow/tfjs-backend-wasm"() {
    await import("@tensorflow/tfjs-backend-wasm");
    const tf = await import("@tensorflow/tfjs-core");
    return await activated(tf, "wasm", "@tensorflow/tfjs-backend-wasm");
  },
};

/** What native TensorFlow reads as it starts, and what its package has from no Node since 23. */
function prepareNative(threads: number): void {
  process.env.TF_NUM_INTRAOP_THREADS ??= String(threads);
  process.env.TF_NUM_INTEROP_THREADS ??= "1";
  // Errors alone: what it says of the processor is of no use here.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= "2";
  Object.assign(util, { isNullOrUndefined: (value: unknown) => value === null || value === undefined });
}

/** What the native backend says of itself. */
interface NativeBackend {
  readonly isUsingGpuDevice?: boolean;
  readonly binding?: { readonly TF_Version?: string };
}

/** Makes a backend the active one, and asserts it: TensorFlow.js itself would take another without a word. */
async function activated(tf: Tf, backend: "tensorflow" | "wasm", from: TensorflowPackage): Promise<Loaded> {
  const ensureActive = () => {
    const active = tf.getBackend();
    if (active !== backend) throw new RuntimeError(`TensorFlow.js computes with "${active}" instead of "${backend}"`);
  };
  if (!(await tf.setBackend(backend))) throw new Error(`its backend "${backend}" did not start`);
  ensureActive();
  const native = backend === "tensorflow";
  const { isUsingGpuDevice: cuda, binding } = tf.backend() as NativeBackend;
  const below = binding?.TF_Version === undefined ? "" : ` on TensorFlow ${binding.TF_Version}`;
  const version = `${tf.version_core}${below}`;
  return { tf, native, version, package: from, device: native ? (cuda ? "cuda" : "cpu") : "wasm", ensureActive };
}

/** Whether an import failed because the package itself is not there, and not something that it needs. */
function isAbsent(error: unknown, name: string): boolean {
  const { code } = Object(error) as { code?: unknown };
  const missing = code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND";
  return missing && messageOf(error).includes(`'${name}'`);
}
