/** Node type `compare_models`: which model's outputs are nearest to the references. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type CookContext,
  defineNode,
  type InputFile,
  type InputMember,
  type ParamProblem,
  type ParamValues,
} from "dag-cook";
import type { Range } from "dag-cook/image";
import { requireTagged } from "../image/files/images.js";
import { RANGE, rangeProblems } from "../image/files/values.js";
import { barsOf, csvOf, type Group, tableOf } from "./compare/report.js";
import { isBetter, meanScores, type Scores, scoreImage } from "./compare/scores.js";

const PARAMS = {
  group_by: {
    type: "array",
    items: { type: "string", minLength: 1, template: false },
    uniqueItems: true,
    default: ["wedgeindex"],
    description: "Attributes whose values tell one model's items from another's; none where there is one model.",
  },
  metric: {
    type: "string",
    enum: ["mae", "ssim", "correlation"],
    default: "mae",
    description: "The mean that decides which model wins.",
  },
  channels: {
    type: "string",
    enum: ["gray", "all"],
    default: "gray",
    description: "Compares the mean of the colour channels (heights), or every channel by itself.",
  },
  range: {
    ...RANGE,
    description:
      "The values, [low, high], that SSIM is measured against, such as [-300, 2200] for heights in meters. Null: 0 to 1. MAE is in the images' own values.",
  },
  csv: {
    type: ["string", "null"],
    path: "output",
    default: null,
    description: "Where the table of scores is put, a .csv; without it, it stays in the store.",
  },
  plot: {
    type: ["string", "null"],
    path: "output",
    default: null,
    description: "Where the bars are put, a .png; without it, they stay in the store.",
  },
} as const;

type Params = ParamValues<typeof PARAMS>;

export default defineNode({
  description: "Scores models' outputs against references by MAE, SSIM and correlation, and passes the best model on.",
  version: 1,
  params: PARAMS,
  inputs: {
    images: { description: "Items of all models with a `file/image/output` and its `file/image/reference`." },
    models: { description: "Items with the models' `file/model` files; the best one's are passed on.", optional: true },
    baselines: { description: "Items like `images` that a baseline made; they cannot win.", optional: true },
  },
  meet: "all",
  attributes: {
    reads: ({ group_by }) => [...group_by, "baseline"],
    writes: {
      best_index: "int",
      best_group: "string",
      best_mae: "float",
      best_ssim: "float",
      best_correlation: "float",
      best_beats_baselines: "bool",
    },
  },
  check: ({ csv, plot, range }) => [
    ...endsWith("csv", csv, ".csv"),
    ...endsWith("plot", plot, ".png"),
    ...rangeProblems("range", range),
  ],
  async cook({ inputs }, params, context) {
    const models = await scoreGroups("model", inputs.images!, params, context);
    const baselines = await scoreGroups("baseline", inputs.baselines ?? [], params, context);
    if (models.length === 0) throw new Error('The input "images" has no items, so there is nothing to compare.');
    const best = models.reduce((a, b) => (isBetter(b.scores, a.scores, params.metric) ? b : a));
    const groups = [...models, ...baselines];
    for (const line of tableOf(groups, best)) context.log(line);
    const passed = modelOf(best, inputs.models ?? [], params.group_by);
    const { mae, ssim, correlation } = best.scores;
    const beats = ({ scores }: Group) => mae < scores.mae && correlation > scores.correlation;
    return {
      outputs: [...(await writeReport(groups, best, params, context)), ...passed.map((file) => ({ pass: file }))],
      attributes: {
        best_index: models.indexOf(best),
        best_group: best.name,
        best_mae: mae,
        best_ssim: ssim,
        best_correlation: correlation,
        best_beats_baselines: baselines.every(beats),
      },
    };
  },
});

function endsWith(param: "csv" | "plot", path: string | null, extension: string): readonly ParamProblem[] {
  if (path === null || path.toLowerCase().endsWith(extension)) return [];
  return [{ param, message: `"${path}" must end in ${extension}` }];
}

/** Means by group, the groups in the order in which they first appear. */
async function scoreGroups(
  kind: Group["kind"],
  members: readonly InputMember[],
  { group_by, channels, range }: Params,
  { signal, progress }: CookContext,
): Promise<readonly Group[]> {
  const scored = new Map<string, { values: readonly string[]; scores: Scores[] }>();
  const { decodeImage, UNIT } = await import("dag-cook/image");
  for (const [index, member] of members.entries()) {
    signal.throwIfAborted();
    const values = kind === "model" ? valuesOf(member, group_by) : [String(member.attributes.baseline ?? "baseline")];
    const [output, reference] = await Promise.all(
      ["output", "reference"].map(async (side) => {
        const { path, name } = requireTagged(member, `file/image/${side}`)[0];
        return { image: await decodeImage(path), name };
      }),
    );
    const group = scored.get(JSON.stringify(values)) ?? { values, scores: [] };
    scored.set(JSON.stringify(values), group);
    try {
      group.scores.push(await scoreImage(output!, reference!, channels, (range as Range | null) ?? UNIT));
    } catch (cause) {
      throw new Error(`The item "${member.name}": ${(cause as Error).message}.`, { cause });
    }
    progress({ fraction: (index + 1) / members.length });
  }
  return [...scored.values()].map(({ values, scores }) => {
    const name =
      kind === "model" ? group_by.map((attribute, at) => `${attribute} ${values[at]}`).join(", ") || "all" : values[0]!;
    const shown = kind === "model" ? values : [];
    return { kind, name, values: shown, images: scores.length, scores: meanScores(scores) };
  });
}

function valuesOf(member: InputMember, groupBy: readonly string[]): readonly string[] {
  return groupBy.map((name) => {
    const value = member.attributes[name];
    if (value !== undefined) return String(value);
    throw new Error(
      `The item "${member.name}" has no attribute "${name}", by which models are told apart. Set "group_by" to attributes ` +
        "that the models' items have, such as those of a wedge.",
    );
  });
}

/** The best group's model files. Throws where models are given, and none is of that group. */
function modelOf(best: Group, models: readonly InputMember[], groupBy: readonly string[]): readonly InputFile[] {
  if (models.length === 0) return [];
  const wanted = JSON.stringify(best.values);
  const member = models.find((each) => JSON.stringify(valuesOf(each, groupBy)) === wanted);
  if (!member) throw new Error(`None of the items of "models" is of the best group (${best.name}).`);
  return requireTagged(member, "file/model");
}

async function writeReport(groups: readonly Group[], best: Group, params: Params, { directory }: CookContext) {
  const { renderSvg, writeImage } = await import("dag-cook/image");
  const [csv, plot] = [params.csv ?? "scores.csv", params.plot ?? "scores.png"];
  await writeFile(join(directory, csv), csvOf(groups, params.group_by, best));
  await writeImage(join(directory, plot), await renderSvg(barsOf(groups, best)));
  return [
    { path: csv, tag: "file/text/csv", ...(params.csv !== null && { parameter: "csv" }) },
    { path: plot, tag: "file/image/plot", ...(params.plot !== null && { parameter: "plot" }) },
  ];
}
