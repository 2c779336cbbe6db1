/** The slots of this machine and the memory of its workers, unless the user says otherwise. */
import { readFileSync } from "node:fs";
import { UserError } from "../base/error.js";
import { detectMachine, type Machine } from "../executor/machine.js";

export interface SlotOptions {
  readonly cpuSlots?: number;
  /** Undefined: as many as there are GPUs. */
  readonly gpuSlots?: number;
  /** Megabytes that each worker may use; undefined: any. */
  readonly memoryLimit?: number;
}

/** Bytes that each worker may use; undefined: any. */
export function workerMemory({ memoryLimit }: SlotOptions): number | undefined {
  return memoryLimit === undefined ? undefined : memoryLimit * 2 ** 20;
}

/** Ends the command with code 3 where so many slots need more open files than the process may have. */
export function machineSlots(options: SlotOptions): Machine {
  const detected = detectMachine();
  const machine = { cpu: options.cpuSlots ?? detected.cpu, gpu: options.gpuSlots ?? detected.gpu };
  const [limit, needed] = [openFilesLimit(), OPEN_FILES + OPEN_FILES_A_SLOT * (machine.cpu + machine.gpu)];
  if (limit >= needed) return machine;
  const fewer = Math.floor((limit - OPEN_FILES) / OPEN_FILES_A_SLOT) - machine.gpu;
  const advice = fewer > 0 ? `, or have fewer items cook at once (--cpu-slots ${fewer})` : "";
  const text = `A process may have ${limit} files open here, and a cook needs ${needed}.`;
  throw new UserError(`${text} Raise the limit (ulimit -n ${needed})${advice}.`, 3);
}

/** What the engine has open besides, and what a worker opens at once as it loads a node's code (a hundred modules). */
const OPEN_FILES = 128;
/** The pipes to a worker. */
const OPEN_FILES_A_SLOT = 4;

/** Node has raised it as far as it may be; any number where the system does not tell. */
function openFilesLimit(): number {
  try {
    const limit = /^Max open files +(\d+)/m.exec(readFileSync("/proc/self/limits", "latin1"))?.[1];
    return limit === undefined ? Number.POSITIVE_INFINITY : Number(limit);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
