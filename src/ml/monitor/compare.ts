/** How two runs compare, figure by figure. It knows rows, and nothing of which figures should be high or low. */
import { pointsOf, type Row } from "./row.js";
import type { Summary } from "./summary.js";

/** A value, and the first step that had it. */
export interface Reached {
  readonly step: number;
  readonly value: number;
}

/** How a figure went in a run. Values that are not finite are passed over. */
export interface Course {
  readonly final: Reached;
  readonly lowest: Reached;
  readonly highest: Reached;
  /** The first step at which the figure is at the level, or on the other side of it than at the start; null if none. */
  readonly crossed: number | null;
}

/** A figure in both runs; null in a run that has no value of it. */
export interface FigureComparison {
  readonly figure: string;
  readonly a: Course | null;
  readonly b: Course | null;
}

/** Compares two runs, figure by figure. `levels`: by figure, the value whose crossing is asked for. */
export function compareRuns(
  a: Summary,
  b: Summary,
  levels: Readonly<Record<string, number>> = {},
): readonly FigureComparison[] {
  const names = new Set([...a.rows, ...b.rows].flatMap(({ figures }) => Object.keys(figures)));
  return [...names].map((figure) => ({
    figure,
    a: courseOf(figure, a.rows, levels[figure]),
    b: courseOf(figure, b.rows, levels[figure]),
  }));
}

/** How a figure went over the rows; null where it has no value. */
export function courseOf(figure: string, rows: readonly Row[], level?: number): Course | null {
  const all = pointsOf(figure, rows).filter(([, value]) => Number.isFinite(value));
  const points = all.map(([step, value]): Reached => ({ step, value }));
  const [first] = points;
  if (first === undefined) return null;
  const crossed =
    level === undefined
      ? undefined
      : points.find(({ value }) => (first.value > level ? value <= level : value >= level));
  return {
    final: points.at(-1)!,
    lowest: points.reduce((best, each) => (each.value < best.value ? each : best)),
    highest: points.reduce((best, each) => (each.value > best.value ? each : best)),
    crossed: crossed?.step ?? null,
  };
}
