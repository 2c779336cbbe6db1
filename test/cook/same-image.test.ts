/** @jest-environment ./dist/test/ml/runtime/environment.js */
/** What a test of a training shows of an image is what its exported model makes of that image: for every kind of values. */
import { mkdirSync, readFileSync } from "node:fs";
import { afterAll, describe, expect, test } from "@jest/globals";
import { decodeImage } from "../../src/image/decode.js";
import { writeImage } from "../../src/image/encode.js";
import type { Depth, Image } from "../../src/image/image.js";
import { imageOfPlanes, planesOf } from "../../src/image/planes.js";
import { decodeModel } from "../../src/ml/onnx/model-bytes.js";
import { CookSpace } from "../helpers/cook-space.js";

const SIDE = 16;
const space = new CookSpace();
afterAll(() => space.remove());

/** Values of a plane: waves of another phase for each sample and channel, from 0 to 1. */
const wave = (sample: number, c: number, at: number) =>
  0.5 + 0.5 * Math.sin((at % SIDE) / (2 + c) + Math.floor(at / SIDE) / (3 + sample) + sample + 2 * c);

interface Kind {
  readonly name: string;
  readonly depth: Depth;
  readonly channels: number;
  readonly alpha: boolean;
  /** Values of inputs and of references where they are not 0 to 1. */
  readonly values?: readonly [(unit: number) => number, (unit: number) => number];
  readonly dataset: Readonly<Record<string, unknown>>;
  /** Largest difference between the test's output and the model's. */
  readonly within: number;
  /** What the exported model's metadata say. */
  readonly metadata: Readonly<Record<string, string>>;
}

const UNIT = "[0,1]";
const plain = { alpha: "drop", input_range: UNIT, output_range: UNIT };
const meters = (unit: number) => -300 + 2500 * unit;
const bright = (unit: number) => 4 * unit;

const KINDS: readonly Kind[] = [
  ...(["rgba", "graya"] as const).flatMap((name): Kind[] => {
    const channels = name === "rgba" ? 4 : 2;
    const image = { depth: 8, channels, alpha: true, within: 1 / 255 } as const;
    return [
      { ...image, name: `${name} dropped`, dataset: { channel_count: 3 }, metadata: { ...plain, channel_count: "3" } },
      {
        ...{ ...image, name: `${name} kept`, dataset: { channel_count: channels, alpha: "keep" } },
        metadata: { ...plain, alpha: "keep", channel_count: String(channels) },
      },
    ];
  }),
  {
    ...{ name: "16 bits", depth: 16, channels: 1, alpha: false, dataset: { channel_count: 1 }, within: 1 / 65535 },
    metadata: plain,
  },
  {
    ...{ name: "meters, measured", depth: "float", channels: 1, alpha: false, values: [(unit) => unit, meters] },
    ...{ dataset: { channel_count: 1, reference_range: "measured" }, within: 2500 * 1e-5 },
    metadata: { ...plain, output_range: expect.stringMatching(/^\[-2\d\d\.?\d*,21\d\d\.?\d*\]$/) as unknown as string },
  },
  {
    ...{
      name: "meters to meters",
      depth: "float",
      channels: 1,
      alpha: false,
      values: [meters, meters],
      within: 2500 * 1e-5,
    },
    dataset: { channel_count: 1, input_range: [-300, 2200], reference_range: [-300, 2200] },
    metadata: { ...plain, input_range: "[-300,2200]", output_range: "[-300,2200]" },
  },
  {
    ...{
      name: "float color above 1",
      depth: "float",
      channels: 3,
      alpha: false,
      values: [bright, bright],
      within: 4e-5,
    },
    dataset: { channel_count: 3, input_range: [0, 4], reference_range: { percentiles: [1, 99] } },
    metadata: {
      ...plain,
      input_range: "[0,4]",
      output_range: expect.stringMatching(/^\[0\.\d+,3\.9\d+\]$/) as unknown as string,
    },
  },
  {
    ...{
      name: "float with alpha kept",
      depth: "float",
      channels: 4,
      alpha: true,
      values: [bright, bright],
      within: 4e-5,
    },
    dataset: { channel_count: 4, alpha: "keep", input_range: [0, 4], reference_range: [0, 4] },
    metadata: { ...plain, alpha: "keep", input_range: "[0,4]", output_range: "[0,4]" },
  },
];

