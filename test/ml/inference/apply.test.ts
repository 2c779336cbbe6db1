/** @jest-environment ./dist/test/ml/runtime/environment.js */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "@jest/globals";
import { applyModel } from "../../../src/ml/inference/apply.js";
import { LARGEST_SIDE, loadModel, type Planes } from "../../../src/ml/inference/image-model.js";
import { reflectedIndices, tilesOf } from "../../../src/ml/inference/tiles.js";
import { GraphWriter } from "../../../src/ml/onnx/graph.js";
import { attribute, ElementType, modelOf, tensorValue } from "../../../src/ml/onnx/model.js";
import { encodeModel } from "../../../src/ml/onnx/model-bytes.js";
import { someValues } from "../reference.js";

const directory = mkdtempSync(join(tmpdir(), "apply-"));
afterAll(() => rmSync(directory, { recursive: true }));
let files = 0;

type Shape = readonly (number | string)[];

/** A model file: what `build` makes of the image, under another input name than the product's. */
function written(
  shape: Shape,
  build: (graph: GraphWriter, x: string) => string,
  metadata: Readonly<Record<string, string>> = {},
  element: number = ElementType.float32,
): string {
  const graph = new GraphWriter();
  const output = build(graph, "image");
  const model = {
    ...{ name: "test", nodes: graph.nodes, initializers: graph.initializers },
    inputs: [tensorValue("image", element, shape)],
    outputs: [tensorValue(output, element, ["n", "c", "h", "w"])],
  };
  const path = join(directory, `${files++}.onnx`);
  writeFileSync(path, encodeModel(modelOf(model, 17, new Map(Object.entries(metadata)))));
  return path;
}

const same = (graph: GraphWriter, x: string) => graph.emit("Mul", [x, graph.floats([1], Float32Array.of(1))]);

function picture(channels: number, height: number, width: number): Planes {
  const data = Float32Array.from(someValues(channels * height * width), (value) => 0.5 + 0.5 * value);
  return { channels, height, width, data };
}

async function applied(path: string, image: Planes): Promise<Planes> {
  const model = await loadModel(path, 1);
  const answer = await applyModel(model, image);
  model.dispose();
  return answer;
}

function expectClose(actual: Planes, expected: Planes): void {
  expect({ ...actual, data: [] }).toEqual({ ...expected, data: [] });
  for (const [at, value] of actual.data.entries()) expect(value).toBeCloseTo(expected.data[at]!, 5);
}

const SIZES = [
  [1, 1],
  [1, 9],
  [8, 8],
  [7, 8],
  [9, 8],
  [30, 21],
  [3, 40],
] as const;

