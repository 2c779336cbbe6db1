/** The slots of this machine, unless the user says otherwise. */
import { readdirSync } from "node:fs";
import { availableParallelism } from "node:os";

export interface SlotOptions {
  readonly cpuSlots?: number;
  /** Undefined: as many as there are GPUs that training can use. */
  readonly gpuSlots?: number;
}

export function machineSlots(options: SlotOptions): { readonly cpu: number; readonly gpu: number } {
  return { cpu: options.cpuSlots ?? availableParallelism(), gpu: options.gpuSlots ?? nvidiaGpus() };
}

/** GPUs that the NVIDIA driver shows; other vendors' are found by the runtimes themselves. */
function nvidiaGpus(): number {
  try {
    return readdirSync("/proc/driver/nvidia/gpus").length;
  } catch {
    return 0;
  }
}
