/** Loads onnxruntime-node and opens its sessions, with errors that say what to do. It knows nothing of tensor programs. */
import type * as Onnxruntime from "onnxruntime-node";
import { messageOf, RuntimeError } from "../errors.js";

/** The package, loaded on first use: it brings 30 MB of native code that much of the product does without. */
export type Ort = typeof Onnxruntime;
export type OrtSession = Onnxruntime.InferenceSession;
export type OrtTensor = Onnxruntime.Tensor;

/** A device that onnxruntime computes on. */
export type Device = "cpu" | "webgpu" | "cuda" | "tensorrt" | "coreml" | "directml";

/** The package. Throws a `RuntimeError` where it is not installed or does not fit the machine. */
export async function loadOnnxruntime(): Promise<Ort> {
  try {
    return (await import("onnxruntime-node")).default as unknown as Ort;
  } catch (error) {
    throw new RuntimeError(
      `onnxruntime-node cannot be loaded: ${messageOf(error)}\n` +
        'It does the training and runs ONNX models. Install it with "npm install onnxruntime-node@1.30.0" ' +
        "(Linux, macOS and Windows on x64 and arm64).",
      { cause: error },
    );
  }
}

/** How a session computes. */
export interface OrtSessionOptions {
  /** Threads of one operator, at least 1. Results can differ in the last bits between thread counts. */
  readonly threads: number;
  readonly device: Device;
  /** Which of several cards, from 0. */
  readonly card?: number;
  /**
   * `constants`: also lays constant weights out for the processor, which pays for models whose weights do not change;
   * otherwise it costs memory (30 MB for a U-Net at 256²) and gains nothing.
   */
  readonly layout?: "constants";
  /** Outputs that stay in the memory of the device, where it has its own. */
  readonly kept?: readonly string[];
}

/**
 * Opens a model: an .onnx file's bytes, or its path, which also finds weights in files beside it. Throws a `RuntimeError`
 * naming `what` where onnxruntime refuses it or the device is absent.
 */
export async function openSession(
  ort: Ort,
  model: Uint8Array | string,
  options: OrtSessionOptions,
  what: string,
): Promise<OrtSession> {
  const settings = sessionSettings(options);
  try {
    return typeof model === "string"
      ? await ort.InferenceSession.create(model, settings)
      : await ort.InferenceSession.create(model, settings);
  } catch (error) {
    const reason = reasonOf(messageOf(error));
    throw new RuntimeError(`onnxruntime cannot load ${what} on the device "${options.device}": ${reason}`, {
      ...{ cause: error, reason },
    });
  }
}

/** What onnxruntime says of an absent device, in words. */
const ABSENT: readonly (readonly [RegExp, string])[] = [
  [/Failed to get a WebGPU adapter/, "there is no graphics card with a driver for it"],
  [/Failed to load shared library/, "its libraries are absent, or do not find those that they need"],
  [/no available backend found/, `onnxruntime-node has no such device on ${process.platform} ${process.arch}`],
];

function reasonOf(message: string): string {
  return ABSENT.find(([pattern]) => pattern.test(message))?.[1] ?? message.trim();
}

function sessionSettings({
  threads,
  device,
  card,
  layout,
  kept = [],
}: OrtSessionOptions): Onnxruntime.InferenceSession.SessionOptions {
  return {
    // No second one: onnxruntime would take it silently where the first is not there.
    executionProviders: [providerOf(device, card)],
    executionMode: "sequential",
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: layout === "constants" ? "all" : "extended",
    // Measured: without it a step takes 45 MB less and no longer.
    enableMemPattern: false,
    preferredOutputLocation: Object.fromEntries(kept.map((name) => [name, "gpu-buffer" as const])),
    // What goes wrong is thrown; the same on standard error says nothing more.
    logSeverityLevel: 4,
  };
}

function providerOf(device: Device, card: number | undefined) {
  const name = device === "directml" ? "dml" : device;
  return card === undefined ? name : { name, deviceId: card };
}
