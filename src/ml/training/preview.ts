/** A generator's answer to a whole frame of any size. It knows nothing of when previews are due or of where they go. */
import { type Image, imageOf } from "../../image/image.js";
import { toChannels, withoutAlpha } from "../../image/tone.js";
import { applyModel } from "../onnx/apply.js";
import { sizeMultiple } from "./generator.js";
import type { Settings } from "./settings.js";
import type { Trainer } from "./trainer.js";

/** The answer in the frame's size: the frame is padded to what the layers need, and the answer cut back. */
export async function previewOf(trainer: Trainer, settings: Settings, generator: number, frame: Image): Promise<Image> {
  const { channel_count: channels } = settings;
  const answer = await applyModel(
    {
      ...{ channels, height: undefined, width: undefined, size_multiple: sizeMultiple(settings.generator) },
      metadata: new Map([["value_range", "minus_one_to_one"]]),
      run: async (image) => {
        const data = await trainer.generate(generator, image.data, 1, image.height, image.width);
        return { ...image, data };
      },
      dispose: () => undefined,
    },
    toChannels(withoutAlpha(frame), channels),
  );
  return imageOf(answer, answer.data, frame.depth === 8 ? 8 : 16);
}
