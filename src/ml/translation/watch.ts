/** Watches a translation for doubtful settings and for a collapse. It changes nothing. */
import type { IterationMetrics } from "../training/history.js";
import type { Settings } from "./settings.js";

/** The learning rates that an algorithm is usually given, from and to. */
const USUAL_RATES = {
  adam: [1e-5, 5e-3],
  adadelta: [0.05, 5],
  sgd: [1e-4, 0.5],
  asgd: [1e-4, 0.5],
} as const;

/** Below this a discriminator's loss teaches the generator nothing. */
const COLLAPSED_LOSS = 1e-3;
const COLLAPSED_ITERATIONS = 5;

/** Warnings of settings that can be trained with, but rarely are meant. */
export function settingsWarnings(
  { generator, optimizer, learning_rate }: Settings,
  batch_size: number,
): readonly string[] {
  const warnings: string[] = [];
  if (generator.norm === "batch" && batch_size === 1) {
    warnings.push(
      'generator.norm "batch" takes its statistics from a single image where dataset.batch_size is 1, and others at ' +
        'inference: use "instance", or larger batches.',
    );
  }
  const { algorithm } = optimizer;
  const [low, high] = USUAL_RATES[algorithm];
  if (learning_rate < low || learning_rate > high) {
    warnings.push(
      `training.learning_rate ${learning_rate} is far from what ${algorithm} is usually given (${low} to ${high}).`,
    );
  }
  return warnings;
}

/** A warning where the discriminators' losses have just been next to nothing for five iterations, for the first time. */
export function collapseWarning(history: readonly IterationMetrics[]): string | undefined {
  const collapsed = history.map((figures) => discriminatorLoss(figures) < COLLAPSED_LOSS);
  const first = collapsed.findIndex((_, at) => {
    const last = collapsed.slice(Math.max(0, at + 1 - COLLAPSED_ITERATIONS), at + 1);
    return last.length === COLLAPSED_ITERATIONS && last.every(Boolean);
  });
  if (first === -1 || first !== history.length - 1) return undefined;
  return (
    `A discriminator's loss has been below ${COLLAPSED_LOSS} for ${COLLAPSED_ITERATIONS} iterations, up to iteration ` +
    `${history[first]!.iteration}: the generator learns nothing from it any more. Try a smaller discriminator (fewer ` +
    "layers, a smaller initial_layer_size), more data, or augmentation."
  );
}

/** The mean loss of the discriminator that has the smallest. */
function discriminatorLoss({ scalars }: IterationMetrics): number {
  const names = Object.keys(scalars).filter((name) => name.startsWith("d_real"));
  return Math.min(...names.map((real) => (scalars[real]! + scalars[real.replace("real", "fake")]!) / 2));
}
