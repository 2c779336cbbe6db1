/** Rows of a file alone: they are those of the whole image. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { type OpenedImage, openImage } from "../../src/image/decode.js";
import { valuesOf } from "../../src/image/image.js";

const FIXTURES = "test/fixtures/image";
const ROWS = 3;

/** Undefined where it is refused. */
async function opened(path: string): Promise<OpenedImage | undefined> {
  return openImage(path).catch(() => undefined);
}

describe.each(["tiff", "exr"])("%s", (folder) => {
  const files = readdirSync(join(FIXTURES, folder)).filter((name) => /\.(tif|exr)$/.test(name));
  test.each(files)("%s", async (name) => {
    const image = await opened(join(FIXTURES, folder, name));
    const rows = await image?.rows();
    if (image === undefined || rows === undefined) return;
    const whole = await image.decode();
    const { width, height, channels } = whole;
    for (let top = 0; top < height; top += ROWS) {
      const strip = await rows(top, Math.min(ROWS, height - top));
      const { samples: _, height: __, ...form } = whole;
      expect(strip).toMatchObject(form);
      const [from, to] = [top * width * channels, (top + strip.height) * width * channels];
      expect(valuesOf(strip)).toEqual(valuesOf(whole).subarray(from, to));
    }
  });
});

test("most of these files are read by rows", async () => {
  const paths = ["tiff", "exr"].flatMap((folder) =>
    readdirSync(join(FIXTURES, folder)).map((name) => join(FIXTURES, folder, name)),
  );
  const all = await Promise.all(paths.map(async (path) => (await (await opened(path))?.rows()) !== undefined));
  expect(all.filter(Boolean).length).toBeGreaterThan(50);
});
