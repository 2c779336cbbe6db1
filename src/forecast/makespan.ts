/**
 * How long given work takes on a machine: the scheduler's own heap and slots, with a clock that jumps. Knows neither items
 * nor where the durations come from.
 */

import type { Grant, Machine } from "../executor/machine.js";
import { createHeap } from "../schedule/heap.js";
import { createReady } from "../schedule/ready.js";
import { createSlots } from "../schedule/slots.js";

export interface SlotWork {
  /** Undefined: it needs no slots and no time, and is over when all before it is. */
  readonly request: Machine | undefined;
  readonly priority: number;
  /** Places in the list of what it comes after: all lower than its own. */
  readonly after: readonly number[];
}

interface Waiting {
  readonly timeout: null;
  readonly order: number;
  readonly priority: number;
  readonly request: Machine;
  readonly module: string;
  readonly gone: boolean;
}

interface Running {
  readonly ends: number;
  readonly order: number;
  readonly grant: Grant;
}

/** Seconds from the start of the first to the end of the last. `seconds`: what each takes. */
export function makespan<W extends SlotWork>(
  work: readonly W[],
  machine: Machine,
  seconds: (each: W) => number,
): number {
  const slots = createSlots(machine);
  const ready = createReady<Waiting>();
  const running = createHeap<Running>((a, b) => (a.ends === b.ends ? a.order < b.order : a.ends < b.ends));
  const { pending, below } = linksOf(work);
  const free = (order: number): void => {
    const queue = [order];
    for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
      const { request, priority } = work[at]!;
      if (request !== undefined) ready.push({ order: at, priority, request, module: "", timeout: null, gone: false });
      else queue.push(...done(at));
    }
  };
  const done = (order: number): number[] => below[order]!.filter((each) => --pending[each]! === 0);
  for (let order = 0; order < work.length; order++) if (work[order]!.after.length === 0) free(order);
  let now = 0;
  for (;;) {
    for (let [next] = ready.take(slots, one); next !== undefined; [next] = ready.take(slots, one)) {
      const ends = now + seconds(work[next.order]!);
      running.push({ ends, order: next.order, grant: slots.take(next.request) });
    }
    const first = running.pop();
    if (first === undefined) return now;
    now = first.ends;
    slots.give(first.grant);
    for (const order of done(first.order)) free(order);
  }
}

const NONE: number[] = [];

function one(): number {
  return 1;
}

/** How many each waits for, and who waits for each. */
function linksOf(work: readonly SlotWork[]): { readonly pending: Uint32Array; readonly below: readonly number[][] } {
  const pending = new Uint32Array(work.length);
  const below: number[][] = new Array(work.length).fill(NONE);
  for (const [order, { after }] of work.entries()) {
    pending[order] = after.length;
    for (const before of after) {
      if (below[before] === NONE) below[before] = [order];
      else below[before]!.push(order);
    }
  }
  return { pending, below };
}
