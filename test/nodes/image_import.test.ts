/** `image_import` on real folders. */
import { existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { decodeImage, IMAGE_PATTERN as FROM_CODECS, valuesOf } from "dag-cook/image";
import { testNodeType } from "dag-cook/testing";
import { IMAGE_PATTERN } from "../../nodes/image/files/pattern.js";
import image_import from "../../nodes/image/image_import.js";
import { cookIn, imageFile, messageOf, testFolder } from "./space.js";

const folder = testFolder();
const cook = cookIn(folder, image_import);
const directory = join(folder, "images");

async function images(): Promise<string> {
  if (existsSync(directory)) return directory;
  for (const name of ["tile10.png", "tile2.png", "deep/tile1.png"]) {
    await imageFile(join(directory, name), [4, 2, 3], (_, x) => x / 4);
  }
  await imageFile(join(directory, "gray16.png"), [3, 5, 1], (_, x) => x / 4, 16);
  await imageFile(join(directory, "height.tif"), [2, 2, 1], () => 900.5, "float");
  writeFileSync(join(directory, "notes.txt"), "no image");
  return directory;
}

const TIFFS = "test/fixtures/image/tiff";
const EXRS = "test/fixtures/image/exr";

/** A good file among three that are not images. */
async function broken(): Promise<string> {
  const bad = join(folder, "bad");
  await imageFile(join(bad, "good.png"), [2, 2, 1], () => 0.5);
  writeFileSync(join(bad, "text.png"), "this is text");
  writeFileSync(join(bad, "empty.png"), "");
  writeFileSync(join(bad, "pointer.png"), "version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 12345\n");
  return bad;
}

/** A folder with numbers of 16 bits that have no header, and what reads it. */
function rawHeights() {
  const raw = join(folder, "raw");
  mkdirSync(raw, { recursive: true });
  writeFileSync(join(raw, "dem.r16"), Buffer.from(Uint16Array.of(1, 2, 3, 4, 5, 6).buffer));
  return { directory: raw, pattern: "*.r16", width: 3, height: 2 };
}

describe("image_import", () => {
  testNodeType((name, run) => test(name, run), image_import, {
    module: new URL("../../nodes/image/image_import.js", import.meta.url).href,
    base: async () => ({ params: { directory: await images() } }),
    stops: async () => ({ params: { directory: await images(), pattern: "*.tif", channels: "1" } }),
    changes: async () => ({
      directory: { to: { directory: join(await images(), "deep") } },
      pattern: { to: { pattern: "*.tif" } },
      recursive: { to: { recursive: true } },
      limit: { to: { limit: 1 } },
      tag: { to: { tag: "file/image/input" } },
      unreadable: {
        from: { directory: await broken(), unreadable: "skip" },
        to: { unreadable: "error" },
        refused: true,
      },
      channels: { from: { pattern: "*.tif" }, to: { channels: "1,1" } },
      part: { from: { directory: TIFFS, pattern: "pages.tif" }, to: { part: "1" } },
      width: { to: { width: 2 }, refused: true },
      height: { to: { height: 2 }, refused: true },
      raw_type: { from: rawHeights(), to: { raw_type: "int16" } },
      byte_order: { from: rawHeights(), to: { byte_order: "big" } },
      name_parts: { from: { pattern: "tile*.png" }, to: { name_parts: "tile{number:int}.png" } },
      no_match: { from: { pattern: "*.exr", no_match: "empty" }, to: { no_match: "error" }, refused: true },
    }),
  });

  test("image_import: an item per image in natural order, with what its header says; the file is not copied", async () => {
    const { items } = await cook({ params: { directory: await images() } });
    expect(items.map(({ identity }) => identity)).toEqual(["gray16.png", "height.tif", "tile2.png", "tile10.png"]);
    expect(items.map(({ attributes }) => attributes)).toMatchObject([
      { filename: "gray16.png", width: 3, height: 5, channels: 1, bit_depth: 16 },
      { filename: "height.tif", width: 2, height: 2, channels: 1, bit_depth: 32 },
      { filename: "tile2.png", width: 4, height: 2, channels: 3, bit_depth: 8 },
      { filename: "tile10.png" },
    ]);
    const path = join(directory, "tile2.png");
    expect(items[2]!.outputs).toMatchObject([{ path, name: "tile2.png", tag: "file/image" }]);
    expect(items[2]!.attributes.file_size).toBe(statSync(path).size);
  });

  test("image_import: folders below are searched on request, and the limit takes the first", async () => {
    const params = { directory: await images(), recursive: true, pattern: "**/tile*.png", limit: 2 };
    const { items } = await cook({ params });
    expect(items.map(({ identity }) => identity)).toEqual(["deep/tile1.png", "tile2.png"]);
    expect(items[0]!.attributes).toMatchObject({ filename: "tile1.png", directory: "deep", extension: ".png" });
  });

  test("image_import: no match is an error, a warning or nothing, as asked", async () => {
    const params = { directory: await images(), pattern: "*.exr" };
    const message = `No file in the folder ${directory} itself ("recursive" searches below it too) matches "*.exr".`;
    expect(await messageOf(cook({ params }))).toBe(
      `${message} Set "no_match" to "warn" or "empty" where that is meant.`,
    );
    expect(await cook({ params: { ...params, no_match: "warn" } })).toEqual({ items: [], warnings: [message] });
    expect(await cook({ params: { ...params, no_match: "empty" } })).toEqual({ items: [], warnings: [] });
  });

  test("image_import: without a folder, the images of the upstream item, with what their headers say", async () => {
    const files = ["gray16.png", "height.tif"].map((name) => ({ path: join(directory, name), tag: "file/image/made" }));
    const { items } = await cook({ params: { pattern: "*.tif" }, inputs: [{ files }] });
    expect(items).toMatchObject([{ identity: "height.tif", attributes: { width: 2, bit_depth: 32 } }]);
    expect(items[0]!.outputs).toMatchObject([{ name: "height.tif", tag: "file/image/made" }]);
  });

  test("image_import: an absent folder is an error that names it", async () => {
    const absent = join(folder, "absent");
    expect(await messageOf(cook({ params: { directory: absent } }))).toBe(`The folder ${absent} does not exist.`);
  });

  test("image_import: files that are not images fail by themselves, are named in one warning, or are left out", async () => {
    const bad = await broken();
    const directory = { params: { directory: bad } };
    expect(await messageOf(cook(directory))).toMatch(/^empty\.png: the file is empty\.$/);
    const warned = await cook({ params: { directory: bad, unreadable: "warn" } });
    expect(warned.items.map(({ identity }) => identity)).toEqual(["good.png"]);
    expect(warned.warnings).toEqual([
      "3 of 4 files have no item: empty.png: the file is empty. pointer.png: this is a pointer of Git LFS, not the image " +
        'itself. Run "git lfs pull" in its repository. text.png: this is not an image, or its start is damaged. ' +
        "PNG, JPEG, WebP, GIF, AVIF, TIFF, OpenEXR, Radiance HDR, DPX, Cineon, ESRI ASCII grid, SRTM HGT and raw heights can be read.",
    ]);
    expect(await cook({ params: { directory: bad, unreadable: "skip" } })).toMatchObject({
      items: [{ identity: "good.png" }],
      warnings: [],
    });
  });

  test("image_import: extensions in capitals are seen; files of formats that are not read are named", async () => {
    const mixed = join(folder, "mixed");
    for (const name of ["a.png", "B.PNG", "c.Tif"])
      await imageFile(join(mixed, name), [2, 2, 1], () => 0.5, name.endsWith("f") ? "float" : 8);
    for (const name of ["d.heic", "e.PSD"]) writeFileSync(join(mixed, name), "x");
    const { items, warnings } = await cook({ params: { directory: mixed } });
    expect(items.map(({ identity }) => identity)).toEqual(["B.PNG", "a.png", "c.Tif"]);
    expect(warnings).toEqual([
      `2 files look like images and were not taken: d.heic, e.PSD (${mixed}). Their formats are not read; convert them to PNG or TIFF.`,
    ]);
    const capitals = await cook({ params: { directory: mixed, pattern: "*.png" } });
    expect(capitals.items.map(({ identity }) => identity)).toEqual(["B.PNG", "a.png"]);
    expect(capitals.warnings).toEqual([]);
  });

  test("image_import: a layer of an EXR and raw heights become files of their own; without a size the file says what it needs", async () => {
    const params = { directory: EXRS, pattern: "layers.exr" };
    const { items } = await cook({ params: { ...params, channels: "N" } });
    expect(items).toMatchObject([{ attributes: { channels: 3, bit_depth: 32, width: 21, height: 35 } }]);
    const normals = await decodeImage(items[0]!.outputs[0]!.path);
    const whole = await decodeImage(join(EXRS, "layers.exr"), { channels: "N.X,N.Y,N.Z" });
    expect(normals.samples).toEqual(whole.samples);
    const raw = await cook({ params: rawHeights() });
    const heights = await decodeImage(raw.items[0]!.outputs[0]!.path);
    expect([...valuesOf(heights)].map((value) => Math.round(value * 65535))).toEqual([1, 2, 3, 4, 5, 6]);
    const { directory, pattern } = rawHeights();
    expect(await messageOf(cook({ params: { directory, pattern } }))).toBe(
      'dem.r16: a raw file does not say its size. Set "width" and "height".',
    );
  });

  test("image_import: the default pattern is every format that can be read", () => {
    expect(IMAGE_PATTERN).toBe(FROM_CODECS);
  });

  test("image_import: bands of a TIFF by number are written to a file of their own; without a choice five are refused", async () => {
    const params = { directory: TIFFS, pattern: "five-bands.tif" };
    expect(await messageOf(cook({ params }))).toBe(
      "five-bands.tif: its pixels have 5 samples (bands that are not colors), and an image has 1 to 4. " +
        'Set "channels" of image_import to the bands that you want, such as "1,2,3".',
    );
    const { items } = await cook({ params: { ...params, channels: "5,1" } });
    expect(items).toMatchObject([{ attributes: { channels: 2, bit_depth: 16, width: 3, height: 2 } }]);
    const image = await decodeImage(items[0]!.outputs[0]!.path);
    expect(image).toMatchObject({ alpha: false, depth: 16 });
    // Band b has the values 1000 b + 10 y + x.
    expect(image.samples).toEqual(
      Uint16Array.of(5000, 1000, 5001, 1001, 5002, 1002, 5010, 1010, 5011, 1011, 5012, 1012),
    );
    expect(await messageOf(cook({ params: { ...params, channels: "6" } }))).toBe(
      'five-bands.tif: "channels" names "6", and its bands are 1 to 5.',
    );
  });

  test("image_import: where a raster lies on the ground", async () => {
    const { items } = await cook({ params: { directory: TIFFS, pattern: "geo.tif" } });
    expect(items[0]!.attributes).toMatchObject({
      pixel_size: [25, 25],
      origin: [2600000, 1200000],
      crs: "EPSG:2056",
      nodata: -9999,
    });
  });
});