describe("applying image models", () => {
  for (const [height, width] of SIZES) {
    test(`apply: a model that changes nothing changes nothing at ${height}×${width}, fixed or open`, async () => {
      const image = picture(3, height, width);
      expectClose(await applied(written([1, 3, 8, 8], same), image), image);
      expectClose(await applied(written([1, 3, "h", "w"], same, { size_multiple: "4" }), image), image);
      expectClose(await applied(written(["n", 3, 8, "w"], same), image), image);
    });
  }

  test("apply: tiles whose answers differ blend without a seam", async () => {
    // Every tile of a ramp becomes a ramp about zero, so neighbours differ by their distance where they overlap.
    const centred = (graph: GraphWriter, x: string) => {
      const mean = graph.emit("ReduceMean", [x], [attribute.ints("axes", [2, 3])]);
      return graph.emit("Sub", [x, mean]);
    };
    const width = 100;
    const ramp = {
      channels: 1,
      height: 16,
      width,
      data: Float32Array.from({ length: 16 * width }, (_, i) => i % width),
    };
    const answer = await applied(written([1, 1, 16, 16], centred), ramp);
    // Tiles are 12 apart and blend over 4 pixels: a step of 1 − 12 / 4 there, of 1 elsewhere; a seam would step by −11.
    for (let x = 1; x < width; x++) {
      const step = answer.data[x]! - answer.data[x - 1]!;
      expect(step).toBeGreaterThan(-3);
      expect(step).toBeLessThan(1.01);
    }
    expect(answer.data[0]).toBeCloseTo(-7.5, 4);
    expect(answer.data[width - 1]).toBeCloseTo(7.5, 4);
  });

  test("apply: open sizes are filled up to the multiple by reflection, and cropped back", async () => {
    const halved = (graph: GraphWriter, x: string) => {
      const pooled = graph.emit(
        "AveragePool",
        [x],
        [attribute.ints("kernel_shape", [1, 4]), attribute.ints("strides", [1, 4])],
      );
      const scales = graph.floats([4], Float32Array.of(1, 1, 1, 4));
      return graph.emit("Resize", [pooled, "", scales], [attribute.string("mode", "nearest")]);
    };
    const image = { channels: 1, height: 1, width: 6, data: Float32Array.of(0, 0, 0, 4, 8, 12) };
    const answer = await applied(written([1, 1, "h", "w"], halved, { size_multiple: "4" }), image);
    // 8 and 12, then 8 and 4 by reflection.
    expect([...answer.data]).toEqual([1, 1, 1, 1, 8, 8]);
  });

  test("apply: with open sizes a huge image goes through in tiles, which blend", async () => {
    const seen: string[] = [];
    const model = {
      ...{ name: "m", channels: 1, height: undefined, width: undefined, size_multiple: 8 },
      scales: { input: "zero_to_one", output: "zero_to_one" } as const,
      run: async (tile: Planes) => {
        seen.push(`${tile.width}×${tile.height}`);
        return tile;
      },
      dispose: () => undefined,
    };
    const image = picture(1, 3, LARGEST_SIDE + 700);
    expectClose(await applyModel(model, image), image);
    expect(seen).toEqual(["2048×8", "2048×8"]);
    seen.length = 0;
    await applyModel(model, picture(1, LARGEST_SIDE, 1));
    expect(seen).toEqual(["8×2048"]);
  });

  /** Halves, weighs 3×3 pixels of the half, and doubles: 4 pixels to each side. */
  const near = (graph: GraphWriter, x: string) => {
    const pair = attribute.ints("kernel_shape", [2, 2]);
    const half = graph.emit("AveragePool", [x], [pair, attribute.ints("strides", [2, 2])]);
    const weights = graph.floats([1, 1, 3, 3], Float32Array.of(0.1, 0.2, -0.3, 0.4, 0.5, 0.1, -0.2, 0.3, 0.7));
    const weighed = graph.emit("Conv", [half, weights], [attribute.ints("pads", [1, 1, 1, 1])]);
    const scales = graph.floats([4], Float32Array.of(1, 1, 2, 2));
    const whole = graph.emit("Resize", [weighed, "", scales], [attribute.string("mode", "nearest")]);
    return graph.emit("Add", [whole, x]);
  };

  test("apply: tiles whose overlap is four times the receptive field are the whole image's answer, less are not", async () => {
    const model = await loadModel(written([1, 1, "h", "w"], near, { size_multiple: "2" }), 1);
    for (const [height, width] of [
      [75, 101],
      [24, 97],
      [100, 30],
      [9, 5],
    ] as const) {
      const image = picture(1, height, width);
      const whole = await applyModel(model, image);
      const worst = async (overlap: number) => {
        const { data } = await applyModel(model, image, { tiling: { size: 40, overlap } });
        return data.reduce((most, value, at) => Math.max(most, Math.abs(value - whole.data[at]!)), 0);
      };
      expect(await worst(16)).toBeLessThan(1e-6);
      if (width > 40) expect(await worst(0)).toBeGreaterThan(0.01);
    }
    model.dispose();
  });

  test("apply: a stop is heard between tiles", async () => {
    const stop = new AbortController();
    let runs = 0;
    const model = {
      ...{ name: "m", channels: 1, height: undefined, width: undefined, size_multiple: 1 },
      scales: { input: "zero_to_one", output: "zero_to_one" } as const,
      run: async (tile: Planes) => {
        if (++runs === 2) stop.abort();
        return tile;
      },
      dispose: () => undefined,
    };
    const how = { tiling: { size: 8, overlap: null }, signal: stop.signal };
    await expect(applyModel(model, picture(1, 8, 64), how)).rejects.toThrow(/abort/i);
    expect(runs).toBe(2);
  });

  test("apply: files that ask for images without bounds are refused", async () => {
    await expect(loadModel(written([1, 1, 8, 1e6], same), 1)).rejects.toThrow(
      /\.onnx: the model takes images of 1000000 pixels a side; at most 8192 are allowed\.$/,
    );
    const path = written([1, 1, "h", "w"], same, { size_multiple: "1000000000" });
    await expect(loadModel(path, 1)).rejects.toThrow(/the model takes multiples of 1000000000 pixels a side/);
    // What is no number is not believed.
    for (const size_multiple of ["x", "-4", "2.5", "0"]) {
      const image = picture(1, 3, 5);
      expectClose(await applied(written([1, 1, "h", "w"], same, { size_multiple }), image), image);
    }
  });

  test("apply: a model of signed values gets and gives unsigned ones", async () => {
    const negated = (graph: GraphWriter, x: string) => graph.emit("Neg", [x]);
    const path = written([1, 1, 8, 8], negated, { value_range: "minus_one_to_one" });
    const image = picture(1, 10, 9);
    expectClose(await applied(path, image), { ...image, data: image.data.map((value) => 1 - value) });
  });

  test("apply: a model that enlarges gives larger images, other channels too", async () => {
    const larger = (graph: GraphWriter, x: string) => {
      const scales = graph.floats([4], Float32Array.of(1, 1, 2, 2));
      const both = graph.emit("Concat", [x, x], [attribute.int("axis", 1)]);
      return graph.emit(
        "Resize",
        [both, "", scales],
        [
          attribute.string("mode", "nearest"),
          attribute.string("coordinate_transformation_mode", "asymmetric"),
          attribute.string("nearest_mode", "floor"),
        ],
      );
    };
    const image = picture(1, 11, 10);
    const answer = await applied(written([1, 1, 8, 8], larger), image);
    const expected = { channels: 2, height: 22, width: 20, data: new Float32Array(2 * 22 * 20) };
    expected.data.forEach((_, i) => {
      const [y, x] = [Math.floor((i % 440) / 20), i % 20];
      expected.data[i] = image.data[(y >> 1) * 10 + (x >> 1)]!;
    });
    expectClose(answer, expected);
  });

  test("apply: files that are no image model are refused by name, with what they have", async () => {
    const bytes = join(directory, "text.onnx");
    writeFileSync(bytes, "hello");
    await expect(loadModel(bytes, 1)).rejects.toThrow(/text\.onnx: not an ONNX model/);
    const vector = written([1, 10], same);
    await expect(loadModel(vector, 1)).rejects.toThrow(
      /the model's input has 2 axes; it takes "image" float32 \[1, 10\] and returns/,
    );
    const integers = written([1, 3, "h", "w"], (graph, x) => graph.emit("Identity", [x]), {}, ElementType.int64);
    await expect(loadModel(integers, 1)).rejects.toThrow(
      /^.*\.onnx: the model's input is not an image; it takes "image" int64 \[1, 3, h, w\] and returns .*\. An image model takes /,
    );
    await expect(loadModel(join(directory, "none.onnx"), 1)).rejects.toThrow(/ENOENT/);
  });

  test("apply: channels that do not fit, and sizes that are not kept, are refused", async () => {
    await expect(applied(written([1, 3, 8, 8], same), picture(1, 8, 8))).rejects.toThrow(
      "the model takes 3 channels, and the image has 1",
    );
    const smaller = (graph: GraphWriter, x: string) =>
      graph.emit("MaxPool", [x], [attribute.ints("kernel_shape", [2, 2])]);
    await expect(applied(written([1, 1, 8, 8], smaller), picture(1, 8, 8))).rejects.toThrow(
      "the model returns 7 × 7 px for 8 × 8",
    );
  });
});

