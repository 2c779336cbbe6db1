import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import {
  type Checkpoint,
  CheckpointError,
  firstNotFinite,
  readCheckpoint,
  requireShapes,
  writeCheckpoint,
} from "../../../src/ml/training/checkpoint.js";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dag-checkpoint-"));
});
afterAll(() => rm(folder, { recursive: true }));

const SMALL: Checkpoint = {
  tensors: new Map([
    ["G.down.0.bias", { shape: [2], data: Float32Array.of(1.5, -2.25) }],
    ["G.down.0.weight", { shape: [2, 1, 2, 3], data: Float32Array.from({ length: 12 }, (_, i) => i / 7 - 0.5) }],
    ["scalar", { shape: [], data: Float32Array.of(3.125) }],
  ]),
  metadata: { iteration: "12" },
};

/** A file with any header and any length of data. */
function fileOf(header: unknown, data = 0, length?: bigint): Uint8Array {
  const text = Buffer.from(typeof header === "string" ? header : JSON.stringify(header));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(length ?? BigInt(text.length));
  return Buffer.concat([size, text, Buffer.alloc(data)]);
}

const entry = (shape: unknown, data_offsets: unknown, dtype = "F32") => ({ dtype, shape, data_offsets });

describe("checkpoint", () => {
  test("a file of the safetensors package is read: names, shapes, values, metadata", async () => {
    const read = await readCheckpoint("test/fixtures/checkpoint/small.safetensors");
    expect(read.metadata).toEqual(SMALL.metadata);
    expect(new Map([...read.tensors].sort(([a], [b]) => (a < b ? -1 : 1)))).toEqual(SMALL.tensors);
  });

  test("what is written comes back; equal checkpoints give equal bytes, data begins at a multiple of 8", async () => {
    const path = join(folder, "written.safetensors");
    const metadata = { text: 'é "quoted"', empty: "" };
    const tensors = new Map([...SMALL.tensors, ["__proto__", { shape: [0, 4], data: new Float32Array(0) }] as const]);
    await writeCheckpoint(path, { tensors, metadata });
    const read = await readCheckpoint(path);
    expect(new Map(read.tensors)).toEqual(tensors);
    expect(read.metadata).toEqual(metadata);
    const bytes = await readFile(path);
    await writeCheckpoint(join(folder, "again.safetensors"), { tensors, metadata });
    expect(Buffer.compare(bytes, await readFile(join(folder, "again.safetensors")))).toBe(0);
    expect(Number(bytes.readBigUInt64LE()) % 8).toBe(0);
  });

  test("values keep their bits: negative zero, infinities, subnormals, views into larger arrays", async () => {
    const data = Float32Array.of(9, -0, Number.POSITIVE_INFINITY, 1e-42, Number.NaN).subarray(1);
    const path = join(folder, "bits.safetensors");
    await writeCheckpoint(path, { tensors: new Map([["x", { shape: [4], data }]]), metadata: {} });
    const read = (await readCheckpoint(path)).tensors.get("x")!.data;
    expect(new Uint32Array(read.slice().buffer)).toEqual(new Uint32Array(data.slice().buffer));
  });

  test("writing replaces whole, and leaves no temporary file, also when it fails", async () => {
    const inside = await mkdtemp(join(folder, "inside-"));
    const path = join(inside, "model.safetensors");
    await writeFile(path, "old");
    await writeCheckpoint(path, SMALL);
    expect((await readCheckpoint(path)).tensors.size).toBe(3);
    await expect(writeCheckpoint(join(inside, "absent", "m"), SMALL)).rejects.toThrow(/cannot be written \(ENOENT/);
    await expect(writeCheckpoint(inside, SMALL)).rejects.toThrow(CheckpointError);
    expect(await readdir(inside)).toEqual(["model.safetensors"]);
    expect((await readdir(folder)).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  test("values that do not fit their shape are not written", async () => {
    const path = join(folder, "wrong.safetensors");
    const wrong = new Map([["w", { shape: [2, 2], data: new Float32Array(3) }]]);
    await expect(writeCheckpoint(path, { tensors: wrong, metadata: {} })).rejects.toThrow("w: 3 values are not [2, 2]");
    expect((await readdir(folder)).filter((name) => name.includes("wrong"))).toEqual([]);
  });
});

describe("hostile checkpoint", () => {
  test.each([
    ["nothing", Buffer.alloc(0), "0 bytes are too few for a safetensors file."],
    [
      "a zip archive",
      Buffer.from("PK\x03\x04 and more"),
      "this is a file of PyTorch (.pt, .pth): convert its float32 tensors with safetensors.torch.save_file.",
    ],
    ["a pickle", Buffer.of(0x80, 2, 0x8a, 0x0a, 0x6c), "this is a file of PyTorch"],
    ["a huge header length", fileOf("{}", 0, 2n ** 63n), "a header of 9223372036854775808 bytes"],
    [
      "a header beyond the end",
      fileOf("{}", 0, 500n),
      "the file is cut short: 10 bytes, the header alone ends at 508.",
    ],
    ["no JSON", fileOf("{x"), "the header is no JSON"],
    ["no UTF-8", Buffer.concat([fileOf("", 0, 1n), Buffer.of(0xff)]), "the header is no JSON"],
    ["a list", fileOf([]), "the header is no JSON object."],
    ["metadata of numbers", fileOf({ __metadata__: { a: 1 } }), "__metadata__ must be an object of strings."],
    ["an entry that is no object", fileOf({ a: 3 }), 'tensor "a": its entry is no object.'],
    ["a negative size", fileOf({ a: entry([-1, -1], [0, 4]) }, 4), 'tensor "a": [-1,-1] is no shape.'],
    ["a fraction", fileOf({ a: entry([0.5], [0, 2]) }, 2), 'tensor "a": [0.5] is no shape.'],
    ["sizes whose product overflows", fileOf({ a: entry([2 ** 32, 2 ** 32], [0, 0]) }), "do not hold the shape"],
    ["offsets backwards", fileOf({ a: entry([1], [4, 0]) }, 4), 'tensor "a": -4 bytes do not hold the shape [1].'],
    ["three offsets", fileOf({ a: entry([1], [0, 4, 8]) }, 4), 'tensor "a": [0,4,8] are no data_offsets.'],
    ["offsets beyond 2⁵³", fileOf({ a: entry([1], [0, 2 ** 60]) }, 4), "are no data_offsets."],
    [
      "an overlap",
      fileOf({ a: entry([2], [0, 8]), b: entry([2], [4, 12]) }, 12),
      'tensor "b" overlaps the one before it.',
    ],
    ["a gap", fileOf({ a: entry([1], [4, 8]) }, 8), 'there is a gap of 4 bytes before tensor "a".'],
    ["data cut short", fileOf({ a: entry([2], [0, 8]) }, 6), 'the file is cut short: tensor "a" ends at 8 of 6 bytes'],
    ["data left over", fileOf({ a: entry([1], [0, 4]) }, 6), "2 bytes after the last tensor belong to none."],
  ])("%s: named with the file", async (_, bytes, message) => {
    const path = join(folder, "hostile.safetensors");
    await writeFile(path, bytes);
    const error = await readCheckpoint(path).catch((refused: Error) => refused);
    expect(error).toBeInstanceOf(CheckpointError);
    expect((error as Error).message.startsWith(`${path}: `)).toBe(true);
    expect((error as Error).message).toContain(message);
  });

  test("other number types, an absent file: errors with the path", async () => {
    await expect(readCheckpoint("test/fixtures/checkpoint/half.safetensors")).rejects.toThrow(
      'half.safetensors: tensor "x" is of type "F16"; only F32 can be read.',
    );
    await expect(readCheckpoint(join(folder, "absent"))).rejects.toThrow("the checkpoint cannot be read (ENOENT");
    await expect(readCheckpoint(folder)).rejects.toThrow("the checkpoint cannot be read (EISDIR");
  });
});

test("values: what is not finite is named", () => {
  const shape = [3];
  const tensors = new Map([
    ["whole", { shape, data: Float32Array.of(0, -0, 3.4e38) }],
    ["broken", { shape, data: Float32Array.of(1, Number.NEGATIVE_INFINITY, 2) }],
    ["worse", { shape, data: Float32Array.of(1, 2, Number.NaN) }],
  ]);
  expect(firstNotFinite(tensors)).toBe("broken");
  tensors.delete("broken");
  expect(firstNotFinite(tensors)).toBe("worse");
  tensors.delete("worse");
  expect(firstNotFinite(tensors)).toBeUndefined();
  tensors.set("w", { shape, data: Float32Array.of(1, 2, Number.NaN) });
  const expected = new Map([...tensors.keys()].map((name) => [name, shape]));
  expect(() => requireShapes({ tensors, metadata: {} }, expected, "m")).toThrow(
    "m: w holds values that are not finite; its training diverged.",
  );
});

test("shapes: every layer that differs is listed", () => {
  const shapes = (entries: [string, number[]][]) => new Map(entries);
  const matching: [string, number[]][] = [
    ["G.down.0.weight", [2, 1, 2, 3]],
    ["G.down.0.bias", [2]],
    ["scalar", []],
  ];
  expect(() => requireShapes(SMALL, shapes(matching), "m")).not.toThrow();
  const expected = shapes([
    ["G.down.0.weight", [4, 1, 2, 3]],
    ["G.down.0.bias", [2]],
    ["G.up.0.weight", [8]],
  ]);
  expect(() => requireShapes(SMALL, expected, "m.safetensors")).toThrow(
    new CheckpointError(
      [
        "m.safetensors: 3 layers do not fit this network; was it made with other settings?",
        "  G.down.0.weight: [2, 1, 2, 3], expected [4, 1, 2, 3]",
        "  G.up.0.weight: missing, expected [8]",
        "  scalar: [], not in this network",
      ].join("\n"),
    ),
  );
});
