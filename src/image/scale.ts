/** A plot's axis: which values it shows, where they stand, and its ticks. Knows nothing of drawing. */

/** A marked value of an axis. */
export interface Tick {
  readonly value: number;
  readonly label: string;
}

/** One axis. `place` answers pixels, to a hundredth, for values that it `has`. */
export interface Scale {
  readonly ticks: readonly Tick[];
  has(value: number): boolean;
  place(value: number): number;
}

/** An axis over all finite values (above 0 where logarithmic), from the first pixel to the second. */
export function scaleOf(values: readonly number[], log: boolean, pixels: readonly [number, number]): Scale {
  const has = (value: number) => Number.isFinite(value) && (!log || value > 0);
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (!has(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const range = log ? logRange(low, high) : linearRange(low, high);
  const map = log ? Math.log10 : (value: number) => value;
  const [from, to] = [map(range[0]), map(range[1])];
  const place = (value: number) => {
    const fraction = (map(value) - from) / (to - from);
    return Math.round((pixels[0] + fraction * (pixels[1] - pixels[0])) * 100) / 100;
  };
  const powers = log ? logTicks(range) : [];
  return { ticks: powers.length >= 2 ? powers : linearTicks(range), has, place };
}

type Range = readonly [low: number, high: number];

function linearRange(low: number, high: number): Range {
  if (!(low <= high)) return [0, 1];
  if (low < high) return [low, high];
  const around = Math.abs(low) / 2 || 0.5;
  return [low - around, high + around];
}

function logRange(low: number, high: number): Range {
  if (!(low <= high)) return [0.1, 1];
  return high / low >= 1.01 ? [low, high] : [low / 2, high * 2];
}

/** About six ticks at 1, 2 or 5 times a power of ten. */
function linearTicks([low, high]: Range): readonly Tick[] {
  const rough = (high - low) / 6;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * (rough / power > 5 ? 10 : rough / power > 2 ? 5 : rough / power > 1 ? 2 : 1);
  const ticks: Tick[] = [];
  // A bound that is a multiple of the step may miss it by a rounding.
  const [first, last] = [Math.ceil(low / step - 1e-9), Math.floor(high / step + 1e-9)];
  for (let index = first; index <= last; index++) {
    ticks.push(tickAt(index * step));
  }
  return ticks;
}

/** Powers of ten; also 2 and 5 times them where there are few, and every n-th where there are many. */
function logTicks([low, high]: Range): readonly Tick[] {
  const decades = Math.log10(high / low);
  const factors = decades < 1 ? [1, 2, 3, 4, 5, 6, 7, 8, 9] : decades < 3 ? [1, 2, 5] : [1];
  const stride = Math.max(1, Math.ceil(decades / 8));
  const ticks: Tick[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
    if (power % stride !== 0) continue;
    for (const factor of factors) {
      const value = factor * 10 ** power;
      if (value >= low && value <= high) ticks.push(tickAt(value));
    }
  }
  return ticks;
}

function tickAt(value: number): Tick {
  const exact = Number(value.toPrecision(12));
  const size = Math.abs(exact);
  const label = size !== 0 && (size < 1e-3 || size >= 1e5) ? exact.toExponential().replace("e+", "e") : String(exact);
  return { value, label };
}
