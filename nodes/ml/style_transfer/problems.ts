/** What is wrong, or doubtful, in parameters that are right one by one. It knows parameters, no files. */
import type { ParamProblem, ParamValues } from "dag-cook";
import {
  missingVariables,
  type TemplateValues,
  templateProblem,
  VARIABLES,
  type Variable,
} from "dag-cook/ml/training/templates";
import { isUnpaired } from "dag-cook/ml/translation/params";
import { modelProblems } from "dag-cook/ml/translation/problems";
import { rangeProblems } from "../../image/files/values.js";
import { NEEDED, type Sources } from "./dataset.js";
import type { PARAMS } from "./params.js";
import { deviceProblems } from "./runtime.js";
import { unusedProblems } from "./unused.js";

type Params = ParamValues<typeof PARAMS>;

/** The networks of an iteration, as in paths. */
function networksOf({ dataset }: Params): readonly TemplateValues[] {
  const indices = isUnpaired(dataset.input_type) ? [0, 1] : [0];
  return ["generator", "discriminator"].flatMap((network) =>
    indices.map((index) => ({ network, index, iteration: 1 })),
  );
}

/** An output path, the extensions that it may have, and what would share it without variables. */
interface OutputPath {
  readonly param: string;
  readonly path: string | null;
  readonly extensions: readonly string[];
  /** Those that it may have, where they are not those of models. */
  readonly variables?: readonly Variable[];
}

export function problemsOf(params: Params): readonly ParamProblem[] {
  const { dataset, test } = params;
  return [
    ...sourceProblems("dataset", dataset),
    ...(test.enabled ? sourceProblems("test", test) : []),
    ...valueProblems(params),
    ...testProblems(params),
    ...startProblems(params),
    ...retentionProblems(params),
    ...modelProblems(params),
    ...pathProblems(params),
    ...previewProblems(params),
    ...deviceProblems(params.env),
    ...unusedProblems(params),
    ...flipHints(params),
  ];
}

/** Null leaves it open; 0 says that a mirrored image is none of its kind, as writing is none. */
function flipHints({ dataset }: Params): readonly ParamProblem[] {
  const { horizontal_flip, vertical_flip, rotation } = dataset;
  if ([horizontal_flip, vertical_flip, rotation].some((probability) => probability !== null)) return [];
  const message =
    'no image is varied: where mirrored images are as likely as these, "horizontal_flip": 0.5 (and "vertical_flip", of images from above) in "dataset" makes better models; 0 says that they are not';
  return [{ param: "dataset.horizontal_flip", message, severity: "hint" }];
}

function sourceProblems(group: "dataset" | "test", sources: Sources): readonly ParamProblem[] {
  const { input_type } = sources;
  return NEEDED[input_type]
    .filter((name) => (sources[name] ?? "") === "")
    .map((name) => ({
      param: `${group}.${name}`,
      message: `${group}.${name} must be given where ${group}.input_type is "${input_type}"`,
    }));
}

function valueProblems({ dataset }: Params): readonly ParamProblem[] {
  const { alpha, channel_count, input_range, reference_range } = dataset;
  const ranges = [
    ...rangeProblems("dataset.input_range", input_range),
    ...rangeProblems("dataset.reference_range", reference_range),
  ];
  if (alpha === "drop" || channel_count % 2 === 0) return ranges;
  const message = `dataset.alpha "keep" makes alpha the last channel, so that dataset.channel_count must be 2 or 4, not ${channel_count}: set it to ${channel_count + 1}`;
  return [...ranges, { param: "dataset.alpha", message }];
}

function testProblems({ dataset, test }: Params): readonly ParamProblem[] {
  if (test.enabled && isUnpaired(test.input_type) && !isUnpaired(dataset.input_type)) {
    const message = `test.input_type "${test.input_type}" has no references to compare with, as paired training needs them: give pairs, or train unpaired, too`;
    return [{ param: "test.input_type", message }];
  }
  if (test.enabled || test.target_ssim === null) return [];
  return [{ param: "test.target_ssim", message: "test.target_ssim needs tests: set test.enabled to true" }];
}

function startProblems({ training }: Params): readonly ParamProblem[] {
  if (training.initial_weights === null || training.continue_from === null) return [];
  const message =
    "training.initial_weights and training.continue_from exclude each other: a training that is continued has its weights already";
  return [{ param: "training.initial_weights", message }];
}

