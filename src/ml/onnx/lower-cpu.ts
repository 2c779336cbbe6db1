/** Lowering in the forms that are fastest in onnxruntime's kernels for processors. It knows no machine. */
import { formed } from "./forms.js";
import type { Target } from "./lower.js";

/** For programs that train on the processor. */
export const cpu: Target = { rules: [formed], blocks: true };
