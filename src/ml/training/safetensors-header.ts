/** Checks the header of a safetensors file, which may come from anywhere, before a byte of data is believed. */

/** One tensor's entry; `begin` and `end` count from the start of the data. */
export interface HeaderEntry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/** A header that holds. */
export interface Header {
  readonly metadata: Readonly<Record<string, string>>;
  /** In the order of their data. */
  readonly tensors: readonly HeaderEntry[];
}

/** As in the reference implementation. */
const MAX_HEADER = 100_000_000;
const MAX_RANK = 8;

/** How many bytes from a file's beginning hold its header; `start`: its first 8, `size`: of all. Throws as `parseHeader`. */
export function headLength(start: Uint8Array, size: number, fail: Fail): number {
  if (isOfPytorch(start)) throw fail(`this is a file of PyTorch (.pt, .pth): ${CONVERT}.`);
  if (start.length < 8) throw fail(`${start.length} bytes are too few for a safetensors file.`);
  const length = new DataView(start.buffer, start.byteOffset).getBigUint64(0, true);
  if (length > MAX_HEADER) throw fail(`a header of ${length} bytes: this is no safetensors file.`);
  const data = 8 + Number(length);
  if (data > size) throw fail(`the file is cut short: ${size} bytes, the header alone ends at ${data}.`);
  return data;
}

/**
 * The header of a file of F32 tensors, of which `head` holds the bytes up to the data, and `size` counts all. Throws what
 * `fail` makes of the problem: truncation, a length or offsets that leave the file, overlaps, gaps, sizes that do not fit
 * the shape, other number types, what is not the format at all.
 */
export function parseHeader(head: Uint8Array, size: number, fail: Fail): Header {
  const { __metadata__: metadata, ...entries } = parseJson(head.subarray(8), fail);
  const tensors = Object.entries(entries).map(([name, entry]) => checkEntry(name, entry, fail));
  tensors.sort((a, b) => a.begin - b.begin || a.end - b.end);
  checkCover(tensors, size - head.length, fail);
  return { metadata: checkMetadata(metadata, fail), tensors };
}

const CONVERT = "convert its float32 tensors with safetensors.torch.save_file";

/** A zip archive, or a pickle of protocol 2. */
function isOfPytorch(bytes: Uint8Array): boolean {
  const starts = (...magic: readonly number[]) => magic.every((byte, at) => bytes[at] === byte);
  return starts(0x50, 0x4b, 3, 4) || starts(0x80, 2);
}

type Fail = (problem: string) => Error;

function parseJson(bytes: Uint8Array, fail: Fail): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw fail(`the header is no JSON (${(cause as Error).message}): this is no safetensors file.`);
  }
  if (!isRecord(value)) throw fail("the header is no JSON object.");
  return value;
}

function checkMetadata(value: unknown, fail: Fail): Readonly<Record<string, string>> {
  if (value === undefined) return {};
  if (!isRecord(value) || Object.values(value).some((text) => typeof text !== "string")) {
    throw fail("__metadata__ must be an object of strings.");
  }
  return value as Record<string, string>;
}

function checkEntry(name: string, entry: unknown, fail: Fail): HeaderEntry {
  const label = JSON.stringify(name);
  if (!isRecord(entry)) throw fail(`tensor ${label}: its entry is no object.`);
  const { dtype, shape, data_offsets: offsets } = entry;
  if (dtype !== "F32") throw fail(`tensor ${label} is of type ${JSON.stringify(dtype)}; only F32 can be read.`);
  if (!isSizes(shape) || shape.length > MAX_RANK) throw fail(`tensor ${label}: ${JSON.stringify(shape)} is no shape.`);
  if (!isSizes(offsets) || offsets.length !== 2) {
    throw fail(`tensor ${label}: ${JSON.stringify(offsets)} are no data_offsets.`);
  }
  const [begin, end] = offsets as [number, number];
  const bytes = shape.reduce((product, size) => product * size, 4);
  if (end - begin !== bytes) {
    throw fail(`tensor ${label}: ${end - begin} bytes do not hold the shape [${shape.join(", ")}].`);
  }
  return { name, shape, begin, end };
}

/** The format has every byte of data belong to exactly one tensor. */
function checkCover(tensors: readonly HeaderEntry[], length: number, fail: Fail): void {
  let reached = 0;
  for (const { name, begin, end } of tensors) {
    const label = JSON.stringify(name);
    if (begin < reached) throw fail(`tensor ${label} overlaps the one before it.`);
    if (begin > reached) throw fail(`there is a gap of ${begin - reached} bytes before tensor ${label}.`);
    if (end > length) throw fail(`the file is cut short: tensor ${label} ends at ${end} of ${length} bytes of data.`);
    reached = end;
  }
  if (reached < length) throw fail(`${length - reached} bytes after the last tensor belong to none.`);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}
