/** How a training ended, and what is told where that was not well. It knows nothing of how it came to it. */
import type { IterationMetrics } from "./history.js";
import type { SavedFile } from "./saved.js";
import type { Timing } from "./speed.js";

/** How a training ended. */
export interface Trained {
  /** Of the last iteration; where it was stopped within one, of as much as there is of it. */
  readonly figures: IterationMetrics;
  /** It was told to stop before its end. */
  readonly partial: boolean;
  /** Why it could not go on, or not be exported; figures and files are then those of the last state in which it could. */
  readonly failure?: string;
  /** Files, in the order of their saving. */
  readonly files: readonly SavedFile[];
  readonly timing: Timing;
}

/** What is told of what the state after `step` outlived: a sentence, and where that state is saved, if it has a path. */
export function endText(message: string, step: number, files: readonly SavedFile[]): string {
  const state = files.findLast(({ kind, parameter }) => kind === "state" && parameter !== null);
  const advice =
    state === undefined
      ? "With a checkpoint.model_path it would be saved"
      : `It is saved as ${state.path}: training.continue_from goes on from there with other parameters`;
  return `${message} The last good state is that after step ${step}. ${advice}.`;
}
