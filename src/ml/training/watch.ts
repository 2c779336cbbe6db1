/** Watches a training's losses for what goes wrong: values that are no numbers, a collapse. It changes nothing. */
import type { Batch } from "../data/loader.js";
import type { IterationFigures } from "./history.js";

/** A training that cannot go on; the message is for the user. */
export class TrainingError extends Error {
  override readonly name = "TrainingError";
}

/** Below this a discriminator's loss teaches the generator nothing. */
const COLLAPSED_LOSS = 1e-3;
const COLLAPSED_ITERATIONS = 5;

/** Throws a TrainingError with a diagnosis where a loss is no number. */
export function requireFinite(
  scalars: ReadonlyMap<string, number>,
  batch: Batch,
  { iteration, learning_rate, names }: { iteration: number; learning_rate: number; names: readonly string[] },
): void {
  const bad = [...scalars].filter(([, value]) => !Number.isFinite(value)).map(([name, value]) => `${name} is ${value}`);
  if (bad.length === 0) return;
  const broken = [batch.input, batch.reference].some((values) => !values.every(Number.isFinite));
  const diagnosis = broken
    ? `a sample of its batch (${names.join(", ")}) holds values that are not finite; look at its file`
    : `the training diverged: lower training.learning_rate, which is ${learning_rate} here, or check that images hold ` +
      "values of about 0 to 1";
  throw new TrainingError(`In iteration ${iteration}, step ${batch.step + 1}, ${bad.join(", ")}: ${diagnosis}.`);
}

/** A warning where the discriminators' losses have just been next to nothing for five iterations. */
export function collapseWarning(history: readonly IterationFigures[]): string | undefined {
  const collapsed = (figures: IterationFigures | undefined) =>
    figures !== undefined && discriminatorLoss(figures) < COLLAPSED_LOSS;
  const last = history.slice(-COLLAPSED_ITERATIONS);
  if (
    last.length < COLLAPSED_ITERATIONS ||
    !last.every(collapsed) ||
    collapsed(history.at(-COLLAPSED_ITERATIONS - 1))
  ) {
    return undefined;
  }
  return (
    `A discriminator's loss has been below ${COLLAPSED_LOSS} for ${COLLAPSED_ITERATIONS} iterations, up to iteration ` +
    `${last.at(-1)!.iteration}: the generator learns nothing from it any more. Try a smaller discriminator (fewer ` +
    "layers, a smaller initial_layer_size), more data, or augmentation."
  );
}

/** The mean loss of the discriminator that has the smallest. */
function discriminatorLoss({ scalars }: IterationFigures): number {
  const names = Object.keys(scalars).filter((name) => name.startsWith("d_real"));
  return Math.min(...names.map((real) => (scalars[real]! + scalars[real.replace("real", "fake")]!) / 2));
}
