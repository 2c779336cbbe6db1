/** The slots of this machine and the memory of its workers, unless the user says otherwise. */
import { detectMachine, type Machine } from "../schedule/slots.js";

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

export function machineSlots(options: SlotOptions): Machine {
  const machine = detectMachine();
  return { cpu: options.cpuSlots ?? machine.cpu, gpu: options.gpuSlots ?? machine.gpu };
}
