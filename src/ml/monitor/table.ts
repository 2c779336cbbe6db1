/** A training's rows as tables of a kind of figures: losses, similarity, scores. It knows the columns, nothing of files. */
import type { PlotKind } from "./plots.js";
import { describeMetric, type MetricRow, namesOfKind } from "./row.js";

/**
 * The rows as CSV, a line each: `iteration`, for losses the learning rate, and the figures of the kind, in the order in which
 * the rows bring them. A value that a row lacks is left empty.
 */
export function csvOf(kind: PlotKind, rows: readonly MetricRow[]): string {
  const names = [...(kind === "loss" ? ["lr"] : []), ...namesOfKind(kind, rows)];
  const lines = rows.map(({ step, figures }) => [step, ...names.map((name) => figures[name] ?? "")]);
  return `${[["iteration", ...names.map(headingOf)], ...lines].map((cells) => cells.join(",")).join("\n")}\n`;
}

/** A network's figures have its index, also where there is but one of its kind; of whatever a test says, it is the test. */
function headingOf(name: string): string {
  const { kind, label } = describeMetric(name);
  if (name === "ssim_cycle") return "test";
  const isOfNetwork = (kind === "loss" && name !== "g_total" && label === name) || kind === "score";
  return isOfNetwork && !/_\d+$/.test(label) ? `${label}_0` : label;
}
