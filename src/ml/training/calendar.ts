/** Which iteration a step belongs to, and its learning rate. It knows counts, nothing of what a step does. */
import type { Batches, TrainingConfig } from "./job.js";

/** Steps count from 0, iterations from 1. */
export interface Calendar {
  readonly steps: number;
  /** The iteration that a step's last sample belongs to. */
  iterationOf(step: number): number;
  /** Whether the iteration ends with this step. */
  endsIteration(step: number): boolean;
  /** The learning rate of an iteration. */
  rateOf(iteration: number): number;
  /** The step that comes first after an iteration; after 0, the first of all. */
  firstStepAfter(iteration: number): number;
}

/** The calendar of a training whose samples come in this order. */
export function calendarOf(order: Batches["order"], rateOf: TrainingConfig["rateOf"]): Calendar {
  const iterationOf = (step: number) => order.batch(step).at(-1)!.iteration;
  return {
    steps: order.steps,
    iterationOf,
    endsIteration: (step) => step + 1 === order.steps || iterationOf(step + 1) !== iterationOf(step),
    rateOf,
    firstStepAfter(iteration) {
      let [low, high] = [0, order.steps];
      while (low < high) {
        const middle = Math.floor((low + high) / 2);
        if (iterationOf(middle) <= iteration) low = middle + 1;
        else high = middle;
      }
      return low;
    },
  };
}
