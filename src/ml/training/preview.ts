/** A generator's answer to a whole frame of any size. It knows nothing of when previews are due or of where they go. */
import type { Image } from "../../image/image.js";
import { imageOfPlanes, planesOf } from "../../image/planes.js";
import { toChannels, withoutAlpha } from "../../image/tone.js";
import { applyModel } from "../onnx/apply.js";
import { sizeMultiple } from "./generator.js";
import type { Settings } from "./settings.js";
import type { Trainer } from "./trainer.js";
import type { Weights } from "./weights.js";

/** The answer in the frame's size: the frame is padded to what the layers need, and the answer cut back. */
export async function previewOf(
  trainer: Trainer,
  { channel_count: channels, generator: options }: Settings,
  { network, weights }: { readonly network: number; readonly weights: Weights },
  frame: Image,
): Promise<Image> {
  const image = toChannels(withoutAlpha(frame), channels);
  const answer = await applyModel(
    {
      ...{ channels, height: undefined, width: undefined, size_multiple: sizeMultiple(options) },
      metadata: new Map([["value_range", "minus_one_to_one"]]),
      run: async (planes) => {
        const data = await trainer.generate(network, weights, planes.data, [1, planes.height, planes.width]);
        return { ...planes, data };
      },
      dispose: () => undefined,
    },
    { ...image, data: planesOf(image) },
  );
  return imageOfPlanes(answer, answer.data, frame.depth === 8 ? 8 : 16);
}