describe("tiles", () => {
  test("tiles: they cover the axis, overlap by a quarter, and their shares sum to 1", () => {
    for (const [length, size] of [
      [8, 8],
      [9, 8],
      [100, 16],
      [5, 1],
      [7, 3],
      [64, 32],
    ] as const) {
      const sums = new Float64Array(length);
      const tiles = tilesOf(length, size);
      for (const { start, weights } of tiles)
        weights.forEach((share, i) => {
          sums[start + i]! += share;
        });
      for (const sum of sums) expect(sum).toBeCloseTo(1, 6);
      for (const [at, { start }] of tiles.slice(1).entries()) {
        expect(start - tiles[at]!.start).toBeLessThanOrEqual(size - Math.floor(size / 4));
      }
    }
    expect(tilesOf(100, 16).map(({ start }) => start)).toEqual([0, 12, 24, 36, 48, 60, 72, 84]);
    expect(tilesOf(30, 16).map(({ start }) => start)).toEqual([0, 12, 14]);
  });

  test("tiles: reflection does not repeat the edge, goes on as often as needed, and repeats a single pixel", () => {
    expect(reflectedIndices(3, 9)).toEqual([0, 1, 2, 1, 0, 1, 2, 1, 0]);
    expect(reflectedIndices(1, 3)).toEqual([0, 0, 0]);
    expect(reflectedIndices(2, 4)).toEqual([0, 1, 0, 1]);
    expect(reflectedIndices(4, 2)).toEqual([0, 1]);
  });
});
