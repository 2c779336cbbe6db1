/** A generator's answer to a whole frame of any size. It knows nothing of when previews are due or of where they go. */
import type { Image } from "../../image/image.js";
import { isUnit, UNIT } from "../../image/range.js";
import { sidesOf } from "../data/data-form.js";
import { fromNetwork, networkForm, networkPlanes } from "../data/network-image.js";
import { applyModel } from "../inference/apply.js";
import type { Trainer } from "../training/trainer.js";
import type { Weights } from "../training/weights.js";
import { sizeMultiple } from "./generator.js";
import type { Frame } from "./job.js";
import type { Settings } from "./settings.js";

/**
 * The answer in the frame's size: the frame is padded to what the layers need, and the answer cut back. `file`: in values of
 * files, of floats where these have a range; `shown`: with the range as 0 to 1, as 8 and 16 bits and screens have it.
 */
export async function previewOf(
  trainer: Trainer,
  settings: Settings,
  { network, weights }: { readonly network: number; readonly weights: Weights },
  frame: Image,
  { path }: Frame,
): Promise<{ readonly file: Image; readonly shown: Image }> {
  const { channel_count: channels } = settings;
  const { from, to } = sidesOf(network);
  const generated = await applyModel(
    {
      ...{ channels, height: undefined, width: undefined, size_multiple: sizeMultiple(settings.generator) },
      ...{ name: "the generator", scales: { input: "minus_one_to_one", output: "minus_one_to_one" } },
      run: async (planes) => {
        const data = await trainer.apply(network, weights, planes.data, [1, channels, planes.height, planes.width]);
        return { ...planes, data };
      },
      dispose: () => undefined,
    },
    networkPlanes(frame, networkForm(settings, from), path),
  );
  const form = networkForm(settings, to);
  return {
    file: fromNetwork(generated, form, isUnit(form.range) ? frame.depth : "float"),
    shown: fromNetwork(generated, { ...form, range: UNIT }, frame.depth === 8 ? 8 : 16),
  };
}
