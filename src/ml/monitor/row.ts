/** A row of figures, which is what tables, plots, event files and summaries show. It knows the figures' names, no files. */

/** The figures of a step, or of what ended with it. */
export interface MetricRow {
  /** An iteration or an update, counted from 1: the same in all rows of a run. */
  readonly step: number;
  /** By name: `g_total`, `ssim_test`. */
  readonly figures: Readonly<Record<string, number>>;
}

/** What a figure tells of. */
export type Kind = "loss" | "ssim" | "score" | "training";

/** Tells a figure's kind, and how it is called among its kind: `score_real_0` is the score `real_0`. */
export function describeMetric(name: string): { readonly kind: Kind; readonly label: string } {
  const [, kind, label] = /^(ssim|score|loss)_(.+)$/.exec(name) ?? [];
  if (label !== undefined) return { kind: kind as Kind, label };
  return { kind: /^(g|d|cycle|idt)_/.test(name) ? "loss" : "training", label: name };
}

/** Names of the figures of a kind, in the order in which the rows bring them. */
export function namesOfKind(kind: Kind, rows: readonly MetricRow[]): readonly string[] {
  const names = new Set(rows.flatMap(({ figures }) => Object.keys(figures)));
  return [...names].filter((name) => describeMetric(name).kind === kind);
}

/** The points of a figure over the steps; rows without it are left out. */
export function pointsOf(
  name: string,
  rows: readonly MetricRow[],
): readonly (readonly [step: number, value: number])[] {
  return rows.flatMap(({ step, figures }) => (figures[name] === undefined ? [] : [[step, figures[name]] as const]));
}
