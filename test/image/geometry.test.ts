import { readFile } from "node:fs/promises";
import { describe, expect, test } from "@jest/globals";
import { decodeImage } from "../../src/image/decode.js";
import { crop, halves, flipHorizontal as mirror, flipVertical as reverse, rotate } from "../../src/image/geometry.js";
import type { Image } from "../../src/image/image.js";
import { imageOfPlanes, planesOf } from "../../src/image/planes.js";
import { resize } from "../../src/image/resize.js";

/** Value 100·channel + 10·y + x. */
function numbered(width: number, height: number, channels = 1): Image {
  const data = new Float32Array(width * height * channels);
  for (let i = 0; i < data.length; i++) {
    const pixel = i % (width * height);
    data[i] = 100 * Math.floor(i / (width * height)) + 10 * Math.floor(pixel / width) + (pixel % width);
  }
  return imageOfPlanes({ width, height, channels }, data);
}

const values = (image: Image) => Array.from(planesOf(image));
const largest = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i]!)), 0);

describe("geometry", () => {
  test("crop: the box of every channel", () => {
    expect(values(crop(numbered(4, 3, 2), { x: 1, y: 1, width: 2, height: 2 }))).toEqual([
      11, 12, 21, 22, 111, 112, 121, 122,
    ]);
  });

  test("crop: a box that leaves the image or is not whole is an error", () => {
    const image = numbered(4, 3);
    for (const box of [
      { x: 3, y: 0, width: 2, height: 1 },
      { x: -1, y: 0, width: 2, height: 1 },
      { x: 0, y: 0, width: 0, height: 1 },
      { x: 0.5, y: 0, width: 2, height: 1 },
    ]) {
      expect(() => crop(image, box)).toThrow("is not inside an image of 4×3");
    }
  });

  test("halves: left and right, top and bottom", () => {
    const [left, right] = halves(numbered(4, 2));
    expect([values(left), values(right)]).toEqual([
      [0, 1, 10, 11],
      [2, 3, 12, 13],
    ]);
    const [top, bottom] = halves(numbered(2, 2), "top_bottom");
    expect([values(top), values(bottom)]).toEqual([
      [0, 1],
      [10, 11],
    ]);
  });

  test("halves: an odd side is an error that names the size", () => {
    expect(() => halves(numbered(5, 2))).toThrow("An odd width (5×2) cannot be split into left and right.");
    expect(() => halves(numbered(2, 3), "top_bottom")).toThrow(
      "An odd height (2×3) cannot be split into top and bottom.",
    );
  });

  test("flips: mirror every channel", () => {
    expect(values(mirror(numbered(3, 2, 2)))).toEqual([2, 1, 0, 12, 11, 10, 102, 101, 100, 112, 111, 110]);
    expect(values(reverse(numbered(2, 2, 2)))).toEqual([10, 11, 0, 1, 110, 111, 100, 101]);
  });
});

