/** A training's files as outputs of its work item: their tags and order. It knows nothing of how they are made. */
import type { CookedFile } from "dag-cook";
import type { JobParams } from "dag-cook/ml/training/job";
import type { SavedFile, SavedKind } from "dag-cook/ml/training/saved";

const TAGS: Readonly<Record<SavedKind, string>> = {
  checkpoint: "model/checkpoint",
  discriminator: "model/discriminator",
  state: "model/state",
  onnx: "model/onnx",
  plot: "plot",
  test_input: "image/test/input",
  test_output: "image/test/output",
  test_reference: "image/test/reference",
  contact_sheet: "image/contact_sheet",
  preview: "image/preview",
};

/**
 * The final generator first, then the latest files first, since nodes below take the first of a tag. What is not meant for nodes below is put at its
 * path under a tag of `file/saved`.
 */
export function outputsOf(files: readonly SavedFile[], params: JobParams): readonly CookedFile[] {
  const final = files.findLast(({ kind }) => kind === "checkpoint");
  const rest = files.filter((file) => file !== final).sort((a, b) => b.iteration - a.iteration);
  return (final ? [final, ...rest] : rest).map((file) => {
    const { path, kind, parameter } = file;
    const branch = file === final || isForNodesBelow(kind, params) ? "file" : "file/saved";
    return { path, tag: `${branch}/${TAGS[kind]}`, ...(parameter !== null && { parameter }) };
  });
}

function isForNodesBelow(kind: SavedKind, { checkpoint, onnx, test }: JobParams): boolean {
  switch (kind) {
    case "checkpoint":
    case "discriminator":
    case "state":
      return checkpoint.add_as_outputs;
    case "onnx":
      return onnx.add_as_outputs;
    case "test_input":
    case "test_output":
    case "test_reference":
      return test.add_results_as_outputs;
    default:
      return true;
  }
}
