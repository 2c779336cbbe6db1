/** Ranges of whole numbers, and file names that hold one. Knows no files. */
import type { ParamProblem, ParamSchemas, ParamValues } from "dag-cook";

/** More files than this are a mistake in the graph. */
const MOST = 1_000_000;

export const RANGE = {
  start: { type: "integer", default: 1, description: "First number." },
  end: { type: "integer", default: 1, description: "Last number, which belongs to the range." },
  step: { type: "integer", minimum: 1, default: 1, description: "Distance of the numbers." },
} as const satisfies ParamSchemas;

type Range = ParamValues<typeof RANGE>;

// `${frame}` is the graph's.
const FRAME = /(?<!\$)\{frame(?::(\d{1,2}))?\}/g;

/** Whether a name has a place for a number. */
export function hasFrame(name: string): boolean {
  return name.search(FRAME) >= 0;
}

/** The name with the number in its place, filled with zeros where a width is given. */
export function fillFrame(name: string, frame: number): string {
  return name.replace(FRAME, (_, width: string | undefined) => {
    const digits = String(Math.abs(frame)).padStart(Number(width ?? 0), "0");
    return frame < 0 ? `-${digits}` : digits;
  });
}

export function framesOf({ start, end, step }: Range): readonly number[] {
  return Array.from({ length: Math.floor((end - start) / step) + 1 }, (_, index) => start + index * step);
}

export function framesProblem(range: Range): readonly ParamProblem[] {
  const { start, end, step } = range;
  if (end < start) return [{ param: "end", message: `the range ends at ${end}, before it starts at ${start}` }];
  const count = Math.floor((end - start) / step) + 1;
  return count > MOST ? [{ param: "end", message: `the range has ${count} numbers, above the limit of ${MOST}` }] : [];
}
