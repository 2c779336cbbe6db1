/**
 * What a method of translation has besides what every method has: the images of a sample, given or made. Tests, sheets and
 * names of files follow from their list, and nothing else asks which method it is.
 */
import type { Values } from "../runtime/runtime.js";
import { type InitializeOptions, initialValues } from "../training/initialize.js";
import type { Component, Method, SampleBatch } from "../training/method.js";

/** An image that every sample has: given, or made by a generator. */
export interface SampleImage {
  /** As columns of sheets and files of tests are named. */
  readonly name: string;
  readonly role: "input" | "output" | "reference" | "reconstruction";
  /** The side of the sample that it is, or that it was made of in the end. */
  readonly side: "input" | "reference";
  /** Which generator makes it of which image, named before it, and the output of an update that holds it. */
  readonly made?: { readonly generator: number; readonly of: string; readonly output: string };
  /** Name of the image that it ought to be: their similarity is the training's SSIM. */
  readonly target?: string;
}

/** The images of samples that are pairs: an input, what a network makes of it, and what that ought to be. */
export const PAIR_IMAGES: readonly SampleImage[] = [
  { name: "input", role: "input", side: "input" },
  { name: "reference", role: "reference", side: "reference" },
  {
    ...{ name: "output", role: "output", side: "input", target: "reference" },
    made: { generator: 0, of: "input", output: "fake" },
  },
];

/** A method of translation. Its samples have the values `input` and `reference`. */
export interface TranslationMethod extends Method {
  readonly images: readonly SampleImage[];
}

/** A generator that is the result of its training. */
export function generatorComponent(state: string, index: number, layers: Component["layers"]): Component {
  return { state, role: "generator", index, layers, applied: true };
}

/** A discriminator, which helps to train. */
export function discriminatorComponent(state: string, index: number, layers: Component["layers"]): Component {
  return { state, role: "discriminator", index, layers, applied: false };
}

/** How networks start, and what is drawn, by the settings. */
export function beginnings(options: InitializeOptions): Pick<Method, "first" | "seed"> {
  return { seed: options.seed, first: ({ layers, state }) => initialValues(layers, state, options) };
}

/** The score of a test: SSIM with references, or of reconstructions. */
export function similarityOf(what: "test" | "cycle"): Method["score"] {
  return { name: `ssim_${what}`, title: "SSIM", better: "higher" };
}

/** Samples of both sides, [count, channels, side, side] in −1..1 each. */
export function sampleBatch(count: number, input: Values, reference: Values): SampleBatch {
  return {
    count,
    values: new Map([
      ["input", input],
      ["reference", reference],
    ]),
  };
}

/** The feeds that every update of a translation has. */
export const BOTH_SIDES = { A: "input", B: "reference" } as const;
