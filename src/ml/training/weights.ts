/** Which weights of a network are in use: those that learn, or their average. It knows how both are named in the state. */
import type { Method } from "./method.js";
import { AVERAGE } from "./optimizers.js";

/** `raw`: as the last update left them; `ema`: their exponential moving average. */
export type Weights = "raw" | "ema";

/** The sets of weights that a method keeps of its networks in use; the last one is what is used where nothing is measured. */
export function weightsOf({ optimizer }: Pick<Method, "optimizer">): readonly Weights[] {
  return optimizer.slots.includes(AVERAGE) ? ["raw", "ema"] : ["raw"];
}

/** The slot of the state that holds them. */
export function slotOf(weights: Weights): string | undefined {
  return weights === "raw" ? undefined : AVERAGE;
}
