/** Dropout masks of an update, as feeds. It knows nothing of the networks that use them. */
import { randomStream } from "../../base/random.js";
import { sizeOf } from "../program/shapes.js";
import type { Values } from "../runtime/runtime.js";
import type { Mask } from "./update.js";

/** The masks of an update by feed: a pure function of the seed, the update, the mask's name and the element. */
export function maskFeeds(masks: readonly Mask[], seed: number, update: number): ReadonlyMap<string, Values> {
  return new Map(
    masks.map(({ feed, shape, dropout }) => {
      const stream = randomStream(seed, "dropout", feed, update);
      const kept = 1 / (1 - dropout);
      const values = new Float32Array(sizeOf(shape));
      for (let at = 0; at < values.length; at++) values[at] = stream.uniform(at) < dropout ? 0 : kept;
      return [feed, values] as const;
    }),
  );
}
