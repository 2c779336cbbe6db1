/** Runtimes and devices of a training: what is asked of the machine's slots, what cannot be, and what `dag doctor` says. */
import type { DoctorLine, ParamProblem } from "dag-cook";

/** The devices of each runtime. */
const DEVICES = {
  onnxruntime: ["cpu", "webgpu", "cuda", "tensorrt", "coreml", "directml"],
  tensorflow: ["cuda", "cpu", "wasm"],
} as const;

interface Environment {
  readonly override_device: string | null;
  readonly runtime: "auto" | keyof typeof DEVICES;
  readonly cpu_threads: number | null;
}

/** A graphics card unless the CPU is asked for by name, and all of the CPU, which computes where the card is not taken. */
export function slotsOf({ env }: { readonly env: Environment }): { cpu: number | "all"; gpu?: number } {
  const { override_device: device, cpu_threads } = env;
  const cpu = cpu_threads ?? "all";
  return device === "cpu" || device === "wasm" ? { cpu } : { cpu, gpu: 1 };
}

export function deviceProblems({ runtime, override_device: device }: Environment): readonly ParamProblem[] {
  if (runtime === "auto" || device === null) return [];
  const devices: readonly string[] = DEVICES[runtime];
  if (devices.includes(device)) return [];
  const message = `env.override_device "${device}" is no device of env.runtime "${runtime}" (${devices.join(", ")})`;
  return [{ param: "env.override_device", message }];
}

/** A line for every runtime on every device. `deep`: every operation is compared with the referee. */
export async function lookAtRuntimes({ deep }: { readonly deep: boolean }): Promise<readonly DoctorLine[]> {
  const { examine } = await import("dag-cook/ml/runtime/examine");
  return await examine(deep);
}
