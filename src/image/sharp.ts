/** The door to sharp: loaded on first use, with its cache off. Knows nothing of images as this package holds them. */
import type { Sharp, SharpInput, SharpOptions } from "sharp";
import { ImageError } from "./image.js";

/** The function that sharp's module is. */
export type SharpFactory = (input?: SharpInput, options?: SharpOptions) => Sharp;

let loading: Promise<SharpFactory> | undefined;

/** sharp, imported once. Rejects with an ImageError that tells how to get it where it is missing or does not load. */
export function loadSharp(): Promise<SharpFactory> {
  loading ??= importSharp();
  return loading;
}

/** A file, or its bytes, for libvips: as it is stored, upright, profiles ignored. */
export async function openSharp(
  input: string | Buffer,
  pixels: number,
  failOn: "error" | "warning" = "error",
): Promise<Sharp> {
  const sharp = await loadSharp();
  return sharp(input, { failOn, ignoreIcc: true, autoOrient: true, limitInputPixels: pixels });
}

async function importSharp(): Promise<SharpFactory> {
  try {
    const { default: sharp } = await import("sharp");
    // Every file is decoded once here: what it keeps would only be memory and open files.
    sharp.cache(false);
    return sharp;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split("\n")[0] : String(cause);
    throw new ImageError(`The package sharp does not load (${reason}). Run "npm install sharp".`, { cause });
  }
}
