/** A path that a parameter names, of what is read or of what is written. It knows nothing of what is there. */
export const INPUT_PATH = { type: ["string", "null"], path: "input", default: null } as const;
export const OUTPUT_PATH = { type: ["string", "null"], path: "output", default: null } as const;