function imageOfKind({ depth, channels, alpha, values }: Kind, side: 0 | 1, sample: number): Image {
  const pixels = SIDE * SIDE;
  const colors = alpha ? channels - 1 : channels;
  const data = Float32Array.from({ length: channels * pixels }, (_, at) => {
    const c = Math.floor(at / pixels);
    const unit = wave(sample + 3 * side, c, at % pixels);
    return c < colors && values ? values[side](unit) : unit;
  });
  return imageOfPlanes({ width: SIDE, height: SIDE, channels }, data, depth, alpha);
}

const homeOf = ({ name }: Kind) => name.replaceAll(/[ ,]+/g, "_");

async function cooked(
  kind: Kind,
  dataset = kind.dataset,
  { index, folder: of }: { index?: number; folder: string } = { folder: "A" },
) {
  const home = homeOf(kind);
  const extension = kind.depth === "float" ? "tif" : "png";
  for (const [side, folder] of [[0, "A"] as const, [1, "B"] as const]) {
    mkdirSync(space.path(`${home}/${folder}`), { recursive: true });
    for (const sample of [0, 1]) {
      await writeImage(space.path(`${home}/${folder}/${sample}.${extension}`), imageOfKind(kind, side, sample));
    }
  }
  const folders = { input_image_dir: `${home}/A`, reference_image_dir: `${home}/B` };
  space.graph(`${home}.json`, {
    t: {
      type: "ml_train_style_transfer",
      params: {
        dataset: { image_size: SIDE, worker_threads: 0, ...folders, ...dataset },
        ...{ training: { max_iterations: 8, learning_rate: 0.002 }, env: { override_device: "cpu", cpu_threads: 1 } },
        ...{ generator: { initial_layer_size: 4 }, discriminator: { initial_layer_size: 4, layers: 1 } },
        test: {
          enabled: true,
          frequency: 8,
          input_type: dataset.input_type ?? "paired_directories",
          ...folders,
          output_dir: `$HIP/out/${home}/test`,
        },
        contact_sheet: { path: `$HIP/out/${home}/sheet.png` },
        preview: {
          input: `${home}/A/0.${extension}`,
          path: `$HIP/out/${home}/preview${index === undefined ? "" : "_{index}"}.${extension}`,
        },
      },
    },
    e: {
      ...{ type: "onnx_export", inputs: ["t"] },
      params: {
        path: `$HIP/out/${home}/m.onnx`,
        tag: `file/model/checkpoint${index === undefined ? "" : `/${index}`}`,
      },
    },
    i: { type: "image_import", params: { directory: `${home}/${of}`, pattern: `0.${extension}` } },
    a: {
      ...{ type: "onnx_apply", inputs: { model: ["e"], images: ["i"] } },
      params: { output: `$HIP/out/${home}/applied.${extension}` },
    },
  });
  const out = `out/${home}`;
  return { ...(await space.cook(`${home}.json`)), out };
}

const warnings = (events: readonly { readonly type: string }[]) =>
  events.filter(({ type }) => type === "warning").map((event) => (event as unknown as { message: string }).message);

/** A file is of the same form as an image, and of the same values. */
async function expectSame(file: string, image: Image, within: number): Promise<void> {
  const other = await decodeImage(space.path(file));
  expect([other.channels, other.alpha, other.depth]).toEqual([image.channels, image.alpha, image.depth]);
  const expected = planesOf(image);
  const worst = planesOf(other).reduce((most, value, at) => Math.max(most, Math.abs(value - expected[at]!)), 0);
  expect(worst).toBeLessThanOrEqual(within * 1.001);
}

/** What a test shows of its input and reference is what the files hold, color by color. */
async function expectShown(kind: Kind, out: string): Promise<void> {
  const colorsOf = ({ alpha, channels }: Image) => (alpha ? channels - 1 : channels);
  for (const [side, name] of [["A", "input"] as const, ["B", "reference"] as const]) {
    const file = space.list(`${out}/test`).find((each) => each.startsWith(`0_8_${name}.`));
    const shown = await decodeImage(space.path(`${out}/test/${file}`));
    const held = await decodeImage(space.path(`${homeOf(kind)}/${side}/0.${kind.depth === "float" ? "tif" : "png"}`));
    const [a, b] = [planesOf(shown), planesOf(held)];
    for (let at = 0; at < Math.min(colorsOf(shown), colorsOf(held)) * SIDE * SIDE; at++) {
      expect(Math.abs(a[at]! - b[at]!)).toBeLessThanOrEqual(kind.within);
    }
  }
}