describe("rotate", () => {
  test("quarter turns of a square are exact, counter-clockwise for positive angles", () => {
    const image = numbered(3, 3, 2);
    const quarter = [2, 12, 22, 1, 11, 21, 0, 10, 20];
    expect(largest(planesOf(rotate(image, 90)), [...quarter, ...quarter.map((v) => v + 100)])).toBeLessThan(1e-5);
    expect(largest(planesOf(rotate(image, -90)).slice(0, 9), [...quarter].reverse())).toBeLessThan(1e-5);
    expect(largest(planesOf(rotate(image, 180)), planesOf(reverse(mirror(image))))).toBeLessThan(1e-5);
    expect(planesOf(rotate(image, 0))).toEqual(planesOf(image));
  });

  test("flips come before the turn, at no cost of their own", () => {
    const image = numbered(9, 6, 3);
    for (const [flipHorizontal, flipVertical] of [
      [true, false],
      [false, true],
      [true, true],
    ] as const) {
      const mirrored = flipHorizontal ? mirror(image) : image;
      const flipped = flipVertical ? reverse(mirrored) : mirrored;
      const turned = rotate(image, 33, { flipHorizontal, flipVertical });
      expect(largest(turned.samples, rotate(flipped, 33).samples)).toBeLessThan(1e-4);
    }
  });

  test("by 45° a square is zoomed by √2: a ramp becomes the turned ramp of half the slope", () => {
    const side = 64;
    const ramp = imageOfPlanes(
      { width: side, height: side, channels: 1 },
      Float32Array.from({ length: side * side }, (_, i) => (i % side) + 0.5 - side / 2),
    );
    const turned = rotate(ramp, 45);
    const expected = Float32Array.from({ length: side * side }, (_, i) => {
      const x = (i % side) + 0.5 - side / 2;
      const y = Math.floor(i / side) + 0.5 - side / 2;
      // x·cos − y·sin over the zoom: (x − y)/√2/√2.
      return Math.max(-31.5, Math.min(31.5, (x - y) / 2));
    });
    expect(largest(planesOf(turned), expected)).toBeLessThan(1e-4);
  });

  test.each([
    [40, 40, 1e-3],
    // Beyond the outermost centres, but not beyond the image: less than half a pixel is read from the edge.
    [60, 20, 0.35],
    [20, 60, 0.35],
  ])("no corner of %d×%d is empty: reading never stops at an edge", (width, height, tolerance) => {
    const along = (axis: "x" | "y") =>
      imageOfPlanes(
        { width, height, channels: 1 },
        Float32Array.from({ length: width * height }, (_, i) => (axis === "x" ? i % width : Math.floor(i / width))),
      );
    for (let degrees = -180; degrees <= 180; degrees += 7) {
      const [x, y] = [planesOf(rotate(along("x"), degrees)), planesOf(rotate(along("y"), degrees))];
      /** How far two neighbours in a row lie apart in the image: less where an edge is repeated. */
      const step = (at: number) => Math.hypot(x[at + 1]! - x[at]!, y[at + 1]! - y[at]!);
      const middle = step(Math.floor(height / 2) * width + Math.floor(width / 2));
      for (const corner of [0, width - 2, (height - 1) * width, width * height - 2]) {
        expect(Math.abs(step(corner) - middle)).toBeLessThan(tolerance);
      }
    }
  });
});

describe("resize", () => {
  test("the same numbers as PIL's bilinear filter: shrinking, growing, boxes with fractions", async () => {
    const image = await decodeImage("test/fixtures/image/height-float.tif");
    const golden = JSON.parse(await readFile("test/fixtures/image/golden.json", "utf8")) as {
      resize: { width: number; height: number; box: [number, number, number, number] | null; values: number[] }[];
    };
    expect(golden.resize.length).toBe(6);
    for (const { width, height, box, values: expected } of golden.resize) {
      const part = box ? { x: box[0], y: box[1], width: box[2] - box[0], height: box[3] - box[1] } : undefined;
      // Heights are about 500 m, PIL answers float32.
      expect(largest(planesOf(resize(image, width, height, part)), expected)).toBeLessThan(2e-4);
    }
  });

  test("4 to 2 by hand: the triangle of double width", () => {
    const image = imageOfPlanes({ width: 4, height: 1, channels: 1 }, Float32Array.of(7, 0, 0, 14));
    expect(largest(planesOf(resize(image, 2, 1)), [3, 6])).toBeLessThan(1e-6);
  });

  test("a constant stays constant, every channel by itself", () => {
    const data = new Float32Array(2 * 13 * 9).fill(0.25, 0, 117).fill(3, 117);
    const resized = resize(imageOfPlanes({ width: 13, height: 9, channels: 2 }, data), 5, 20);
    expect(largest(planesOf(resized).subarray(0, 100), new Array(100).fill(0.25))).toBeLessThan(1e-7);
    expect(largest(planesOf(resized).subarray(100), new Array(100).fill(3))).toBeLessThan(1e-6);
  });

  test("its own size answers the image itself; an empty or outside box is an error", () => {
    const image = numbered(4, 3);
    expect(resize(image, 4, 3)).toBe(image);
    expect(() => resize(image, 2, 2, { x: 2, y: 0, width: 3, height: 2 })).toThrow("is not inside an image of 4×3");
    expect(() => resize(image, 2, 2, { x: 0, y: 0, width: 0, height: 2 })).toThrow("is not inside");
  });
});
