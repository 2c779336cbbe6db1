import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { decodeImage } from "../../../src/image/decode.js";
import { imageOfPlanes, planesOf } from "../../../src/image/planes.js";
import { EVENT } from "../../../src/ml/monitor/event.js";
import { EVENT_FILE, EventFileError, EventWriter, readEvents } from "../../../src/ml/monitor/tensorboard.js";
import { crc32c, recordOf, recordsOf } from "../../../src/ml/monitor/tfrecord.js";
import { encode } from "../../../src/ml/onnx/protobuf.js";

const GOLDEN = "test/fixtures/tensorboard/golden.tfevents";

/** A Python that has TensorBoard, to be named by PYTHON where it is not the machine's own. */
const PYTHON = process.env.PYTHON ?? "python3";
const hasTensorBoard = spawnSync(PYTHON, ["-c", "import tensorboard"]).status === 0;
const testInTensorBoard = hasTensorBoard ? test : test.skip;

interface Shown {
  readonly scalars: Readonly<Record<string, readonly (readonly [step: number, value: number, time: number])[]>>;
  readonly images: Readonly<Record<string, readonly (readonly [step: number, w: number, h: number, png: string])[]>>;
}

function showInTensorBoard(folder: string): Shown {
  const { stdout, stderr, status } = spawnSync(PYTHON, ["test/ml/monitor/read_events.py", folder], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Shown;
}

const steps = (shown: Shown, tag: string) => shown.scalars[tag]?.map(([step, value]) => [step, value]);
const red = imageOfPlanes(
  { width: 3, height: 2, channels: 3 },
  Float32Array.from({ length: 18 }, (_, i) => Number(i < 6)),
  8,
);

let folder = "";
let file = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dag-events-"));
  file = join(folder, EVENT_FILE);
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("TensorBoard's own file", () => {
  test("it is read: version, session, scalars, image", async () => {
    const [version, start, first, second, image, ...rest] = readEvents(GOLDEN);
    expect(rest).toEqual([]);
    expect(version).toMatchObject({ wall_time: 1700000000.25, step: 0, file_version: "brain.Event:2" });
    expect(version!.source_metadata!.writer).toBe("tensorboard.summary.writer.event_file_writer");
    expect(start).toMatchObject({ wall_time: 1700000001.5, step: 1, session_log: { status: 1 } });
    const values = (event: typeof first) => event!.summary!.value.map(({ tag, simple_value }) => [tag, simple_value]);
    expect([first!.step, ...values(first)]).toEqual([1, ["loss/g_total", 12.75], ["ssim/train", 0]]);
    expect([second!.step, ...values(second)]).toEqual([300, ["loss/g_total", Math.fround(0.1)], ["ssim/train", -0.5]]);
    expect(image!.step).toBe(2 ** 33);
    const [shown] = image!.summary!.value;
    expect(shown).toMatchObject({ tag: "samples", image: { width: 2, height: 2, colorspace: 3 } });
    const path = join(folder, "image.png");
    writeFileSync(path, shown!.image!.encoded_image_string);
    expect([...planesOf(await decodeImage(path))]).toEqual([1, 0, 0, 1, 0, 1, 0, 1, 0, 0, 1, 1]);
  });

  test("its events are written in the same bytes", () => {
    const written = readEvents(GOLDEN).map((event) => recordOf(encode(EVENT, event)));
    expect(Buffer.concat(written).equals(readFileSync(GOLDEN))).toBe(true);
  });
});

describe("records", () => {
  test("the checksum is CRC-32C: the values of RFC 3720", () => {
    expect(crc32c(Buffer.from("123456789"))).toBe(0xe3069283);
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
    expect(crc32c(new Uint8Array(0))).toBe(0);
  });

  test("cut anywhere, the whole records before the cut are read", () => {
    const golden = readFileSync(GOLDEN);
    const ends = [0];
    for (const { length } of recordsOf(golden).whole) ends.push(ends.at(-1)! + length + 16);
    expect(ends.at(-1)).toBe(golden.length);
    for (let cut = 0; cut <= golden.length; cut++) {
      const { whole, length } = recordsOf(golden.subarray(0, cut));
      const count = ends.filter((end) => end <= cut).length - 1;
      expect([whole.length, length]).toEqual([count, ends[count]]);
    }
  });

  test("any changed byte is told, with its place", () => {
    const golden = readFileSync(GOLDEN);
    for (let at = 0; at < golden.length; at++) {
      const changed = Uint8Array.from(golden);
      changed[at]! ^= 0x10;
      expect(() => recordsOf(changed)).toThrow(/^record [1-5] at byte \d+ is damaged/);
    }
    const path = join(folder, "damaged");
    writeFileSync(path, golden.fill(1, 90, 91));
    expect(() => readEvents(path)).toThrow(
      `${path}: TensorBoard events cannot be read (record 2 at byte 88 is damaged: its checksum does not hold).`,
    );
    expect(() => readEvents(join(folder, "none"))).toThrow(EventFileError);
  });
});

describe("event writer", () => {
  test("figures become tagged scalars, images 8-bit PNGs; times are the clock's, in seconds", async () => {
    const writer = new EventWriter(file, { now: () => 1_700_000_000_250 });
    const figures = {
      lr: 2e-4,
      g_total: 3,
      g_l1: 1e39,
      d_real: Number.NaN,
      cycle_0: 0,
      score_real_1: 0.5,
      ssim_test: 0.25,
    };
    writer.addRow({ step: 7, figures });
    await writer.addImage(8, "samples", { ...red, depth: "float" });
    writer.close();
    const [version, row, image, ...rest] = readEvents(file);
    expect(rest).toEqual([]);
    expect(version).toMatchObject({ wall_time: 1_700_000_000.25, file_version: "brain.Event:2" });
    expect(row!.step).toBe(7);
    expect(Object.fromEntries(row!.summary!.value.map(({ tag, simple_value }) => [tag, simple_value]))).toEqual({
      "training/lr": Math.fround(2e-4),
      "loss/g_total": 3,
      "loss/g_l1": Number.POSITIVE_INFINITY,
      "loss/d_real": Number.NaN,
      "loss/cycle_0": 0,
      "score/real_1": 0.5,
      "ssim/test": 0.25,
    });
    const shown = image!.summary!.value[0]!;
    expect([image!.step, shown.tag, shown.image!.colorspace]).toEqual([8, "samples", 3]);
    const path = join(folder, "image.png");
    writeFileSync(path, shown.image!.encoded_image_string);
    const read = await decodeImage(path);
    expect(read).toMatchObject({ width: 3, height: 2, channels: 3, depth: 8 });
    expect(planesOf(read)).toEqual(planesOf(red));
  });

  test("a resumed run keeps the events before its first step to the byte, and no others", async () => {
    const killed = new EventWriter(file, { now: () => 1000 });
    for (const step of [1, 2, 3, 4]) {
      killed.addRow({ step, figures: { g_total: step } });
      await killed.addImage(step, "samples", red);
    }
    killed.close();
    const [version, ...before] = recordsOf(readFileSync(file)).whole.map(recordOf);
    // A machine that stops may leave a part of a record.
    appendFileSync(file, readFileSync(GOLDEN).subarray(0, 50));
    const resumed = new EventWriter(file, { next_step: 3, now: () => 2000 });
    resumed.addRow({ step: 3, figures: { g_total: 30 } });
    resumed.close();
    const after = recordsOf(readFileSync(file)).whole.map(recordOf);
    expect(Buffer.concat(after.slice(0, 5)).equals(Buffer.concat([version!, ...before.slice(0, 4)]))).toBe(true);
    expect(readEvents(file).map(({ step }) => step)).toEqual([0, 1, 1, 2, 2, 3]);
  });

  test("a run that starts anew drops what was there", () => {
    for (const step of [1, 2]) {
      const writer = new EventWriter(file);
      writer.addRow({ step, figures: { g_total: 1 } });
      writer.close();
    }
    expect(readEvents(file).map(({ step }) => step)).toEqual([0, 2]);
  });

  test("a file that cannot be made is an error with its path", () => {
    const path = join(folder, "none", "file");
    expect(() => new EventWriter(path)).toThrow(EventFileError);
    expect(() => new EventWriter(path)).toThrow(`${path}: TensorBoard events cannot be written (`);
  });

  test("a run that is killed while it writes leaves whole events", async () => {
    const method = pathToFileURL(resolve("dist/src/ml/monitor/tensorboard.js"));
    const code = `
      const { EventWriter } = await import("${method}");
      const writer = new EventWriter(process.argv[1]);
      for (let step = 1; ; step++) {
        writer.addRow({ step, figures: { g_total: step } });
        if (step === 100) process.stdout.write("written");
      }`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", code, file]);
    await once(child.stdout, "data");
    child.kill("SIGKILL");
    await once(child, "close");
    const [version, ...rows] = readEvents(file);
    expect(version!.file_version).toBe("brain.Event:2");
    expect(rows.length).toBeGreaterThanOrEqual(100);
    expect(rows.map(({ step }) => step)).toEqual(rows.map((_, index) => index + 1));
  });
});

describe("TensorBoard", () => {
  testInTensorBoard("TensorBoard: scalars and images of a run are shown", async () => {
    const writer = new EventWriter(file, { now: () => 1_700_000_000_250 });
    for (const step of [1, 2, 300]) writer.addRow({ step, figures: { g_total: step / 2, ssim_train: 0 } });
    await writer.addImage(300, "samples", red);
    writer.close();
    const shown = showInTensorBoard(folder);
    expect(Object.keys(shown.scalars).sort()).toEqual(["loss/g_total", "ssim/train"]);
    expect(shown.scalars["loss/g_total"]).toEqual([1, 2, 300].map((step) => [step, step / 2, 1_700_000_000.25]));
    expect(steps(shown, "ssim/train")).toEqual([1, 2, 300].map((step) => [step, 0]));
    const [[step, width, height, png]] = shown.images.samples as [Shown["images"][string][number]];
    expect([step, width, height]).toEqual([300, 3, 2]);
    const path = join(folder, "image.png");
    writeFileSync(path, Buffer.from(png, "base64"));
    expect(planesOf(await decodeImage(path))).toEqual(planesOf(red));
  });

  testInTensorBoard(
    "TensorBoard: what a killed run did after its last state is shown as the resumed run did it",
    () => {
      const killed = new EventWriter(file);
      for (const step of [1, 2, 3, 4]) killed.addRow({ step, figures: { g_total: step, g_l1: step } });
      killed.close();
      const resumed = new EventWriter(file, { next_step: 3 });
      resumed.addRow({ step: 3, figures: { g_total: 30 } });
      resumed.close();
      const shown = showInTensorBoard(folder);
      expect(steps(shown, "loss/g_total")).toEqual([1, 2, 3].map((step) => [step, step === 3 ? 30 : step]));
      expect(steps(shown, "loss/g_l1")).toEqual([1, 2].map((step) => [step, step]));
    },
  );
});
