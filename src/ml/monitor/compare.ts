/** How runs compare, figure by figure. It knows rows, and nothing of which figures should be high or low. */
import { type MetricRow, pointsOf } from "./row.js";
import type { RunDescription, RunSummary } from "./summary.js";

/** A value, and the first step that had it. */
export interface ReachedValue {
  readonly step: number;
  readonly value: number;
}

/** How a figure went in a run. Values that are not finite are passed over. */
export interface Course {
  readonly final: ReachedValue;
  readonly lowest: ReachedValue;
  readonly highest: ReachedValue;
  /** The first step at which the figure is at the level, or on the other side of it than at the start; null if none. */
  readonly crossed: number | null;
}

/** A figure in all runs, in their order; null in a run that has no value of it. */
export interface MetricComparison {
  readonly figure: string;
  readonly courses: readonly (Course | null)[];
}

/** Compares runs, figure by figure. `levels`: by figure, the value whose crossing is asked for. */
export function compareRuns(
  runs: readonly RunSummary[],
  levels: Readonly<Record<string, number>> = {},
): readonly MetricComparison[] {
  const names = new Set(runs.flatMap(({ rows }) => rows).flatMap(({ figures }) => Object.keys(figures)));
  return [...names].map((figure) => ({
    figure,
    courses: runs.map(({ rows }) => courseOf(figure, rows, levels[figure])),
  }));
}

/** How a figure went over the rows; null where it has no value. */
export function courseOf(figure: string, rows: readonly MetricRow[], level?: number): Course | null {
  const all = pointsOf(figure, rows).filter(([, value]) => Number.isFinite(value));
  const points = all.map(([step, value]): ReachedValue => ({ step, value }));
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

/** A name for each run: the settings in which they differ, or its number where others have the same; all differ. */
export function namesOfRuns(runs: readonly RunDescription[]): readonly string[] {
  const settings = [...new Set(runs.flatMap((run) => Object.keys(run)))];
  const differing = settings.filter((name) => runs.some((run) => run[name] !== runs[0]![name]));
  const names = runs.map((run) => differing.map((name) => `${name} ${run[name] ?? "–"}`).join(", "));
  return names.map((name, at) => {
    const isAlone = name !== "" && names.indexOf(name) === names.lastIndexOf(name);
    return isAlone ? name : [...(name === "" ? [] : [name]), `run ${at}`].join(", ");
  });
}
