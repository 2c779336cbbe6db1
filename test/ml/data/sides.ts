/** A batch's samples side by side, as tests compare them. */
import type { LoadedBatch } from "../../../src/ml/data/loader.js";

/** Whose turns they are, and their images: [count, channels, side, side] in −1..1. */
export interface Sides extends Pick<LoadedBatch, "draws"> {
  readonly input: Float32Array;
  readonly reference: Float32Array;
}

export function sidesOf<T extends Pick<LoadedBatch, "draws" | "values">>(batch: T): T & Sides {
  return { ...batch, input: batch.values.get("input")!, reference: batch.values.get("reference")! };
}
