/**
 * A trained generator as an .onnx file, verified before anyone sees it. It knows how a generator's weights are named; the
 * file's format is `onnx/`'s.
 */
import { describeData } from "../data/data-form.js";
import { type ExportVerification, verifyExport } from "../inference/verify.js";
import { type ExportOptions, type ExportSource, exportModel, type ValueRange } from "../onnx/export.js";
import { inferenceProgram } from "../training/inference.js";
import { stateName } from "../training/update.js";
import { type DescribedGenerator, generatorNetwork, sizeMultiple } from "./generator.js";
import { GENERATOR } from "./pix2pix.js";

/** The node's parameters `onnx`. */
export interface OnnxParams {
  readonly version: number;
  readonly dynamic_axes: boolean;
  readonly value_range: ValueRange;
}

/** A generator with its weights, by parameter name. */
export interface TrainedGenerator extends DescribedGenerator {
  readonly weights: ReadonlyMap<string, Float32Array>;
}

/** An .onnx file's bytes, and how far it is from the network. */
export interface Exported extends ExportVerification {
  readonly bytes: Uint8Array;
}

/**
 * The generator as ONNX, compared with the float64 referee in onnxruntime. `notes`: further metadata, such as the
 * iteration. Rejects with an ExportError where it cannot be written or does not answer what the network answers.
 */
export async function exportGenerator(
  { options, image_size, data, weights }: TrainedGenerator,
  { version, dynamic_axes, value_range }: OnnxParams,
  notes: Readonly<Record<string, string>>,
  threads: number,
): Promise<Exported> {
  const network = generatorNetwork(options);
  const source: ExportSource = {
    program: (height, width) => inferenceProgram(network, [1, options.channel_count, height, width]),
    weights: new Map([...weights].map(([name, values]) => [stateName(GENERATOR, name), values])),
    prefix: stateName(GENERATOR, ""),
    size: [image_size, image_size],
    size_multiple: sizeMultiple(options),
  };
  const metadata = new Map(Object.entries({ ...notes, norm: options.norm, ...describeData(data) }));
  const exportOptions: ExportOptions = { version, dynamic_axes, value_range, metadata };
  const bytes = exportModel(source, exportOptions);
  return { bytes, ...(await verifyExport(bytes, source, exportOptions, threads)) };
}
