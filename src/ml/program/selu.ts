/** The two constants of the SELU activation: Klambauer et al., "Self-normalizing neural networks" (2017). */
export const SELU_ALPHA = 1.6732632423543772;
export const SELU_SCALE = 1.0507009873554805;
