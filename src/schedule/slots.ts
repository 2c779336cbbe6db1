/** The machine's CPU and GPU slots: what an item asks for, and who holds what. Knows neither items nor workers. */
import { readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import type { Slots } from "../nodetype/define.js";

/** How many slots of each kind there are. */
export interface Machine {
  readonly cpu: number;
  readonly gpu: number;
}

/** How many slots of each kind are asked for: no more than there are. */
export type Request = Machine;

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

/**
 * What a node type's slots come to on a machine. Nothing asks for more than there is. Without any GPU, one that wants a GPU
 * takes the CPU instead: as many slots as it names, else all.
 */
export function requestOf({ cpu, gpu = 0 }: Slots, machine: Machine): Request {
  const wanted = Math.min(gpu, machine.gpu);
  const fallsBack = gpu > 0 && wanted === 0;
  const share = cpu ?? (fallsBack ? "all" : 1);
  // Without a GPU every item holds the CPU; one on a GPU may name none.
  const least = wanted > 0 ? 0 : 1;
  return { cpu: share === "all" ? machine.cpu : Math.max(least, Math.min(share, machine.cpu)), gpu: wanted };
}

/** What an item is blocked by: the GPUs that it wants are held; or its GPUs are there, but not its CPU slots. */
export type Blocked = "gpu" | "cpu";

export interface SlotTable {
  readonly machine: Machine;
  /** CPU slots that nobody holds. */
  readonly freeCpu: number;
  blocked(request: Request): Blocked | undefined;
  /** Takes all that is asked for at once; only where nothing blocks it. */
  take(request: Request): Grant;
  give(grant: Grant): void;
}

const NO_GPUS: readonly number[] = [];

export function createSlots(machine: Machine): SlotTable {
  let cpu = machine.cpu;
  const gpus = Array.from({ length: machine.gpu }, (_, index) => index);
  const blocked = (request: Request) => {
    if (request.gpu > gpus.length) return "gpu";
    return request.cpu > cpu ? "cpu" : undefined;
  };
  return {
    machine,
    get freeCpu() {
      return cpu;
    },
    blocked,
    take(request) {
      if (blocked(request) !== undefined) throw new Error("slots were taken that are not free");
      cpu -= request.cpu;
      return { cpu: request.cpu, gpus: request.gpu === 0 ? NO_GPUS : gpus.splice(0, request.gpu) };
    },
    give(grant) {
      cpu += grant.cpu;
      if (grant.gpus.length === 0) return;
      gpus.push(...grant.gpus);
      gpus.sort((a, b) => a - b);
    },
  };
}
