/** A training's files as outputs of its work item: their tags and order. It knows nothing of how they are made. */
import type { CookedFile } from "dag-cook";
import type { SavedFile, SavedKind } from "dag-cook/ml/training/saved";
import type { JobParams, TranslationKind } from "dag-cook/ml/translation/job";

type Kind = SavedKind | TranslationKind;

const TAGS: Readonly<Record<Kind, string>> = {
  checkpoint: "model/checkpoint",
  other_weights: "model/other_weights",
  discriminator: "model/discriminator",
  state: "model/state",
  onnx: "model/onnx",
  plot: "plot",
  test_input: "image/test/input",
  test_output: "image/test/output",
  test_reference: "image/test/reference",
  test_reconstruction: "image/test/reconstruction",
  contact_sheet: "image/contact_sheet",
  preview: "image/preview",
  tensorboard: "tensorboard",
  summary: "summary",
};

/**
 * The final generator (unpaired: both) first, then the latest files first, since nodes below take the first of a tag. What is
 * not meant for nodes below is put at its path under a tag of `file/saved`. A network of several of its kind has its index at
 * the end of its tag.
 */
export function outputsOf(files: readonly SavedFile[], params: JobParams): readonly CookedFile[] {
  const generators = files.filter(({ kind }) => kind === "checkpoint");
  const final = generators.filter(({ iteration }) => iteration === generators.at(-1)!.iteration);
  const rest = files.filter((file) => !final.includes(file)).sort((a, b) => b.iteration - a.iteration);
  return [...final, ...rest].map((file) => {
    const { path, parameter, index } = file;
    const kind = file.kind as Kind;
    const branch = final.includes(file) || isForNodesBelow(kind, params) ? "file" : "file/saved";
    const tag = [branch, TAGS[kind], ...(index === undefined ? [] : [index])].join("/");
    return { path, tag, ...(parameter !== null && { parameter }) };
  });
}

function isForNodesBelow(kind: Kind, { checkpoint, onnx, test }: JobParams): boolean {
  switch (kind) {
    case "checkpoint":
    case "other_weights":
    case "discriminator":
    case "state":
      return checkpoint.add_as_outputs;
    case "onnx":
      return onnx.add_as_outputs;
    case "test_input":
    case "test_output":
    case "test_reference":
    case "test_reconstruction":
      return test.add_results_as_outputs;
    default:
      return true;
  }
}
