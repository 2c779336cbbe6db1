/** Parameters that were given, and that nothing asks for where others are as they are. It knows parameters, no files. */
import type { ParamProblem, ParamValues } from "dag-cook";
import { isUnpaired } from "dag-cook/ml/translation/params";
import { NEEDED, type Sources } from "./dataset.js";
import { PARAMS } from "./params.js";

type Params = ParamValues<typeof PARAMS>;

/** Parameters that one other parameter decides the use of. */
interface Use {
  /** Dotted names. */
  readonly params: readonly string[];
  /** The parameter that decides. */
  readonly by: string;
  readonly isUsed: (params: Params) => boolean;
  /** The nearest values of it under which they are used. */
  readonly when: string;
}

const SOURCES = ["input_image", "reference_image", "input_image_dir", "reference_image_dir", "composite_image_dir"];

/** The parameters of a group, without some. */
function allOf(group: "test", ...without: readonly string[]): readonly string[] {
  return Object.keys(PARAMS[group].properties)
    .filter((name) => !without.includes(name))
    .map((name) => `${group}.${name}`);
}

function sources(group: "dataset" | "test"): readonly Use[] {
  return SOURCES.map((name) => ({
    params: [`${group}.${name}`],
    by: `${group}.input_type`,
    isUsed: (params) => (group === "test" && !params.test.enabled) || needs(params[group], name),
    when: Object.entries(NEEDED)
      .filter(([, needed]) => needed.some((each) => each === name))
      .map(([input_type]) => quoted(input_type))
      .join(" or "),
  }));
}

/** A glob of folders is used wherever one is. */
function patterns(group: "dataset" | "test"): Use {
  const folders = Object.entries(NEEDED).filter(([, needed]) => needed.some((name) => name.endsWith("_dir")));
  return {
    ...{ params: [`${group}.pattern`], by: `${group}.input_type` },
    isUsed: (params) =>
      (group === "test" && !params.test.enabled) || folders.some(([type]) => type === params[group].input_type),
    when: folders.map(([type]) => quoted(type)).join(" or "),
  };
}

function needs({ input_type }: Sources, name: string): boolean {
  return NEEDED[input_type].some((each) => each === name);
}

const rates = (...used: readonly string[]): Pick<Use, "by" | "isUsed" | "when"> => ({
  by: "training.rate_scheduler",
  isUsed: ({ training }) => used.includes(training.rate_scheduler),
  when: used.map(quoted).join(" or "),
});
const optimizers = (algorithm: string): Pick<Use, "by" | "isUsed" | "when"> => ({
  by: "optimizer.algorithm",
  isUsed: ({ optimizer }) => optimizer.algorithm === algorithm,
  when: quoted(algorithm),
});

