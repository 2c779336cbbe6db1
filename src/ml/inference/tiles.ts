/**
 * One axis of images: tiles that overlap and blend without seams, and reflection beyond the edges. It knows nothing of
 * models.
 */

/** A tile along one axis: where it begins, and the share that each of its pixels has in the result. */
export interface Tile {
  readonly start: number;
  readonly weights: Float32Array;
}

/**
 * Tiles of `size` pixels that cover `length` (at least `size`), each overlapping the next by `overlap` pixels, less than `size`; the
 * last one is moved back to end at the edge. Shares rise and fall linearly across an overlap, and sum to 1 at every pixel; of the
 * outer `margin` pixels of an overlap, less than half of it, none has a share.
 */
export function tilesOf(length: number, size: number, overlap = Math.floor(size / 4), margin = 0): readonly Tile[] {
  const blend = overlap - 2 * margin;
  const starts: number[] = [];
  for (let start = 0; start + size < length; start += size - overlap) starts.push(start);
  starts.push(length - size);
  const sums = new Float64Array(length);
  const ramps = starts.map((start) => {
    const [first, last] = [start === 0, start === length - size];
    const ramp = Float64Array.from({ length: size }, (_, i) => {
      const rise = first ? 1 : (i + 0.5 - margin) / blend;
      const fall = last ? 1 : (size - i - 0.5 - margin) / blend;
      return Math.max(0, Math.min(1, rise, fall));
    });
    ramp.forEach((share, i) => {
      sums[start + i] = sums[start + i]! + share;
    });
    return ramp;
  });
  return starts.map((start, at) => ({
    start,
    weights: Float32Array.from(ramps[at]!, (share, i) => share / sums[start + i]!),
  }));
}

/**
 * For each of `target` positions the one, of `length`, that it copies: reflected at the edges, which are not repeated, as
 * often as needed. An axis of one pixel repeats it.
 */
export function reflectedIndices(length: number, target: number): readonly number[] {
  const period = Math.max(1, 2 * (length - 1));
  return Array.from({ length: target }, (_, i) => {
    const at = i % period;
    return at < length ? at : period - at;
  });
}
