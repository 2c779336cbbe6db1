/** Associated alpha: kept as it is stored, divided where a format is straight, and light is added where nothing is covered. */
import { expect, test } from "@jest/globals";
import { straightened } from "../../src/image/associated.js";
import { layOver, plainImage } from "../../src/image/composite.js";
import { encodePng } from "../../src/image/encode.js";
import { type Image, imageOf } from "../../src/image/image.js";

/** Half a covered red, and a glow of blue that covers nothing. */
const image: Image = {
  ...imageOf({ width: 2, height: 1, channels: 4 }, Float32Array.of(0.5, 0, 0, 0.5, 0, 0, 0.25, 0), "float", true),
  associated: true,
};

test("associated alpha: colors are divided for formats with straight alpha", async () => {
  const straight = straightened(image);
  expect(Array.from(straight.samples)).toEqual([1, 0, 0, 0.5, 0, 0, 0.25, 0]);
  expect(straight).not.toHaveProperty("associated");
  expect(await encodePng(image)).toEqual(await encodePng(straight));
});

test("associated alpha: laid over gray, color = image + (1 - alpha) * gray", () => {
  const canvas = plainImage(2, 1, "#808080", "float");
  const gray = canvas.samples[0]!;
  layOver(canvas, image, { x: 0, y: 0 });
  const expected = [0.5 + gray / 2, gray / 2, gray / 2, gray, gray, gray + 0.25];
  for (const [at, value] of expected.entries()) expect(canvas.samples[at]).toBeCloseTo(value, 6);
});
