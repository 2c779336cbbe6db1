/**
 * Checkpoints: named float32 tensors in a safetensors file (8 bytes header length, JSON header, data). Knows nothing of
 * networks; the format is that of github.com/huggingface/safetensors.
 */
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { endianness } from "node:os";
import { basename, dirname, join } from "node:path";
import { headLength, parseHeader } from "./safetensors-header.js";

/** The system reads no more at a time. */
const LARGEST_READ = 2 ** 30;

/** A mistake in a checkpoint file or in its use; the message is for the user and names the file. */
export class CheckpointError extends Error {
  override readonly name = "CheckpointError";
}

/** A tensor: row-major values, as many as the product of the shape. A scalar's shape is []. */
export interface CheckpointTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** What a checkpoint file holds. */
export interface Checkpoint {
  readonly tensors: ReadonlyMap<string, CheckpointTensor>;
  /** Free text by name. */
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * The bytes of a safetensors file, piece by piece: a training's state may be larger than any one buffer. Tensors come in the
 * map's order, data aligned to 8 bytes; equal checkpoints give equal bytes. Throws where a tensor's values do not fit its shape.
 */
function* piecesOf({ tensors, metadata }: Checkpoint): Iterable<Uint8Array> {
  const header: Record<string, unknown> = Object.create(null);
  if (Object.keys(metadata).length > 0) header.__metadata__ = metadata;
  let offset = 0;
  for (const [name, { shape, data }] of tensors) {
    if (name === "__metadata__") throw new Error(`a tensor cannot be named ${name}`);
    if (data.length !== sizeOf(shape)) throw new Error(`${name}: ${data.length} values are not [${shape.join(", ")}]`);
    header[name] = { dtype: "F32", shape, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  const text = Buffer.from(JSON.stringify(header));
  const start = Buffer.alloc(8 + Math.ceil(text.length / 8) * 8, " ");
  start.writeBigUInt64LE(BigInt(start.length - 8));
  text.copy(start, 8);
  yield start;
  for (const { data } of tensors.values()) yield littleEndian(data);
}

/**
 * Writes a checkpoint so that the path holds the old or the new file whole, whatever happens: a temporary file beside
 * it, fsync, rename. Rejects with a CheckpointError.
 */
export async function writeCheckpoint(path: string, checkpoint: Checkpoint): Promise<void> {
  // A killed process leaves it: the next write takes its place. No two write to one path at a time.
  const temporary = join(dirname(path), `.${basename(path)}.tmp`);
  try {
    const file = await open(temporary, "w");
    try {
      for (const piece of piecesOf(checkpoint)) await file.writeFile(piece);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (cause) {
    await rm(temporary, { force: true });
    throw new CheckpointError(`${path}: the checkpoint cannot be written (${(cause as Error).message}).`, { cause });
  }
}

/**
 * Reads a safetensors file. Rejects with a CheckpointError that names the path and the cause: a file that is not there, that
 * breaks the format, or whose values are other than 32-bit floats.
 */
export async function readCheckpoint(path: string): Promise<Checkpoint> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, "r");
    return await readFrom(file, (problem) => new CheckpointError(`${path}: ${problem}`));
  } catch (cause) {
    if (cause instanceof CheckpointError) throw cause;
    throw new CheckpointError(`${path}: the checkpoint cannot be read (${(cause as Error).message}).`, { cause });
  } finally {
    await file?.close();
  }
}

async function readFrom(file: FileHandle, fail: (problem: string) => Error): Promise<Checkpoint> {
  const { size } = await file.stat();
  const start = await readBytes(file, 0, Math.min(8, size), fail);
  const head = await readBytes(file, 0, headLength(start, size, fail), fail);
  const header = parseHeader(head, size, fail);
  const tensors = new Map<string, CheckpointTensor>();
  for (const { name, shape, begin, end } of header.tensors) {
    const bytes = await readBytes(file, head.length + begin, end - begin, fail);
    const data = new Float32Array(bytes.buffer);
    tensors.set(name, { shape, data: endianness() === "LE" ? data : swapped(data) });
  }
  return { tensors, metadata: header.metadata };
}

async function readBytes(
  file: FileHandle,
  position: number,
  length: number,
  fail: (problem: string) => Error,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length; ) {
    const { bytesRead } = await file.read(bytes, done, Math.min(length - done, LARGEST_READ), position + done);
    if (bytesRead === 0) throw fail("the file became shorter while it was read.");
    done += bytesRead;
  }
  return bytes;
}

/** The first tensor that holds infinities or what is no number; undefined where none does. */
export function firstNotFinite(tensors: ReadonlyMap<string, CheckpointTensor>): string | undefined {
  for (const [name, { data }] of tensors) {
    let sum = 0;
    // 0 times them is no number either: one look at the end instead of one at each value.
    for (let at = 0; at < data.length; at++) sum += 0 * data[at]!;
    if (Number.isNaN(sum)) return name;
  }
  return undefined;
}

/**
 * Throws a CheckpointError that lists every layer in which a checkpoint differs from what is expected: missing, of
 * another shape, or surplus; and where values are not finite.
 */
export function requireShapes(
  { tensors }: Checkpoint,
  expected: ReadonlyMap<string, readonly number[]>,
  where: string,
): void {
  const wrong = new Map<string, string>();
  for (const [name, shape] of expected) {
    const found = tensors.get(name);
    if (!found) wrong.set(name, `missing, expected ${show(shape)}`);
    else if (show(found.shape) !== show(shape)) wrong.set(name, `${show(found.shape)}, expected ${show(shape)}`);
  }
  for (const [name, { shape }] of tensors) {
    if (!expected.has(name)) wrong.set(name, `${show(shape)}, not in this network`);
  }
  // What an optimizer keeps of a layer is wrong as the layer is.
  const told = [...wrong].filter(([name]) => !wrong.has(name.split(":")[0]!) || !name.includes(":"));
  const lines = told.map(([name, what]) => `  ${name}: ${what}`);
  const broken = firstNotFinite(tensors);
  if (lines.length === 0 && broken !== undefined) {
    throw new CheckpointError(`${where}: ${broken} holds values that are not finite; its training diverged.`);
  }
  if (lines.length === 0) return;
  throw new CheckpointError(
    `${where}: ${lines.length} layers do not fit this network; was it made with other settings?\n${lines.join("\n")}`,
  );
}

function show(shape: readonly number[]): string {
  return `[${shape.join(", ")}]`;
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

function littleEndian(data: Float32Array): Uint8Array {
  const values = endianness() === "LE" ? data : swapped(data);
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

function swapped(data: Float32Array): Float32Array {
  const copy = data.slice();
  Buffer.from(copy.buffer).swap32();
  return copy;
}

/** Makes a rename durable where folders can be synced. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r").catch(() => undefined);
  await folder?.sync().catch(() => undefined);
  await folder?.close();
}
