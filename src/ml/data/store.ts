/** Decoded sides in memory, up to a number of bytes. Knows nothing of how they are decoded. */
import type { Image } from "../../image/image.js";
import type { Side } from "./samples.js";

/** Nothing is evicted: every iteration needs every sample, so which ones stay makes no difference. */
export interface Store {
  /** Sides that are kept. */
  readonly size: number;
  /** Whether one was turned away. */
  readonly full: boolean;
  get(side: Side): Image | undefined;
  add(side: Side, image: Image): void;
}

/** Sides are the same where path and half are. */
export function sideKey({ path, half }: Side): string {
  return `${half ?? "whole"}:${path}`;
}

/** An empty store for up to `budget` bytes. */
export function openStore(budget: number): Store {
  const images = new Map<string, Image>();
  let bytes = 0;
  let full = false;
  return {
    get size() {
      return images.size;
    },
    get full() {
      return full;
    },
    get: (side) => images.get(sideKey(side)),
    add(side, image) {
      if (images.has(sideKey(side))) return;
      if (bytes + image.samples.byteLength > budget) full = true;
      else {
        bytes += image.samples.byteLength;
        images.set(sideKey(side), image);
      }
    },
  };
}
