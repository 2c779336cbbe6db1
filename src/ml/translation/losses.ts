/** The losses of image-to-image training, as scalars of a program. It knows nothing of networks or updates. */
import type { ProgramBuilder } from "../program/build.js";
import { binaryCrossEntropyWithLogits, mean, meanSquareDifference } from "../program/derived.js";
import type { Tensor } from "../program/program.js";

/** `vanilla`: binary cross entropy with logits (Goodfellow et al. 2014); `lsgan`: mean square (Mao et al. 2017). */
export type GanMode = "vanilla" | "lsgan";

/** How far a discriminator's answers, any shape, are from saying "real" or "generated". */
export function ganLoss(b: ProgramBuilder, mode: GanMode, prediction: Tensor, target: "real" | "generated"): Tensor {
  const value = target === "real" ? 1 : 0;
  return mode === "vanilla"
    ? binaryCrossEntropyWithLogits(b, prediction, value)
    : meanSquareDifference(b, prediction, value);
}

/** The discriminator's mean answer, 1 for real: a probability when vanilla. */
export function score(b: ProgramBuilder, mode: GanMode, prediction: Tensor): Tensor {
  return mean(b, mode === "vanilla" ? b.sigmoid(prediction) : prediction);
}