const USES: readonly Use[] = [
  ...sources("dataset"),
  ...sources("test"),
  patterns("dataset"),
  patterns("test"),
  {
    ...{ params: ["dataset.image_size"], by: "dataset.crop_size" },
    ...{ isUsed: ({ dataset }) => dataset.crop_size === null, when: "null" },
  },
  {
    ...{ params: ["dataset.rotation_max_degrees"], by: "dataset.rotation" },
    ...{ isUsed: ({ dataset }) => (dataset.rotation ?? 0) > 0, when: "a probability above 0" },
  },
  {
    ...{ params: ["dataset.drop_boundary", "env.devices"], by: "dataset.batch_size" },
    ...{ isUsed: ({ dataset }) => dataset.batch_size !== 1, when: "2 or more" },
  },
  { params: ["training.linear_decay"], ...rates("linear") },
  { params: ["training.step_size", "training.gamma"], ...rates("step") },
  {
    ...{ params: ["training.initializer", "training.gain"], by: "training.continue_from" },
    ...{ isUsed: ({ training }) => training.continue_from === null, when: "null" },
  },
  {
    ...{ params: ["training.identity_lambda"], by: "dataset.input_type" },
    isUsed: ({ dataset }) => isUnpaired(dataset.input_type),
    when: '"unpaired_directories" or "unpaired_work_items"',
  },
  {
    params: ["layers", "max_layer_size", "kernel_size", "down_activation", "up_activation"].map(
      (name) => `generator.${name}`,
    ),
    ...{ by: "generator.architecture", isUsed: ({ generator }) => generator.architecture === "unet", when: '"unet"' },
  },
  {
    ...{ params: ["generator.initial_layer_size"], by: "generator.model_size" },
    ...{ isUsed: ({ generator }) => generator.model_size === null, when: "null" },
  },
  {
    ...{ params: ["loss.gradient", "loss.ssim"], by: "dataset.input_type" },
    ...{ isUsed: ({ dataset }) => !isUnpaired(dataset.input_type), when: "one of pairs" },
  },
  {
    params: [
      ...["layers", "initial_layer_size", "kernel_size", "activation"].map((name) => `discriminator.${name}`),
      ...["training.pool_size", "plot.score"],
    ],
    ...{ by: "training.gan_mode", isUsed: ({ training }) => training.gan_mode !== "none" },
    when: '"auto", "vanilla" or "lsgan"',
  },
  { params: ["optimizer.beta"], ...optimizers("adam") },
  { params: ["optimizer.rho"], ...optimizers("adadelta") },
  { params: ["optimizer.momentum"], ...optimizers("sgd") },
  { params: ["optimizer.lambda", "optimizer.alpha", "optimizer.t0"], ...optimizers("asgd") },
  {
    // A target without tests is an error of its own.
    ...{ params: allOf("test", "enabled", "target_ssim"), by: "test.enabled" },
    ...{ isUsed: ({ test }) => test.enabled, when: "true" },
  },
  {
    ...{ params: ["checkpoint.save_rate"], by: "checkpoint.model_path" },
    isUsed: ({ checkpoint: { model_path, add_as_outputs }, preview }) =>
      model_path !== null || add_as_outputs || preview.input !== null,
    when: "a path, or checkpoint.add_as_outputs true",
  },
  {
    params: ["save_rate", "version", "dynamic_axes", "value_range"].map((name) => `onnx.${name}`),
    by: "onnx.path",
    isUsed: ({ onnx }) => onnx.path !== null || onnx.add_as_outputs,
    when: "a path, or onnx.add_as_outputs true",
  },
  {
    ...{ params: ["plot.rate"], by: "plot.type" },
    ...{ isUsed: ({ plot }) => plot.type !== "disabled", when: '"csv" or "image"' },
  },
  {
    ...{ params: ["contact_sheet.interval"], by: "contact_sheet.path" },
    isUsed: ({ contact_sheet, tensorboard }) => contact_sheet.path !== null || tensorboard.path !== null,
    when: "a path, or with tensorboard.path",
  },
  {
    ...{ params: ["preview.pattern"], by: "preview.input" },
    ...{ isUsed: ({ preview }) => preview.input !== null, when: "a folder" },
  },
  ...(["tensorboard", "summary"] as const).map((group) => ({
    ...{ params: [`${group}.interval`], by: `${group}.path`, when: "a path" },
    isUsed: (params: Params) => params[group].path !== null,
  })),
  {
    ...{ params: ["env.allow_fallback"], by: "env.override_device" },
    ...{ isUsed: ({ env }) => env.override_device !== null, when: "a device" },
  },
];

/** A warning for each, where parameters are not at their defaults and do nothing. */
export function unusedProblems(params: Params): readonly ParamProblem[] {
  return USES.flatMap((use) => {
    const idle = use.isUsed(params) ? [] : use.params.filter((name) => !isDefault(params, name));
    if (idle.length === 0) return [];
    const [does, is] = idle.length === 1 ? ["does", "it is"] : ["do", "they are"];
    const now = JSON.stringify(given(params, use.by));
    const message = `${listed(idle)} ${does} nothing where ${use.by} is ${now}: ${is} used where that is ${use.when}`;
    return [{ param: idle[0]!, message, severity: "warning" as const }];
  });
}

function given(params: Params, dotted: string): unknown {
  const [group, name] = dotted.split(".") as [keyof Params, string];
  return (params[group] as Readonly<Record<string, unknown>>)[name];
}

function isDefault(params: Params, dotted: string): boolean {
  const [group, name] = dotted.split(".") as [keyof typeof PARAMS, string];
  const { properties } = PARAMS[group] as { properties: Readonly<Record<string, { default: unknown }>> };
  return JSON.stringify(given(params, dotted)) === JSON.stringify(properties[name]!.default);
}

function quoted(value: string): string {
  return `"${value}"`;
}

function listed(names: readonly string[]): string {
  return names.length === 1 ? names[0]! : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}
