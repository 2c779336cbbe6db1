/**
 * The ONNX model of an item, opened. The last one stays open, since the next item of the worker usually applies the same;
 * it knows nothing of images.
 */
import type { InputFile } from "dag-cook";
import type { LoadedModel, ModelChoice } from "dag-cook/ml/inference/image-model";

let last: { readonly key: string; readonly model: Promise<LoadedModel> } | undefined;

/** The model of a file. Rejects with a message that names it, and no folder. */
export function openModel(file: InputFile, threads: number, choice: ModelChoice): Promise<LoadedModel> {
  const key = JSON.stringify([file.digest, file.name, threads, choice]);
  if (last?.key === key) return last.model;
  void last?.model.then(
    (model) => model.dispose(),
    () => undefined,
  );
  const model = load(file, threads, choice).catch((error: Error) => {
    last = undefined;
    throw new Error(error.message.replaceAll(file.path, file.name), { cause: error });
  });
  last = { key, model };
  return model;
}

async function load({ path, name }: InputFile, threads: number, choice: ModelChoice): Promise<LoadedModel> {
  const { loadModel } = await import("dag-cook/ml/inference/image-model");
  return loadModel(path, threads, name, choice);
}
