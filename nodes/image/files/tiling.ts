/** Where the tiles of an image lie. Knows sizes, no pixels. */

/** What becomes of the tiles at the right and lower edge. */
export const EDGES = ["shift", "smaller", "leave_out"] as const;

export interface Span {
  readonly start: number;
  readonly length: number;
}

/**
 * The tiles along one side of an image: from its first pixel on, every tile but the last `length` pixels long and sharing `overlap`
 * with the one before it. The last one is moved back so that it is whole (`shift`), ends at the edge (`smaller`), or is not there
 * where it is not whole (`leave_out`). Of a side that is shorter than a tile: that side, or nothing.
 */
export function spansOf(side: number, length: number, overlap: number, edge: (typeof EDGES)[number]): readonly Span[] {
  if (side < length) return edge === "leave_out" ? [] : [{ start: 0, length: side }];
  const step = length - overlap;
  const steps = (side - length) / step;
  const count = 1 + (edge === "leave_out" ? Math.floor(steps) : Math.ceil(steps));
  return Array.from({ length: count }, (_, index) => {
    const start = edge === "shift" ? Math.min(index * step, side - length) : index * step;
    return { start, length: Math.min(length, side - start) };
  });
}
