/** Runtimes and devices of a training: what is asked of the machine's slots, what cannot be, and what `dag doctor` says. */
import type { DoctorLine, ParamProblem } from "dag-cook";

/** The devices of each runtime. */
const DEVICES = {
  onnxruntime: ["cpu", "webgpu", "cuda", "tensorrt", "coreml", "directml"],
  tensorflow: ["cuda", "cpu", "wasm"],
} as const;

/** Those of them of which several compute together: graphics cards, and parts of the processor. */
const SEVERAL = {
  onnxruntime: ["cpu", "cuda", "tensorrt"],
  tensorflow: ["wasm"],
} as const;

interface Environment {
  readonly override_device: string | null;
  readonly runtime: "auto" | keyof typeof DEVICES;
  readonly cpu_threads: number | null;
  readonly devices: number;
}

/** What slots depend on. */
interface Asking {
  readonly env: Environment;
  readonly dataset: { readonly batch_size: number | "auto" | null };
}

/** Graphics cards unless the CPU is asked for by name, and all of the CPU, which computes where no card is taken. */
export function slotsOf({ env, dataset: { batch_size } }: Asking): { cpu: number | "all"; gpu?: number } {
  const { override_device: device, cpu_threads, devices } = env;
  const cpu = cpu_threads ?? "all";
  if (device === "cpu" || device === "wasm") return { cpu };
  return { cpu, gpu: typeof batch_size === "number" ? Math.min(devices, batch_size) : devices };
}

export function deviceProblems(env: Environment): readonly ParamProblem[] {
  const { runtime, override_device: device, devices } = env;
  if (device === null) return [];
  const among = (table: Readonly<Record<keyof typeof DEVICES, readonly string[]>>) =>
    runtime === "auto" ? Object.values(table).flat() : table[runtime];
  const all = among(DEVICES);
  if (!all.includes(device)) {
    const message = `env.override_device "${device}" is no device of env.runtime "${runtime}" (${all.join(", ")})`;
    return [{ param: "env.override_device", message }];
  }
  const several = among(SEVERAL);
  if (devices === 1 || several.includes(device)) return [];
  const message = `env.devices ${devices}: env.runtime "${runtime}" computes on one "${device}" at a time, on several of ${several.join(", ")}`;
  return [{ param: "env.devices", message }];
}

/** A line for every runtime on every device. `deep`: every operation is compared with the referee. */
export async function lookAtRuntimes({ deep }: { readonly deep: boolean }): Promise<readonly DoctorLine[]> {
  const { examine } = await import("dag-cook/ml/runtime/trial/examine");
  return await examine(deep);
}
