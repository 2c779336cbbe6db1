/** A training's figures as tables and plots. It knows the columns, nothing of files or of how figures come about. */
import type { Plot } from "../../image/plot.js";
import type { IterationFigures } from "./history.js";

/** What can be plotted. */
export type PlotName = "ssim" | "loss" | "score";

/** A table's column: its heading, and its value in an iteration. */
interface Column {
  readonly heading: string;
  value(figures: IterationFigures): number | undefined;
}

/** The networks' index as in `g_gan_0`; absent where the method has one generator, whose scalars go without. */
function columnsOf(name: PlotName, history: readonly IterationFigures[]): readonly Column[] {
  if (name === "ssim") {
    const train: Column = { heading: "train", value: ({ ssim_train }) => ssim_train };
    const test: Column = { heading: "test", value: ({ ssim_test, ssim_cycle }) => ssim_test ?? ssim_cycle };
    return history.some((figures) => test.value(figures) !== undefined) ? [train, test] : [train];
  }
  const names = Object.keys(history[0]?.scalars ?? {});
  const scalar = (each: string, heading: string): Column => ({ heading, value: ({ scalars }) => scalars[each] });
  const indexed = (each: string) => (/_\d+$/.test(each) ? each : `${each}_0`);
  if (name === "score") {
    return names
      .filter((each) => each.startsWith("score_"))
      .map((each) => scalar(each, indexed(each).slice("score_".length)));
  }
  const losses = names.filter((each) => !each.startsWith("score_"));
  const rate: Column = { heading: "lr", value: ({ learning_rate }) => learning_rate };
  return [rate, ...losses.map((each) => scalar(each, each === "g_total" ? each : indexed(each)))];
}

/** The figures of the iterations as CSV, a line each; a value that an iteration lacks is left empty. */
export function csvOf(name: PlotName, history: readonly IterationFigures[]): string {
  const columns = columnsOf(name, history);
  const lines = history.map((figures) => [figures.iteration, ...columns.map(({ value }) => value(figures) ?? "")]);
  return `${[["iteration", ...columns.map(({ heading }) => heading)], ...lines].map((cells) => cells.join(",")).join("\n")}\n`;
}

const TITLES: Readonly<Record<PlotName, string>> = {
  ssim: "Structural similarity",
  loss: "Losses",
  score: "Discriminator's answer",
};

/** The figures as a plot over the iterations; losses on a logarithmic axis, without the learning rate. */
export function plotOf(name: PlotName, history: readonly IterationFigures[]): Plot {
  const series = columnsOf(name, history)
    .filter(({ heading }) => heading !== "lr")
    .map(({ heading, value }) => ({
      name: heading,
      points: history.flatMap((figures) => {
        const y = value(figures);
        return y === undefined ? [] : [[figures.iteration, y] as const];
      }),
    }));
  return { title: TITLES[name], x_label: "iteration", series, log_y: name === "loss" };
}
