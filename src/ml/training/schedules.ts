/** Learning rates by iteration. It knows nothing of optimizers or of what an iteration does. */

/** How the rate falls; the keys are the node's parameters. */
export type Schedule =
  | { readonly rate_scheduler: "linear"; readonly linear_decay: number }
  | { readonly rate_scheduler: "cosine" }
  | { readonly rate_scheduler: "step"; readonly step_size: number; readonly gamma: number };

/**
 * The rate of iteration `index`, counted from 0, of `count`. Linear: constant, then straight down over the last
 * `linear_decay` iterations to rate / (linear_decay + 1). Cosine: half a cosine from rate towards 0. Step: times gamma
 * after every `step_size` iterations. The formulas are those of PyTorch's LambdaLR (as in junyanz), CosineAnnealingLR, StepLR.
 */
export function learningRate(schedule: Schedule, rate: number, index: number, count: number): number {
  switch (schedule.rate_scheduler) {
    case "linear": {
      const { linear_decay: decay } = schedule;
      return rate * (1 - Math.max(0, index + 1 - (count - decay)) / (decay + 1));
    }
    case "cosine":
      return (rate * (1 + Math.cos((Math.PI * index) / count))) / 2;
    case "step":
      return rate * schedule.gamma ** Math.floor(index / schedule.step_size);
  }
}
