/** The slots of this machine, unless the user says otherwise. */
import { detectMachine, type Machine } from "../schedule/slots.js";

export interface SlotOptions {
  readonly cpuSlots?: number;
  /** Undefined: as many as there are GPUs. */
  readonly gpuSlots?: number;
}

export function machineSlots(options: SlotOptions): Machine {
  const machine = detectMachine();
  return { cpu: options.cpuSlots ?? machine.cpu, gpu: options.gpuSlots ?? machine.gpu };
}
