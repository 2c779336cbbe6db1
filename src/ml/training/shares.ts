/** How a batch is shared out among devices, and how their answers become one. It knows counts and arrays. */
import type { Shape, Tensor } from "../program/program.js";
import { sizeOf } from "../program/shapes.js";
import type { Values } from "../runtime/runtime.js";

/** The samples of a batch that one device learns from: `count` from `first` on. */
export interface Share {
  readonly first: number;
  readonly count: number;
}

/** A share for each device, but none without a sample; their sizes differ by one at most. */
export function sharesOf(samples: number, devices: number): readonly Share[] {
  const parts = Math.min(samples, devices);
  const start = (part: number) => Math.ceil((part * samples) / parts);
  return Array.from({ length: parts }, (_, part) => ({ first: start(part), count: start(part + 1) - start(part) }));
}

/** What is fed of a batch: of what has an axis of samples, `shape` in a share, the samples that are its. */
export function valuesOfShare(values: Values, shape: Shape, { first, count }: Share): Values {
  if (shape.length === 0) return values;
  const each = sizeOf(shape) / count;
  return values.subarray(first * each, (first + count) * each);
}

/**
 * The answers of all shares as that of the whole batch, of `shape`: samples side by side. A scalar, which is a mean over
 * samples, is their mean by the number of samples.
 */
export function joinedShares({ shape }: Tensor, computed: readonly Values[], shares: readonly Share[]): Values {
  if (shape.length === 0) return meanOf(computed, shares, new Float32Array(1));
  const whole = new Float32Array(sizeOf(shape));
  const samples = samplesOf(shares);
  for (const [at, { first }] of shares.entries()) whole.set(computed[at]!, (first * whole.length) / samples);
  return whole;
}

/**
 * The mean over all samples of what are means over the shares' own: gradients, for example. It is written into `into`. In
 * float32 throughout, and two shares in one loop: a U-Net has 54 million of them.
 */
export function meanOf(computed: readonly Values[], shares: readonly Share[], into: Values): Values {
  const samples = samplesOf(shares);
  const weights = shares.map(({ count }) => Math.fround(count / samples));
  const [first, second, ...rest] = computed as [Values, ...Values[]];
  if (second === undefined) into.set(first);
  else addWeighted(first, weights[0]!, second, weights[1]!, into);
  for (const [at, values] of rest.entries()) addWeighted(into, 1, values, weights[at + 2]!, into);
  return into;
}

function addWeighted(a: Values, weightA: number, b: Values, weightB: number, into: Values): void {
  const { length } = into;
  for (let i = 0; i < length; i++) {
    into[i] = Math.fround(Math.fround(weightA * a[i]!) + Math.fround(weightB * b[i]!));
  }
}

function samplesOf(shares: readonly Share[]): number {
  return shares.reduce((sum, { count }) => sum + count, 0);
}