function retentionProblems({ checkpoint, test }: Params): readonly ParamProblem[] {
  const { model_path, save_rate, keep_last, keep_best } = checkpoint;
  const warn = (param: string, why: string) => [
    { param, message: `${param} does nothing: ${why}`, severity: "warning" as const },
  ];
  if (keep_best !== null && !test.enabled) {
    return [{ param: "checkpoint.keep_best", message: "checkpoint.keep_best needs tests: set test.enabled to true" }];
  }
  if (keep_best !== null && keep_last === null) {
    return warn("checkpoint.keep_best", "without checkpoint.keep_last all saves are kept; set it, to 1 for example");
  }
  if (keep_last === null) return [];
  if (model_path === null || !model_path.includes("{iteration}")) {
    return warn(
      "checkpoint.keep_last",
      "without {iteration} in checkpoint.model_path each save replaces the one before",
    );
  }
  if (keep_best === null || save_rate % test.frequency === 0) return [];
  const message = `checkpoint.save_rate ${save_rate} is no multiple of test.frequency ${test.frequency}: only saves that are tested can be among the best`;
  return [{ param: "checkpoint.keep_best", message, severity: "warning" }];
}

function outputPaths({ checkpoint, onnx, plot, contact_sheet, preview, ...params }: Params): readonly OutputPath[] {
  const { summary, tensorboard, test } = params;
  const plots = plot.type === "csv" ? [".csv"] : [".png"];
  return [
    { param: "checkpoint.model_path", path: checkpoint.model_path, extensions: [".safetensors"] },
    { param: "onnx.path", path: onnx.path, extensions: [".onnx"] },
    ...(["ssim", "loss", "score"] as const).map((name) => ({
      param: `plot.${name}`,
      path: plot.type === "disabled" ? null : plot[name],
      extensions: plots,
    })),
    { param: "contact_sheet.path", path: contact_sheet.path, extensions: [".png"] },
    {
      param: "preview.path",
      path: preview.path,
      extensions: [".png", ".tif", ".tiff", ".exr"],
      variables: [...VARIABLES, "frame"],
    },
    { param: "summary.path", path: summary.path, extensions: [".summary"], variables: [] },
    { param: "tensorboard.path", path: tensorboard.path, extensions: [""], variables: [] },
    { param: "test.output_dir", path: test.output_dir, extensions: [""], variables: [] },
  ];
}

function pathProblems(params: Params): readonly ParamProblem[] {
  const given = outputPaths(params).filter(({ path }) => path !== null && path !== "");
  const problems = given.flatMap(({ param, path, extensions, variables }) => {
    const unknown = templateProblem(path!, variables);
    if (unknown !== undefined) return [{ param, message: `${param}: ${unknown}` }];
    if (extensions.some((extension) => path!.toLowerCase().endsWith(extension))) return [];
    return [{ param, message: `${param}: "${path}" must end in ${extensions.join(" or ")}` }];
  });
  const networks = networksOf(params);
  problems.push(...collisions("checkpoint.model_path", params.checkpoint.model_path, networks));
  const generators = networks.filter(({ network }) => network === "generator");
  problems.push(...collisions("onnx.path", params.onnx.path, generators));
  problems.push(...collisions("preview.path", params.preview.path, generators));
  return [...problems, ...sharedPaths(given), ...plotProblems(params)];
}

function collisions(param: string, path: string | null, networks: readonly TemplateValues[]): readonly ParamProblem[] {
  const missing = path === null ? [] : missingVariables(path, networks);
  if (missing.length === 0) return [];
  const which = missing.includes("network") ? "generator and discriminator" : "generators 0 and 1";
  const message = `${param}: "${path}" writes ${which} to one file; put ${missing.map((name) => `{${name}}`).join(" and ")} into it`;
  return [{ param, message }];
}

/** Files of one work item are kept by name, so that two of them need two names even in two folders. */
function sharedPaths(given: readonly OutputPath[]): readonly ParamProblem[] {
  const nameOf = ({ path }: OutputPath) => path!.slice(path!.lastIndexOf("/") + 1);
  return given.flatMap((one, at) => {
    const other = given.slice(0, at).find((each) => nameOf(each) === nameOf(one));
    if (other === undefined) return [];
    const message = `${one.param} and ${other.param} both write a file named "${nameOf(one)}": give them different names`;
    return [{ param: one.param, message }];
  });
}

function plotProblems({ plot }: Params): readonly ParamProblem[] {
  const named = [plot.ssim, plot.loss, plot.score].some((path) => path !== null);
  if (plot.type !== "disabled" && !named) {
    const message = `plot.type is "${plot.type}", but none of plot.ssim, plot.loss and plot.score says where to`;
    return [{ param: "plot.type", message, severity: "warning" }];
  }
  if (plot.type === "disabled" && named) {
    const message = 'plot.type is "disabled", so that no plot is written: set it to "csv" or "image"';
    return [{ param: "plot.type", message, severity: "warning" }];
  }
  return [];
}

/** Previews without a path are shown in TensorBoard alone. */
function previewProblems({ preview, tensorboard }: Params): readonly ParamProblem[] {
  if (preview.input === null && preview.path !== null) {
    return [{ param: "preview.path", message: "preview.path does nothing without preview.input" }];
  }
  if (preview.input === null || preview.path !== null || tensorboard.path !== null) return [];
  return [{ param: "preview.input", message: "preview.input does nothing without preview.path or tensorboard.path" }];
}
