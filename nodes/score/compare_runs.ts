/** Node type `compare_runs`: how trainings went, from their summaries, and which went best. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { defineNode, type InputMember, type ParamProblem, type ParamValues } from "dag-cook";
import type { Course, MetricComparison } from "dag-cook/ml/monitor/compare";
import type { MetricRow } from "dag-cook/ml/monitor/row";
import { requireTagged, tagged } from "../image/files/images.js";
import { quoted } from "./compare/csv.js";

const PARAMS = {
  figure: {
    type: "string",
    minLength: 1,
    default: "g_total",
    description: "The figure that decides and is drawn, such as `ssim_test` or `g_l1`.",
  },
  goal: {
    type: "string",
    enum: ["lowest", "highest"],
    default: "lowest",
    description: "Whether low or high values are good.",
  },
  value: {
    type: "string",
    enum: ["final", "best"],
    default: "final",
    description: "What counts of a run: its last value, or the best that it had.",
  },
  level: {
    type: ["number", "null"],
    default: null,
    description: "A value of the figure; the table says at which step a run first came to it.",
  },
  csv: {
    type: ["string", "null"],
    path: "output",
    default: null,
    description: "Where the table is put, a .csv; without it, it stays in the store.",
  },
  plot: {
    type: ["string", "null"],
    path: "output",
    default: null,
    description: "Where the figure's plot is put, a .png; without it, it stays in the store.",
  },
} as const;

type Params = ParamValues<typeof PARAMS>;

interface Run {
  readonly name: string;
  readonly member: InputMember;
  readonly rows: readonly MetricRow[];
}

export default defineNode({
  description: "Compares trainings by their summaries, figure by figure, and passes the best one's model on.",
  version: 1,
  params: PARAMS,
  inputs: {
    main: { description: "Trainings: items with a `file/summary`; the best one's `file/model` files are passed on." },
  },
  meet: "all",
  attributes: { writes: { best_index: "int", best_run: "string", best_value: "float", best_step: "int" } },
  check: ({ csv, plot }) => [...endsWith("csv", csv, ".csv"), ...endsWith("plot", plot, ".png")],
  async cook({ inputs }, params, { directory, signal, log }) {
    const { runs, compared } = await compare(inputs.main!, params, signal);
    const { index, reached } = bestOf(runs, compared, params);
    log(`${params.figure}: ${runs[index]!.name} is best, ${reached.value} at step ${reached.step}`);
    const [csv, plot] = [params.csv ?? "runs.csv", params.plot ?? "runs.png"];
    await writeFile(join(directory, csv), tableOf(runs, compared));
    const { comparisonPlot } = await import("dag-cook/ml/monitor/plots");
    const { plotSvg, renderSvg, writeImage } = await import("dag-cook/image");
    await writeImage(join(directory, plot), await renderSvg(plotSvg(comparisonPlot(params.figure, runs))));
    return {
      outputs: [
        { path: csv, tag: "file/text/csv", ...(params.csv !== null && { parameter: "csv" }) },
        { path: plot, tag: "file/image/plot", ...(params.plot !== null && { parameter: "plot" }) },
        ...tagged(runs[index]!.member, "file/model").map((file) => ({ pass: file })),
      ],
      attributes: {
        best_index: index,
        best_run: runs[index]!.name,
        best_value: reached.value,
        best_step: reached.step,
      },
    };
  },
});

function endsWith(param: "csv" | "plot", path: string | null, extension: string): readonly ParamProblem[] {
  if (path === null || path.toLowerCase().endsWith(extension)) return [];
  return [{ param, message: `"${path}" must end in ${extension}` }];
}

/** Reads the runs and names each by what it alone has. */
async function compare(members: readonly InputMember[], { figure, level }: Params, signal: AbortSignal) {
  if (members.length === 0) throw new Error("There are no items, so there is nothing to compare.");
  const { readSummary } = await import("dag-cook/ml/monitor/summary");
  const { compareRuns, namesOfRuns } = await import("dag-cook/ml/monitor/compare");
  const summaries = members.map((member) => {
    signal.throwIfAborted();
    const [{ path, name }] = requireTagged(member, "file/summary");
    try {
      return readSummary(path);
    } catch (error) {
      // A file of the store is spoken of by its name.
      throw new Error(`The item "${member.name}": ${(error as Error).message.replaceAll(path, name)}`, {
        cause: error,
      });
    }
  });
  const names = namesOfRuns(summaries.map(({ run }) => run));
  const runs = members.map((member, at): Run => ({ name: names[at]!, member, rows: summaries[at]!.rows }));
  return { runs, compared: compareRuns(summaries, level === null ? {} : { [figure]: level }) };
}

/** The best of the runs that have the figure; the first of equals. */
function bestOf(runs: readonly Run[], compared: readonly MetricComparison[], { figure, goal, value }: Params) {
  const courses = compared.find((each) => each.figure === figure)?.courses ?? [];
  const counted = runs.flatMap((_, index) => {
    const course = courses[index];
    return course ? [{ index, reached: value === "final" ? course.final : course[goal] }] : [];
  });
  if (counted.length === 0) {
    const known = compared.map((each) => each.figure).join(", ");
    throw new Error(`No run has the figure "${figure}": there are ${known || "none"}.`);
  }
  const isBetter = (a: number, b: number) => (goal === "lowest" ? a < b : a > b);
  return counted.reduce((best, each) => (isBetter(each.reached.value, best.reached.value) ? each : best));
}

/** A line for every run and figure. */
function tableOf(runs: readonly Run[], compared: readonly MetricComparison[]): string {
  const header = [
    "run",
    "figure",
    "final_step",
    "final",
    "lowest_step",
    "lowest",
    "highest_step",
    "highest",
    "crossed",
  ];
  const lines = runs.flatMap(({ name }, index) =>
    compared.flatMap(({ figure, courses }) => {
      const course = courses[index];
      return course ? [[name, figure, ...cellsOf(course)]] : [];
    }),
  );
  return `${[header, ...lines].map((cells) => cells.map(quoted).join(",")).join("\n")}\n`;
}

function cellsOf({ final, lowest, highest, crossed }: Course): readonly string[] {
  const reached = [final, lowest, highest].flatMap(({ step, value }) => [String(step), String(value)]);
  return [...reached, crossed === null ? "" : String(crossed)];
}
