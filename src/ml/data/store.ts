/** Decoded sides in memory, up to a number of bytes. Knows nothing of how they are decoded. */
import type { Image } from "../../image/image.js";
import type { SideKind } from "./network-image.js";
import type { Side } from "./samples.js";

/** Nothing is evicted: every iteration needs every sample, so which ones stay makes no difference. */
export interface Store {
  /** Sides that are kept. */
  readonly size: number;
  /** Whether one was turned away. */
  readonly full: boolean;
  get(side: Side, kind: SideKind): Image | undefined;
  add(side: Side, kind: SideKind, image: Image): void;
}

/** Sides are the same where path, half and what they are used for are: inputs and references have their own data ranges. */
export function sideKey({ path, half }: Side, kind: SideKind): string {
  return `${kind}:${half ?? "whole"}:${path}`;
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
    get: (side, kind) => images.get(sideKey(side, kind)),
    add(side, kind, image) {
      const key = sideKey(side, kind);
      if (images.has(key)) return;
      if (bytes + image.samples.byteLength > budget) full = true;
      else {
        bytes += image.samples.byteLength;
        images.set(key, image);
      }
    },
  };
}
