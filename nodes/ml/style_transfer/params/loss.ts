/** `loss`: what images are compared by besides their mean absolute difference. It knows no formula. */
export const loss = {
  type: "object",
  description:
    "What a generated image and its reference are compared by, next to `generator.l1_lambda`, where there are pairs. Either makes sharper, more similar images.",
  properties: {
    gradient: {
      type: "number",
      minimum: 0,
      default: 0,
      description:
        "The weight of the difference between slopes at full, half and quarter size; 50 is a good value, 0 leaves it out.",
    },
    ssim: {
      type: "number",
      minimum: 0,
      default: 0,
      description: "The weight of 1 − SSIM; 20 is a good value, 0 leaves it out.",
    },
  },
} as const;