describe("same image", () => {
  for (const kind of KINDS) {
    test(`same image: ${kind.name}`, async () => {
      const { exit, events, stderr, out } = await cooked(kind);
      expect([exit, exit === 0 ? "" : stderr]).toEqual([0, ""]);
      expect(warnings(events).filter((line) => line.includes("range"))).toEqual([]);
      const extension = kind.depth === "float" ? "tif" : "png";
      const tested = await decodeImage(space.path(`${out}/test/0_8_output.${extension}`));
      for (const other of ["applied", "preview"]) {
        await expectSame(`${out}/${other}.${extension}`, tested, kind.within);
      }
      await expectShown(kind, out);
      expect(await decodeImage(space.path(`${out}/sheet.png`))).toMatchObject({ channels: 3, depth: 8 });
      const { metadata } = decodeModel(readFileSync(space.path(`${out}/m.onnx`)));
      expect(Object.fromEntries(metadata.map(({ key, value }) => [key, value]))).toMatchObject(kind.metadata);
      // The answer spans what the files span: a terrain in meters comes out in meters.
      const spread = Math.max(...planesOf(tested)) - Math.min(...planesOf(tested));
      if (kind.values !== undefined) expect(spread).toBeGreaterThan(kind.values[1](0.2) - kind.values[1](0.1));
    }, 60_000);
  }

  test("same image: unpaired, each generator has the ranges of its own inputs and outputs", async () => {
    const kind = KINDS.find(({ name }) => name === "meters, measured")!;
    const range = { input_type: "unpaired_directories", channel_count: 1, reference_range: [-300, 2200] };
    const { exit, out } = await cooked(kind, range, { index: 1, folder: "B" });
    expect(exit).toBe(0);
    const tested = await decodeImage(space.path(`${out}/test/0_8_fakeA.tif`));
    await expectSame(`${out}/applied.tif`, tested, 1e-5);
    // Heights come in, and a sketch of 0 to 1 comes out; the other generator's answer to it is heights again.
    expect(Math.max(...planesOf(tested))).toBeLessThanOrEqual(1);
    const heights = await decodeImage(space.path(`${out}/test/0_8_recB.tif`));
    expect(Math.max(...planesOf(heights))).toBeGreaterThan(100);
  });

  test("same image: gray with alpha, dropped, is gray three times", async () => {
    const shown = await decodeImage(space.path("out/graya_dropped/test/0_8_input.png"));
    expect([shown.channels, shown.alpha]).toEqual([3, false]);
    const plane = (c: number) => planesOf(shown).slice(c * SIDE * SIDE, (c + 1) * SIDE * SIDE);
    expect(plane(1)).toEqual(plane(0));
    expect(plane(2)).toEqual(plane(0));
  });

  test("same image: alpha that is dropped where channel_count asks for it is an error that names both", async () => {
    for (const [name, channel_count] of [
      ["rgba dropped", 4],
      ["graya dropped", 4],
      ["graya dropped", 2],
    ] as const) {
      const kind = KINDS.find((each) => each.name === name)!;
      const { exit, events } = await cooked(kind, { channel_count });
      expect(exit).toBe(1);
      const said = String(
        (events.find(({ type }) => type === "item_failed") as never as { failure: { message: string } }).failure
          .message,
      );
      expect(said).toContain(`dataset.channel_count is ${channel_count}, 4 of 4 images have alpha, and dataset.alpha`);
      expect(said).toContain("the first is 0.png");
      expect(said).not.toContain(space.folder);
    }
  });

  test("same image: values outside 0 to 1 without a range are warned of, by file and with the range to set", async () => {
    const kind = KINDS.find(({ name }) => name === "meters to meters")!;
    const { events, exit } = await cooked(kind, { channel_count: 1 });
    expect(exit).toBe(0);
    for (const side of ["input", "reference"]) {
      expect(warnings(events).filter((line) => line.includes(`${side} images have values outside`))).toEqual([
        expect.stringMatching(
          new RegExp(
            `2 of 2 ${side} images have values outside 0 to 1; the first is 0\\.tif \\(-\\d+.* to \\d+.*\\)\\..*Fix: set dataset\\.${side}_range to "measured", or to`,
          ),
        ),
      ]);
    }
  });
});
