/** TIFFs of many kinds: what is read is what tifffile and Pillow read from the same files, or it is refused in words. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { decodeImage, readHeader } from "../../src/image/decode.js";
import { type Image, valuesOf } from "../../src/image/image.js";

const FOLDER = "test/fixtures/image/tiff";

interface Golden {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly depth: Image["depth"];
  readonly alpha: boolean;
  readonly associated: boolean;
  /** Interleaved; JSON has no NaN. */
  readonly values: readonly (number | "NaN")[];
}

const golden = JSON.parse(await readFile(join(FOLDER, "golden.json"), "utf8")) as Readonly<Record<string, Golden>>;

describe("TIFF", () => {
  test.each(Object.keys(golden))("%s: every value as the reference reads it", async (name) => {
    const { values, associated, ...shape } = golden[name]!;
    const image = await decodeImage(join(FOLDER, name));
    expect(image).toMatchObject(shape);
    expect(image.associated ?? false).toBe(associated);
    expect(Array.from(valuesOf(image))).toEqual(values.map((value) => Math.fround(Number(value))));
    const { width, height, channels, depth, alpha } = await readHeader(join(FOLDER, name));
    expect({ width, height, channels, depth, alpha }).toEqual(shape);
  });

  test.each([
    ["five-bands.tif", /its pixels have 5 samples \(bands that are not colors\).* Set "channels" of image_import/],
    ["cmyk.tif", /CMYK inks, which cannot be taken for RGB, are not supported\. Convert to RGB, or set "channels"/],
    ["complex.tif", /complex numbers are not supported\. Convert to two bands/],
    ["lzma.tif", /LZMA compression is not supported\. Write the TIFF again with LZW/],
  ])("%s: refused with what it is and what helps", async (name, words) => {
    await expect(decodeImage(join(FOLDER, name))).rejects.toThrow(words);
    await expect(readHeader(join(FOLDER, name))).rejects.toThrow(words);
  });

  test("channels by number, in the order in which they are named, of inks too; pages by number", async () => {
    const bands = await decodeImage(join(FOLDER, "five-bands.tif"), { channels: "4, 2" });
    expect(bands).toMatchObject({ channels: 2, alpha: false, depth: 16 });
    const numbers = [4000, 2000, 4001, 2001, 4002, 2002, 4010, 2010, 4011, 2011, 4012, 2012];
    expect(bands.samples).toEqual(Uint16Array.from(numbers));
    const inks = await decodeImage(join(FOLDER, "cmyk.tif"), { channels: "1,2,3,4" });
    expect(inks).toMatchObject({ channels: 4, alpha: false, depth: 8 });
    const page = await decodeImage(join(FOLDER, "pages.tif"), { part: "1" });
    expect(page.samples[11]).toBe(2200);
    await expect(decodeImage(join(FOLDER, "pages.tif"), { part: "2" })).rejects.toThrow("it has 2 pages");
    await expect(decodeImage(join(FOLDER, "five-bands.tif"), { channels: "nir" })).rejects.toThrow(
      '"channels" names "nir", and its bands are 1 to 5.',
    );
  });

  test("GeoTIFF: pixel size, origin, coordinate system and no data", async () => {
    expect((await readHeader(join(FOLDER, "geo.tif"))).geo).toEqual({
      pixelSize: [25, 25],
      origin: [2600000, 1200000],
      crs: "EPSG:2056",
      nodata: -9999,
    });
  });

  test.each(["lzw.tif", "zstd.tif", "packbits.tif", "big-tiff.tif"])(
    "%s cut short or with a byte flipped: damaged, or the same pixels; never another error",
    async (name) => {
      const whole = await readFile(join(FOLDER, name));
      const { writeFile, mkdtemp, rm } = await import("node:fs/promises");
      const folder = await mkdtemp("/tmp/dag-tiff-");
      try {
        for (let at = 0; at < whole.length; at += 17) {
          const flipped = Buffer.from(whole);
          flipped[at]! ^= 0xff;
          for (const [kind, bytes] of Object.entries({ cut: whole.subarray(0, at), flipped })) {
            const path = join(folder, `${kind}${at}.tif`);
            await writeFile(path, bytes);
            const said = await decodeImage(path, { pixels: 1e6 }).then(
              () => "",
              (error: Error) => error.name,
            );
            expect(["", "ImageError"]).toContain(said);
          }
        }
      } finally {
        await rm(folder, { recursive: true });
      }
    },
  );
});
