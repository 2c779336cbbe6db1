/**
 * The ONNX model of an item, opened. The last one stays open, since the next item of the worker usually applies the same;
 * it knows nothing of images.
 */
import type { InputFile } from "dag-cook";
import type { ImageModel } from "dag-cook/ml/onnx/image-model";

let last: { readonly key: string; readonly model: Promise<ImageModel> } | undefined;

/** The model of a file. Rejects with a message that names it. */
export function openModel({ path, digest, name }: InputFile, threads: number): Promise<ImageModel> {
  const key = `${digest} ${threads}`;
  if (last?.key === key) return last.model;
  void last?.model.then(
    (model) => model.dispose(),
    () => undefined,
  );
  const model = load(path, threads).catch((error: Error) => {
    last = undefined;
    throw new Error(error.message.replaceAll(path, name), { cause: error });
  });
  last = { key, model };
  return model;
}

async function load(path: string, threads: number): Promise<ImageModel> {
  const { loadModel } = await import("dag-cook/ml/onnx/image-model");
  return loadModel(path, threads);
}
