/** `optimizer`: how gradients change weights. It knows no formula. */
export const optimizer = {
  type: "object",
  description: "How gradients change weights; the formulas are those of torch.optim.",
  properties: {
    algorithm: {
      type: "string",
      enum: ["adam", "adadelta", "sgd", "asgd"],
      default: "adam",
      description: "The optimizer of both networks.",
    },
    beta: {
      type: "array",
      items: { type: "number", minimum: 0, exclusiveMaximum: 1 },
      minItems: 2,
      maxItems: 2,
      default: [0.5, 0.999],
      description: "`adam`: decay of the means of the gradient and of its square.",
    },
    rho: {
      type: "number",
      minimum: 0,
      exclusiveMaximum: 1,
      default: 0.9,
      description: "`adadelta`: decay of the means of squares.",
    },
    momentum: { type: "number", minimum: 0, exclusiveMaximum: 1, default: 0, description: "`sgd`: momentum." },
    lambda: { type: "number", minimum: 0, default: 1e-4, description: "`asgd`: decay of the weights and of the rate." },
    alpha: { type: "number", minimum: 0, default: 0.75, description: "`asgd`: exponent of the rate's decay." },
    t0: { type: "number", minimum: 0, default: 1e6, description: "`asgd`: the step from which weights are averaged." },
  },
} as const;
