/** Watches a training for losses and weights that are no numbers. It changes nothing. */

/** A training that cannot go on; the message is for the user. */
export class TrainingError extends Error {
  override readonly name = "TrainingError";
}

/** Throws a TrainingError with a diagnosis where a loss is no number. */
export function requireFinite(
  scalars: ReadonlyMap<string, number>,
  {
    step,
    iteration,
    learning_rate,
    check,
  }: { step: number; iteration: number; learning_rate: number; check: () => string },
): void {
  const bad = [...scalars].filter(([, value]) => !Number.isFinite(value)).map(([name, value]) => `${name} is ${value}`);
  if (bad.length === 0) return;
  const diagnosis = `the training diverged: lower training.learning_rate, which is ${learning_rate} here, or ${check()}`;
  throw new TrainingError(`In iteration ${iteration}, step ${step}, ${bad.join(", ")}: ${diagnosis}.`);
}

/** Throws a TrainingError where a state holds values that are not finite: `broken`, the first name that does. */
export function requireFiniteState(broken: string | undefined, step: number): void {
  if (broken === undefined) return;
  throw new TrainingError(
    `After step ${step}, ${broken} holds values that are not finite: the training diverged: lower training.learning_rate.`,
  );
}
