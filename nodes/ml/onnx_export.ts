/** Node type `onnx_export`: a trained generator's checkpoint as a verified .onnx file. */
import { mkdir, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { defineNode, type InputFile, type InputMember, type ParamProblem, tagMatches } from "dag-cook";
import { fillTemplate, templateProblem } from "dag-cook/ml/training/templates";
import { ONNX_OPTIONS } from "./models/options.js";

export default defineNode({
  description: "Exports a trained generator to ONNX, and compares it with the network before it is published.",
  version: 1,
  params: {
    tag: {
      type: "string",
      default: "file/model/checkpoint",
      minLength: 1,
      description:
        "Tag of the checkpoint. Unpaired training tags its generators `file/model/checkpoint/0`, inputs to references, and `file/model/checkpoint/1`, the reverse.",
    },
    path: {
      type: ["string", "null"],
      path: "output",
      default: null,
      description:
        "Where the model is put, such as `out/{network}_{iteration}.onnx`; without it, it stays in the store.",
    },
    ...ONNX_OPTIONS,
    notes: { type: "string", default: "", description: "Text that the file's metadata holds as `notes`." },
  },
  inputs: { main: { description: "Items with a generator's checkpoint, such as those of `ml_train_style_transfer`." } },
  attributes: { writes: { max_error: "float", parameters: "int" } },
  check: pathProblems,
  async cook({ inputs }, { tag, path, notes, ...options }, { directory, signal, threads, log }) {
    const file = checkpointOf(inputs.main!, tag);
    const { readGenerator } = await import("dag-cook/ml/translation/generator-file");
    const { exportGenerator } = await import("dag-cook/ml/translation/generator-export");
    const { generator, about } = await readGenerator(file.path, file.name);
    signal.throwIfAborted();
    const { network = "generator", index = "0", iteration = "0", config_hash = "" } = about;
    const entries = { iteration, index, config_hash, ...(notes !== "" && { notes }) };
    const { bytes, largest, mean } = await exportGenerator(generator, options, entries, threads);
    log(`verified in onnxruntime: at most ${largest.toExponential(2)}, on average ${mean.toExponential(2)} off`);
    const variables = { network, index: Number(index), iteration: Number(iteration) };
    const name = path === null ? `${basename(file.name, ".safetensors")}.onnx` : fillTemplate(path, variables);
    await mkdir(dirname(join(directory, name)), { recursive: true });
    await writeFile(join(directory, name), bytes);
    const parameters = [...generator.weights.values()].reduce((sum, { length }) => sum + length, 0);
    return {
      outputs: [{ path: name, tag: "file/model/onnx", ...(path !== null && { parameter: "path" }) }],
      attributes: { max_error: largest, parameters },
    };
  },
});

function pathProblems({ path }: { path: string | null }): readonly ParamProblem[] {
  if (path === null) return [];
  const unknown = templateProblem(path);
  if (unknown !== undefined) return [{ param: "path", message: `path: ${unknown}` }];
  return path.toLowerCase().endsWith(".onnx") ? [] : [{ param: "path", message: `path: "${path}" must end in .onnx` }];
}

function checkpointOf(members: readonly InputMember[], wanted: string): InputFile {
  const files = members.flatMap((member) => member.files);
  const file = files.find(({ tag }) => tagMatches(tag, wanted));
  if (file !== undefined) return file;
  const tags = [...new Set(files.map(({ tag }) => tag))].join(", ") || "none";
  throw new Error(`The item above has no checkpoint (a file tagged ${wanted}); its files' tags: ${tags}.`);
}
