/** What an item asks for of an executor's CPU and GPU slots, and who holds what. Knows neither items nor workers. */
import type { Grant, Machine } from "../executor/machine.js";
import type { Slots } from "../nodetype/define.js";

/**
 * What a node type's slots come to on a machine. Nothing asks for more than there is. Without any GPU, one that wants a GPU
 * takes the CPU instead: as many slots as it names, else all.
 */
export function requestOf({ cpu, gpu = 0 }: Slots, machine: Machine): Machine {
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
  blocked(request: Machine): Blocked | undefined;
  /** Takes all that is asked for at once; only where nothing blocks it. */
  take(request: Machine): Grant;
  give(grant: Grant): void;
}

const NO_GPUS: readonly number[] = [];

export function createSlots(machine: Machine): SlotTable {
  let cpu = machine.cpu;
  const gpus = Array.from({ length: machine.gpu }, (_, index) => index);
  const blocked = (request: Machine) => {
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
