/** The slots of a machine that runs attempts: how many there are, and which are granted. Knows neither attempts nor workers. */
import { readdirSync } from "node:fs";
import { availableParallelism } from "node:os";

/** How many slots of each kind there are. */
export interface Machine {
  readonly cpu: number;
  readonly gpu: number;
}

/** Slots that are held: `gpus` are places in the machine's list of GPUs. */
export interface Grant {
  readonly cpu: number;
  readonly gpus: readonly number[];
}

/** `gpu_slots: auto` and `cpu_slots: auto`: a CPU slot per core, a GPU slot per NVIDIA device that this process may open. */
export function detectMachine(): Machine {
  const visible = process.env.CUDA_VISIBLE_DEVICES;
  const devices = () => {
    try {
      return readdirSync("/dev").filter((name) => /^nvidia\d+$/.test(name)).length;
    } catch {
      return 0;
    }
  };
  const gpu = visible === undefined ? devices() : Math.min(devices(), visibleGpus(visible).length);
  return { cpu: availableParallelism(), gpu };
}

/** The devices that `CUDA_VISIBLE_DEVICES` names; the first negative number ends the list, as the driver has it. */
export function visibleGpus(variable: string): readonly string[] {
  const names = variable.split(",").map((name) => name.trim());
  const end = names.findIndex((name) => name === "" || name.startsWith("-"));
  return end === -1 ? names : names.slice(0, end);
}

/** What node code may use under a grant. */
export function meansOf({ cpu, gpus }: Grant): { readonly threads: number; readonly device: "cpu" | "gpu" } {
  return { threads: Math.max(1, cpu), device: gpus.length > 0 ? "gpu" : "cpu" };
}
