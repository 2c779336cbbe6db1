/** The parameters of `ml_train_style_transfer`: a file a group, or a few. It knows nothing of what they do. */
import { dataset } from "./params/dataset.js";
import { env } from "./params/env.js";
import { loss } from "./params/loss.js";
import { contact_sheet, plot, preview, summary, tensorboard } from "./params/monitor.js";
import { discriminator, generator } from "./params/networks.js";
import { optimizer } from "./params/optimizer.js";
import { checkpoint, onnx } from "./params/saves.js";
import { test } from "./params/test.js";
import { training } from "./params/training.js";

export const PARAMS = {
  preset: {
    type: "string",
    enum: ["dag", "houdini"],
    default: "dag",
    description:
      "What parameters that are left open come to. `dag`: what did best on new images in median, for pairs. `houdini`: what Houdini's node has.",
  },
  dataset,
  training,
  generator,
  discriminator,
  loss,
  optimizer,
  test,
  checkpoint,
  onnx,
  plot,
  contact_sheet,
  preview,
  tensorboard,
  summary,
  env,
  resume_interval: {
    type: "number",
    minimum: 0,
    default: 60,
    effect: false,
    description: "Seconds between saves of the whole state, from which a killed training goes on; 0: after every step.",
  },
} as const;
