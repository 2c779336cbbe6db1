/** A generator's checkpoint, from which the network itself can be built again. It knows no training. */
import { CheckpointError, readCheckpoint, requireShapes } from "../training/checkpoint.js";
import { describedGenerator, generatorNetwork } from "./generator.js";
import type { TrainedGenerator } from "./generator-export.js";

/** A generator as its file has it. */
export interface GeneratorFile {
  readonly generator: TrainedGenerator;
  /** The file's metadata: `iteration`, `config_hash` and so on. */
  readonly about: Readonly<Record<string, string>>;
}

/**
 * Reads a generator; `name`: what messages call the file. Rejects with a CheckpointError where it is damaged, does not say
 * which network it holds, or does not fit what it says.
 */
export async function readGenerator(path: string, name: string): Promise<GeneratorFile> {
  const checkpoint = await readCheckpoint(path).catch((error: Error) => {
    throw new CheckpointError(error.message.replaceAll(path, name), { cause: error });
  });
  const described = describedGenerator(checkpoint.metadata);
  if (described === undefined) {
    throw new CheckpointError(
      `${name}: the file does not say which generator it holds. Checkpoints of ml_train_style_transfer do, in their metadata.`,
    );
  }
  const { parameters } = generatorNetwork(described.options);
  requireShapes(checkpoint, new Map(parameters.map((parameter) => [parameter.name, parameter.shape])), name);
  const weights = new Map([...checkpoint.tensors].map(([layer, { data }]) => [layer, data]));
  return { generator: { ...described, weights }, about: checkpoint.metadata };
}
