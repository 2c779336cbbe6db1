/** Looks at a training's samples before anything is computed: what is wrong or doubtful, and what their values are. */
import type { Depth } from "../../image/image.js";
import { isUnit, type Range } from "../../image/range.js";
import { type Inspection, inspectDataset } from "../data/inspect.js";
import { keptRange } from "../data/kept-ranges.js";
import { PLAIN_VALUES, type SampleValues, type SideKind } from "../data/network-image.js";
import type { RangeParam } from "../data/ranges.js";
import { type Dataset, sidesIn } from "../data/samples.js";
import { formOf } from "../data/settings.js";
import type { TrainingContext } from "../training/job.js";
import type { TranslationJob } from "./job.js";

/** What the samples' values are to the network, and to files that are saved of tests. */
export interface Inspected {
  readonly values: SampleValues;
  readonly depths: Readonly<Record<SideKind, Depth>>;
}

/** Rejects with an ImageError or DataError that names the file. */
export async function inspect(
  { samples, tests, params }: TranslationJob,
  context: TrainingContext,
): Promise<Inspected> {
  const { dataset, test } = params;
  const { alpha, non_finite } = dataset;
  const form = { ...dataset, values: { ...PLAIN_VALUES, alpha, non_finite } };
  const seen = await inspectDataset(samples, formOf({ ...form, randomization: dataset }), dataset.storage);
  const tested = tests && (await inspectDataset(tests, formOf({ ...form, randomization: null }), test.storage));
  for (const warning of new Set([...seen.warnings, ...(tested?.warnings ?? [])])) context.warn(warning);
  const rangeFor = async (kind: SideKind): Promise<Range> => {
    const param = dataset[`${kind}_range`];
    const range = await measured(samples, seen, kind, param, dataset, context);
    if (param !== null && !Array.isArray(param)) {
      context.log(`dataset.${kind}_range ${JSON.stringify(param)} is [${range.join(", ")}]`);
    }
    return range;
  };
  const values = {
    alpha,
    non_finite,
    input_range: await rangeFor("input"),
    reference_range: await rangeFor("reference"),
  };
  const depthOf = (kind: SideKind) => (isUnit(values[`${kind}_range`]) ? (tested ?? seen).depths[kind] : "float");
  return { values, depths: { input: depthOf("input"), reference: depthOf("reference") } };
}

async function measured(
  samples: Dataset,
  { floats }: Inspection,
  kind: SideKind,
  param: RangeParam,
  { alpha, non_finite, channel_count }: TranslationJob["params"]["dataset"],
  { resume, warn }: TrainingContext,
): Promise<Range> {
  const sides = sidesIn(samples)[`${kind}s`];
  const colors = alpha === "keep" ? channel_count - 1 : channel_count;
  const { range, warnings } = await keptRange(resume, { kind, sides, floats: floats[kind], non_finite, colors }, param);
  for (const warning of warnings) warn(warning);
  return range;
}
