/**
 * What waits for slots: highest priority first, then in order of generation; and which of it may start now. It holds no
 * slots itself and knows neither workers nor states.
 */

import type { Machine } from "../executor/machine.js";
import { createHeap, type Heap } from "./heap.js";
import type { SlotTable } from "./slots.js";

/** Something that waits. `order` differs from one to another. */
export interface Waiting {
  readonly priority: number;
  readonly order: number;
  readonly request: Machine;
  /** Those of one module may share a message, where one may take as long as the other. */
  readonly module: string;
  readonly timeout: number | null;
  /** It was cancelled while it waited: it is passed over. */
  readonly gone: boolean;
}

export interface Ready<T extends Waiting> {
  push(waiting: T): void;
  /** How many wait for the same kind of slot; those that were cancelled may be among them. */
  waiting(request: Machine): number;
  /**
   * Takes out what may start now; none where nothing may. The first decides how many follow it in one message: `most` gets
   * it and the number that wait. A lower one never takes CPU slots that a higher one waits for, so that none is starved;
   * it may pass one that waits for a GPU.
   */
  take(slots: SlotTable, most: (first: T, waiting: number) => number): T[];
}

export function createReady<T extends Waiting>(): Ready<T> {
  const before = (a: T, b: T) => (a.priority === b.priority ? a.order < b.order : a.priority > b.priority);
  const heaps = { cpu: createHeap(before), gpu: createHeap(before) };
  const ranked = [
    [heaps.cpu, heaps.gpu],
    [heaps.gpu, heaps.cpu],
  ] as const;

  /** The first of the heap that may start; undefined also where a higher one of the other heap waits for CPU slots. */
  const choose = (slots: SlotTable): Heap<T> | undefined => {
    const [cpu, gpu] = [head(heaps.cpu), head(heaps.gpu)];
    const isGpuFirst = gpu !== undefined && (cpu === undefined || before(gpu, cpu));
    for (const heap of ranked[isGpuFirst ? 1 : 0]) {
      const first = heap.peek();
      const blocked = first && slots.blocked(first.request);
      if (first !== undefined && blocked === undefined) return heap;
      if (blocked === "cpu") return undefined;
    }
    return undefined;
  };

  const heapOf = ({ gpu }: Machine) => heaps[gpu > 0 ? "gpu" : "cpu"];

  return {
    push: (waiting) => heapOf(waiting.request).push(waiting),
    waiting: (request) => heapOf(request).size,
    take(slots, most) {
      const heap = choose(slots);
      if (heap === undefined) return [];
      const first = heap.pop()!;
      const taken = [first];
      const waiting = heap.size + 1;
      const count = most(first, waiting);
      while (taken.length < count && alike(head(heap), first) && most(head(heap)!, waiting) > 1)
        taken.push(heap.pop()!);
      return taken;
    },
  };
}

/** The first that was not cancelled. */
function head<T extends Waiting>(heap: Heap<T>): T | undefined {
  while (heap.peek()?.gone) heap.pop();
  return heap.peek();
}

function alike(a: Waiting | undefined, b: Waiting): boolean {
  // A worker that is stuck tells nothing: whichever of them it is taken to be at, there must be an end.
  if (a?.module !== b.module || a.timeout !== b.timeout) return false;
  return a.request.cpu === b.request.cpu && a.request.gpu === b.request.gpu;
}
