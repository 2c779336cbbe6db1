/** Trains a translation: the general training, given what this family learns and from what. It knows no order of steps. */
import type { TrainingContext } from "../training/job.js";
import { openTraining } from "../training/session.js";
import { runTraining } from "../training/train.js";
import type { TranslationJob } from "./job.js";
import { planOf } from "./plan.js";

/**
 * Trains, and puts the files below `directory`. Rejects with a message for the user (a TrainingError, DataError,
 * ImageError, CheckpointError, ExportError or RuntimeError), and where it is stopped before its first step.
 */
export function train(
  job: TranslationJob,
  context: TrainingContext,
  directory: string,
): ReturnType<typeof runTraining> {
  return runTraining(general(job), context, directory);
}

/** Opens the training without running it. */
export function openTranslation(job: TranslationJob, context: TrainingContext): ReturnType<typeof openTraining> {
  return openTraining(general(job), context);
}

function general(job: TranslationJob): Parameters<typeof runTraining>[0] {
  const { params, initial_weights, continue_from } = job;
  return { params, initial_weights, continue_from, plan: (context) => planOf(job, context) };
}
