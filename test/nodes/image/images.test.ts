/** `image_convert`, `image_composite`, `image_montage` and `image_compare` on real files. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { decodeImage as decodeFile, readHeader, valuesOf, writeImage } from "dag-cook/image";
import image_compare from "../../../nodes/image/image_compare.js";
import image_composite from "../../../nodes/image/image_composite.js";
import image_convert from "../../../nodes/image/image_convert.js";
import image_montage from "../../../nodes/image/image_montage.js";
import { imageOfPlanes, planesOf } from "../../../src/image/planes.js";
import { CookSpace, failuresIn } from "../../helpers/cook-space.js";
import { holdsContract } from "../contract.js";
import { copyExample, itemsOf } from "../partition/items.js";
import { cookIn, decodeImage, imageFile, messageOf, rows, testFolder } from "../space.js";

const folder = testFolder();
let made = 0;
const TAG = "file/image";

/** An item with an image of the values given, channel by channel, row by row. */
async function item(planes: readonly (readonly (readonly number[])[])[], depth: 8 | 16 | "float" = 8, alpha = false) {
  const [width, height] = [planes[0]![0]!.length, planes[0]!.length];
  const path = join(folder, `image_${made++}.${depth === "float" ? "tif" : "png"}`);
  const data = Float32Array.from(planes.flat(2));
  await writeImage(path, imageOfPlanes({ width, height, channels: planes.length }, data, depth, alpha));
  return { name: "item", files: [{ path, tag: TAG }] };
}

const ramp = (path: string) => imageFile(join(folder, path), [8, 4, 3], (c, x, y) => (x + 2 * y + c) / 16);
const rampItem = async () => ({ name: "ramp", files: [{ path: await ramp("ramp.png"), tag: TAG }] });
const imageIn = async (outputs: readonly { readonly path: string }[]) => decodeImage(outputs[0]!.path);
const values = (plane: ArrayLike<number>) => Array.from(plane, (value) => Math.round(value * 255));

describe("image_convert", () => {
  const cook = cookIn(folder, image_convert);
  const convert = async (params: object, input: Awaited<ReturnType<typeof rampItem>>) =>
    (await cook({ inputs: [input], params: { ...params } })).items[0]!.outputs;
  const seeThrough = () => item([[[0.5, 0.5]], [[1, 0]], [[0, 1]], [[1, 0.2]]], 8, true);
  holdsContract("image/image_convert", image_convert, {
    base: async () => ({ inputs: [await rampItem()] }),
    changes: async () => ({
      format: { to: { format: "jpeg" } },
      depth: { to: { depth: "16" } },
      range: { to: { range: { from: [0, 2] } } },
      non_finite: {
        from: { non_finite: 0 },
        to: { non_finite: 0.5 },
        inputs: [await item([[[Number.NaN, 0.5]]], "float")],
      },
      width: { to: { width: 4 } },
      height: { to: { height: 2 } },
      fit: { from: { width: 4, height: 4 }, to: { fit: "stretch" } },
      channels: { to: { channels: "gray" } },
      alpha: { to: { alpha: "remove" }, inputs: [await seeThrough()] },
      background: { from: { width: 4, height: 4, fit: "contain" }, to: { background: "#f00" } },
      quality: { from: { format: "jpeg" }, to: { quality: 20 } },
      lossless: { from: { format: "webp" }, to: { lossless: true } },
      exr_type: { from: { format: "exr" }, to: { exr_type: "half" } },
      exr_compression: { from: { format: "exr" }, to: { exr_compression: "piz" } },
      exr_channels: { from: { format: "exr" }, to: { exr_channels: "x,y,z" } },
      raw_type: { from: { format: "raw", channels: "gray" }, to: { raw_type: "float32" } },
      byte_order: { from: { format: "r16", channels: "gray" }, to: { byte_order: "big" } },
      from: { from: { from: "srgb", to: "linear" }, to: { from: "rec709" } },
      to: { from: { from: "srgb", to: "linear" }, to: { to: "rec709" } },
      tag: { to: { tag: "file/image/input" }, refused: true },
      output: { to: { output: "{name}_b.png" } },
    }),
  });

  test("image_convert: heights in metres go to an EXR, a grid, an .hgt and raw floats, and come back exactly", async () => {
    const input = await item(
      [
        [
          [-12.25, 2200.5],
          [0, 1],
        ],
      ],
      "float",
    );
    const heights = (await decodeImage(input.files[0]!.path)).samples;
    for (const [params, reading] of [
      [{ format: "exr", exr_channels: "height" }, { channels: "height" }],
      [{ format: "asc" }, {}],
      [
        { format: "raw", raw_type: "float32", byte_order: "big" },
        { width: 2, height: 2, type: "float32", byteOrder: "big" },
      ],
    ] as const) {
      const [file] = await convert(params, input);
      expect((await decodeFile(file!.path, reading)).samples).toEqual(heights);
    }
    const [hgt] = await convert({ format: "hgt" }, input);
    expect(hgt!.name).toMatch(/\.hgt$/);
    expect([...(await decodeImage(hgt!.path)).samples]).toEqual([-12, 2201, 0, 1]);
    // The heights as 16 bits of their range, and what happens without one.
    const [r16] = await convert({ format: "r16", range: { from: [-500, 2500] } }, input);
    const back = await decodeFile(r16!.path, { width: 2, height: 2 });
    const expected = [-12.25, 2200.5, 0, 1].map((height) => Math.round(((height + 500) / 3000) * 65535));
    expect([...back.samples]).toEqual(expected);
    expect(await messageOf(convert({ format: "r16" }, input))).toBe(
      `${input.files[0]!.path.slice(folder.length + 1)}: The value -12.25 at column 0, row 0 is outside 0 to 1, which uint16 holds. Map it ("range"), or write floats.`,
    );
  });

  test("image_convert: an sRGB image becomes linear, and one end of a transfer alone is a mistake", async () => {
    const input = await item([[[0.5]], [[0]], [[1]]], 16);
    const [exr] = await convert({ format: "exr", from: "srgb", to: "linear" }, input);
    const [gray] = (await decodeImage(exr!.path)).samples;
    expect(gray).toBeCloseTo(((32768 / 65535 + 0.055) / 1.055) ** 2.4, 6);
    const refused = await messageOf(convert({ from: "srgb" }, input));
    expect(refused).toContain('to: needs a value: a transfer has two ends, like "srgb" and "linear"');
  });

  test.each([
    ["png", "png", "ramp.png"],
    ["tiff", "tiff", "ramp.tif"],
    ["jpeg", "jpeg", "ramp.jpg"],
    ["webp", "webp", "ramp.webp"],
    ["avif", "avif", "ramp.avif"],
  ])("image_convert: %s is what its header says, and near the original", async (format, found, name) => {
    const input = await rampItem();
    const outputs = await convert({ format, quality: 100 }, input);
    expect(outputs.map((output) => [output.name, output.tag])).toEqual([[name, TAG]]);
    expect(await readHeader(outputs[0]!.path)).toMatchObject({ format: found, width: 8, height: 4, channels: 3 });
    const [before, after] = [await decodeImage(input.files[0]!.path), await imageIn(outputs)];
    const largest = planesOf(after).reduce(
      (most, value, at) => Math.max(most, Math.abs(value - planesOf(before)[at]!)),
      0,
    );
    expect(largest).toBeLessThan(format === "png" || format === "tiff" ? 1e-6 : 0.05);
  });

  test("image_convert: sizes: one side, inside, contain with background, cover, stretch", async () => {
    const input = await item([
      [
        [0, 0, 1, 1],
        [0, 0, 1, 1],
      ],
    ]);
    const sized = async (params: object) => {
      const image = await imageIn(await convert(params, input));
      return [image.width, image.height, rows(image, 255)] as const;
    };
    expect((await sized({ width: 8 })).slice(0, 2)).toEqual([8, 4]);
    expect((await sized({ height: 1 })).slice(0, 2)).toEqual([2, 1]);
    expect(await sized({ width: 2, height: 2 })).toEqual([2, 1, [[36, 219]]]);
    const both = { width: 2, height: 3, background: "#333333" };
    const contained = [
      [51, 51],
      [36, 219],
      [51, 51],
    ];
    expect(await sized({ ...both, fit: "contain" })).toEqual([2, 3, contained]);
    expect((await sized({ width: 2, height: 2, fit: "cover" }))[2]).toEqual([
      [0, 255],
      [0, 255],
    ]);
    expect((await sized({ width: 4, height: 1, fit: "stretch" }))[2]).toEqual([[0, 0, 255, 255]]);
  });

  test("image_convert: gray is Rec. 709's luma; alpha is kept, laid over the background, or left out", async () => {
    const colors = await item([[[1, 0, 0]], [[0, 1, 0]], [[0, 0, 1]]]);
    expect(values(planesOf(await imageIn(await convert({ channels: "gray" }, colors))))).toEqual([54, 182, 18]);
    const flat = await imageIn(await convert({ alpha: "flatten", background: "#ff0000" }, await seeThrough()));
    expect([flat.channels, values(planesOf(flat))]).toEqual([3, [128, 230, 255, 0, 0, 51]]);
    const without = await imageIn(await convert({ alpha: "remove" }, await seeThrough()));
    expect([without.channels, values(planesOf(without))]).toEqual([3, [128, 128, 255, 0, 0, 255]]);
    expect((await imageIn(await convert({}, await seeThrough()))).alpha).toBe(true);
    // A JPEG has no alpha: it is laid over the background by itself.
    expect((await imageIn(await convert({ format: "jpeg" }, await seeThrough()))).channels).toBe(3);
  });

  test("image_convert: 16 bits and floats stay what they are", async () => {
    const deep = await item([[[0.5001, 0.25]]], 16);
    const image = await imageIn(await convert({ width: 2 }, deep));
    expect([image.depth, Math.round(planesOf(image)[0]! * 65535)]).toEqual([16, 32774]);
    const heights = await imageIn(await convert({ format: "same" }, await item([[[900.5, -3]]], "float")));
    expect([heights.depth, ...planesOf(heights)]).toEqual(["float", 900.5, -3]);
  });

  test("image_convert: heights in meters become 16 bits by their range, and meters again", async () => {
    const heights = [-300, 950, 2199.98, 2200];
    const input = await item([[heights]], "float");
    const from = { format: "png", range: { from: [-300, 2200] } };
    const deep = await convert(from, input);
    const stored = heights.map((height) => Math.round((65535 * (height + 300)) / 2500));
    expect(Array.from(await imageIn(deep).then(planesOf), (value) => Math.round(value * 65535))).toEqual(stored);
    const back = await convert(
      { format: "tiff", range: { to: [-300, 2200] } },
      { name: "deep", files: [{ ...deep[0]!, tag: TAG }] },
    );
    for (const [at, value] of (await imageIn(back).then(planesOf)).entries()) {
      expect(Math.abs(value - heights[at]!)).toBeLessThanOrEqual(2500 / 65535 / 2 + 1e-3);
    }
    // Alpha is no height.
    const seen = await imageIn(await convert({ range: { from: [0, 2] } }, await item([[[1]], [[1]]], 8, true)));
    expect(values(planesOf(seen))).toEqual([128, 255]);
  });

  test("image_convert: values that a PNG clips are warned of, those that are not finite named; a TIFF keeps both", async () => {
    const high = await item([[[-300, 2200, 0.5, 1]]], "float");
    const { warnings } = await cook({ inputs: [high], params: { format: "png" } });
    expect(warnings).toEqual([
      expect.stringMatching(
        /^image_\d+\.tif: 50% of its values are outside 0 to 1 \(-300 to 2200\), and are clipped\. Fix: set range\.from to that of all images, such as \[-300, 2200\], or "format" to "tiff"\.$/,
      ),
    ]);
    expect((await cook({ inputs: [high], params: {} })).warnings).toEqual([]);
    const holed = await item(
      [
        [
          [0.5, Number.NaN],
          [Number.POSITIVE_INFINITY, 1],
        ],
      ],
      "float",
    );
    for (const format of ["png", "jpeg", "webp", "avif"]) {
      expect(await messageOf(convert({ format }, holed))).toMatch(
        /^image_\d+\.tif: the value at x 1, y 0, channel 0 is NaN \(2 of 4 values are not finite\)\. Fix: repair the file, or set "non_finite"/,
      );
    }
    expect([...planesOf(await imageIn(await convert({ format: "tiff" }, holed)))]).toEqual([0.5, NaN, Infinity, 1]);
    expect([...planesOf(await imageIn(await convert({ format: "tiff", non_finite: 0 }, holed)))]).toEqual([
      0.5, 0, 0, 1,
    ]);
    expect(await messageOf(convert({ range: { from: [1, 1] } }, high))).toContain(
      "range.from: the first number must be below",
    );
  });

  test("image_convert: two files of one name, wrong extensions and broken images are errors", async () => {
    const one = await rampItem();
    const twice = { name: "two", files: [...one.files, ...one.files] };
    expect(await messageOf(cook({ inputs: [twice] }))).toContain('Two images would be "ramp.png"');
    expect(await messageOf(convert({ output: "x.gif" }, one))).toBe(
      'output: "x.gif" must end in .png or .tif or .tiff or .jpg or .jpeg or .webp or .avif or .exr or .hgt or .asc or .r16 or .raw',
    );
    expect(await messageOf(convert({ format: "webp", output: "x.png" }, one))).toBe(
      'output: "x.png" must end in .webp',
    );
    expect(await messageOf(convert({ format: "jpeg", depth: "16" }, one))).toContain("16 bits are for PNG");
    expect(await messageOf(convert({ width: 60000, height: 60000, fit: "stretch" }, one))).toContain("above the limit");
    const text = join(folder, "text.png");
    writeFileSync(text, "no image");
    expect(await messageOf(convert({}, { name: "text", files: [{ path: text, tag: TAG }] }))).toContain(
      "text.png: this is not an image",
    );
  });
});

describe("image_convert of rasters", () => {
  const cook = cookIn(folder, image_convert);
  const TIFFS = "test/fixtures/image/tiff";
  const place = { pixel_size: [25, 25], origin: [2600000, 1200000], crs: "EPSG:2056", nodata: -9999 };
  const geo = { pixelSize: [25, 25], origin: [2600000, 1200000], crs: "EPSG:2056", nodata: -9999 };
  const raster = (name: string, width: number, height: number) => ({
    name: "raster",
    attributes: { width, height, ...place },
    files: [{ path: `${TIFFS}/${name}`, tag: TAG }],
  });

  test("image_convert: a TIFF says where it lies, also after a resize; not where it is another part of the raster", async () => {
    const converted = async (params: Readonly<Record<string, unknown>>, width = 4) =>
      readHeader((await cook({ inputs: [raster("geo.tif", width, 3)], params })).items[0]!.outputs[0]!.path);
    expect((await converted({})).geo).toEqual(geo);
    expect((await converted({ width: 8 })).geo).toEqual({ ...geo, pixelSize: [12.5, 12.5] });
    expect((await converted({}, 8)).geo).toEqual({ crs: "EPSG:2056", nodata: -9999 });
    expect((await converted({ width: 2, height: 2, fit: "cover" })).geo).toBeUndefined();
  });

  test.each(["two-planes-8.tif", "four-bands-float.tif", "premultiplied.tif", "three-bands-float.tif"])(
    "image_convert: %s as TIFF holds every value as stored",
    async (name) => {
      const before = await decodeImage(`${TIFFS}/${name}`);
      const { items } = await cook({ inputs: [raster(name, before.width, before.height)], params: { format: "tiff" } });
      const after = await decodeImage(items[0]!.outputs[0]!.path);
      expect({ ...after, samples: valuesOf(after) }).toEqual({ ...before, depth: "float", samples: valuesOf(before) });
    },
  );

  test("image_convert: bands that are not colors are not made colors", async () => {
    const inputs = [raster("four-bands-float.tif", 4, 3)];
    expect(await messageOf(cook({ inputs, params: { format: "png" } }))).toMatch(
      /^4 bands that are not colors cannot be png/,
    );
  });
});

describe("image_composite", () => {
  const cook = cookIn(folder, image_composite);
  const dot = () => item([[[1]]]);
  holdsContract("image/image_composite", image_composite, {
    base: async () => ({ inputs: { main: [await rampItem()], over: [await dot()] } }),
    changes: () => ({
      mode: { to: { mode: "subtract" } },
      opacity: { to: { opacity: 0.5 } },
      place: { to: { place: "top_left" } },
      x: { to: { x: 1 } },
      y: { to: { y: 1 } },
      size: { to: { size: "stretch" } },
      tag: { to: { tag: "file/image/input" }, refused: true },
      over_tag: { to: { over_tag: "file/image/input" }, refused: true },
      output: { to: { output: "over.png" } },
    }),
  });
  const over = async (main: Awaited<ReturnType<typeof item>>, above: typeof main, params: object = {}) => {
    const { items } = await cook({ inputs: { main: [main], over: [above] }, params: { ...params } });
    return imageIn(items[0]!.outputs);
  };

  test.each([
    ["over", 0.75],
    ["add", 1],
    ["subtract", -0.25],
    ["multiply", 0.375],
    ["screen", 0.875],
    ["difference", 0.25],
    ["minimum", 0.5],
    ["maximum", 0.75],
  ])("image_composite: %s of 0.5 and 0.75", async (mode, expected) => {
    // Floats are not clamped; 0.5 + 0.75 is, in the table, that of a quarter less.
    const image = await over(await item([[[mode === "add" ? 0.25 : 0.5]]], "float"), await item([[[0.75]]], "float"), {
      mode,
    });
    expect(planesOf(image)[0]).toBe(expected);
  });

  test("image_composite: alpha of both, as the W3C's formula has it", async () => {
    const below = await item([[[0.2]], [[0.2]], [[0.2]], [[0.4]]], 8, true);
    const above = await item([[[0.8]], [[0.8]], [[0.8]], [[0.6]]], 8, true);
    const image = await over(below, above, { opacity: 0.5 });
    // αs 0.3, αb 0.4: αo 0.58; (0.3·0.6·0.8 + 0.3·0.4·0.8 + 0.7·0.4·0.2) / 0.58
    expect(values(planesOf(image))).toEqual([
      ...Array(3).fill(Math.round((0.296 / 0.58) * 255)),
      Math.round(0.58 * 255),
    ]);
  });

  test("image_composite: it lies where it is said, cut at the edges; gray becomes color where color is laid over it", async () => {
    const gray = await item([
      [
        [0, 0, 0],
        [0, 0, 0],
        [0, 0, 0],
      ],
    ]);
    const pair = await item([[[1, 1]]]);
    expect(rows(await over(gray, pair, { place: "bottom_right", x: 1 }), 255)).toEqual([
      [0, 0, 0],
      [0, 0, 0],
      [0, 0, 255],
    ]);
    expect(rows(await over(gray, pair, { place: "top_left", y: -5 }), 255).flat()).toEqual(Array(9).fill(0));
    const colored = await over(gray, await item([[[1]], [[0]], [[0.4]]]));
    expect([colored.channels, values(planesOf(colored).subarray(18, 27))]).toEqual([3, [0, 0, 0, 0, 102, 0, 0, 0, 0]]);
  });
});

describe("image_montage", () => {
  const cook = cookIn(folder, image_montage);
  const three = async () => [await item([[[1, 1]]]), await item([[[0.6]]]), await item([[[0.2]]])];
  holdsContract("image/image_montage", image_montage, {
    base: async () => ({ inputs: await three(), params: { columns: 2 } }),
    changes: () => ({
      columns: { to: { columns: 3 } },
      width: { to: { width: 4 } },
      height: { to: { height: 4 } },
      gap: { to: { gap: 1 } },
      border: { to: { border: 1 } },
      background: { to: { background: "#00f" } },
      tag: { to: { tag: "file/image/input" }, refused: true },
      output: { to: { output: "all.png" } },
    }),
  });

  test("image_montage: cells in order, images in their middle, gap and border around", async () => {
    const params = { gap: 1, border: 2, background: "#330000" };
    const { items } = await cook({ inputs: await three(), params });
    const image = await imageIn(items[0]!.outputs);
    const [b, full] = [51, 255];
    expect(rows(image, 255)).toEqual([
      Array(9).fill(b),
      Array(9).fill(b),
      [b, b, full, full, b, 153, b, b, b],
      Array(9).fill(b),
      Array(9).fill(b),
      Array(9).fill(b),
      Array(9).fill(b),
    ]);
    // The third image is as bright as the background's red, and alone has green.
    const green = rows({ ...image, samples: image.samples.map((_, at) => image.samples[at + 1] ?? 0) }, 255);
    expect(green[4]).toEqual([0, 0, 51, 0, 0, 0, 0, 0, 0]);
  });

  test("image_montage: larger images are made smaller; the deepest depth counts; too large a grid is refused", async () => {
    const inputs = [
      await item(
        [
          [
            [0.5, 0.5],
            [0.5, 0.5],
          ],
        ],
        16,
      ),
      await item([[[1]]]),
    ];
    const { items } = await cook({ inputs, params: { width: 1, height: 1 } });
    const image = await imageIn(items[0]!.outputs);
    expect([image.width, image.height, image.depth, Math.round(planesOf(image)[0]! * 65535)]).toEqual([
      2, 1, 16, 32768,
    ]);
    expect(await messageOf(cook({ inputs, params: { width: 30000, height: 30000 } }))).toContain("is above the limit");
    expect(await messageOf(cook({ inputs, params: { output: "a.jpg" } }))).toContain("must end in .png, .tif or .exr");
  });
});

describe("image_compare", () => {
  const cook = cookIn(folder, image_compare);
  const tagged = async (planes: Parameters<typeof item>[0], tag: string, depth: 8 | "float" = "float") => {
    const { files } = await item(planes, depth);
    return { name: tag, files: files.map((file) => ({ ...file, tag })) };
  };
  const pair = async () => [
    await tagged(
      [
        [
          [0.5, 0.25],
          [0, 1],
        ],
      ],
      "file/image/output",
    ),
    await tagged(
      [
        [
          [0.5, 0.5],
          [0.5, 1],
        ],
      ],
      "file/image/reference",
    ),
  ];
  holdsContract("image/image_compare", image_compare, {
    base: async () => ({ inputs: await pair() }),
    changes: async () => ({
      tag: { to: { tag: "file/image/reference" }, refused: true },
      reference_tag: { to: { reference_tag: "file/image/output" }, refused: true },
      range: { to: { range: [0, 2] } },
      non_finite: {
        from: { non_finite: 0 },
        to: { non_finite: 1 },
        inputs: [
          await tagged([[[Number.NaN, 0.5]]], "file/image/output"),
          await tagged([[[0.25, 0.5]]], "file/image/reference"),
        ],
      },
      tolerance: { to: { tolerance: 0.3 } },
      metric: { from: { limit: 0.3 }, to: { metric: "max_difference" }, refused: true },
      limit: { to: { limit: 0.1 }, refused: true },
      gain: { to: { gain: 2 } },
    }),
  });

  test("image_compare: the metrics by hand, and the difference as an image", async () => {
    const { items } = await cook({ inputs: await pair(), params: { tolerance: 0.25, gain: 2 } });
    const { attributes, outputs } = items[0]!;
    expect(attributes).toMatchObject({ mae: 0.1875, max_difference: 0.5, different: 0.25 });
    expect(attributes.rmse).toBeCloseTo(Math.sqrt((0.0625 + 0.25) / 4), 12);
    expect(attributes.psnr).toBeCloseTo(10 * Math.log10(1 / 0.078125), 10);
    expect([outputs[0]!.tag, ...planesOf(await imageIn(outputs))]).toEqual(["file/image/difference", 0, 0.5, 1, 0]);
  });

  test("image_compare: heights are measured against their range, and those that no range was given for are warned of", async () => {
    const plane = (offset: number) => [
      Array.from({ length: 16 }, (_, y) => Array.from({ length: 16 }, (_unused, x) => 125 * ((x * y) % 17) + offset)),
    ];
    const inputs = [await tagged(plane(1), "file/image/output"), await tagged(plane(0), "file/image/reference")];
    const { items, warnings } = await cook({ inputs, params: { range: [0, 2001] } });
    // One meter of 2001: 20·log₁₀(2001), and SSIM of the same images scaled to 0..1.
    expect(items[0]!.attributes).toMatchObject({ mae: 1, rmse: 1, max_difference: 1 });
    expect(items[0]!.attributes.psnr).toBeCloseTo(20 * Math.log10(2001), 6);
    expect(items[0]!.attributes.ssim).toBeGreaterThan(0.999);
    expect(warnings).toEqual([]);
    const plain = await cook({ inputs });
    expect(plain.warnings).toHaveLength(2);
    expect(plain.warnings[1]).toMatch(
      /^image_\d+\.tif: values from 0 to 2000 are outside 0 to 1, against which psnr and ssim are measured\. Fix: set "range" to/,
    );
    const holed = [
      await tagged([[[0.5, Number.NaN]]], "file/image/output"),
      await tagged([[[0, 0]]], "file/image/reference"),
    ];
    expect(await messageOf(cook({ inputs: holed }))).toMatch(
      /^image_\d+\.tif: the value at x 1, y 0, channel 0 is NaN \(1 of 2 values are not finite\)\./,
    );
  });

  test("image_compare: equal images; a limit in either direction; images of other sizes", async () => {
    const same = await rampItem();
    const both = { tag: TAG, reference_tag: TAG };
    const { items } = await cook({ inputs: [same, same], params: { ...both, metric: "psnr", limit: 100 } });
    const equal = { mae: 0, rmse: 0, max_difference: 0, different: 0, psnr: 200 };
    expect(items[0]!.attributes).toEqual({ ...equal, ssim: expect.closeTo(1, 9) });
    expect(await messageOf(cook({ inputs: await pair(), params: { limit: 0.1 } }))).toBe(
      "mae is 0.1875, above the limit of 0.1.",
    );
    expect(await messageOf(cook({ inputs: await pair(), params: { metric: "psnr", limit: 60 } }))).toMatch(
      /^psnr is 11\.\d+, below the limit of 60\.$/,
    );
    const other = await item([[[0]]]);
    expect(await messageOf(cook({ inputs: [same, other], params: both }))).toBe(
      "The image has 8×4 pixels and 3 channels, its reference 1×1 pixels and 1 channels; image_convert makes them alike.",
    );
  });
});

describe("images in a graph", () => {
  let space: CookSpace;
  beforeAll(() => {
    space = new CookSpace();
  });
  afterAll(() => space.remove());

  test("images example: it cooks; the files are where the graph says", async () => {
    copyExample(space, "images.json");
    const lost = await itemsOf(space, "images.json", "lost");
    expect(lost).toHaveLength(2);
    for (const { attributes } of lost) expect(Number(attributes.mae)).toBeGreaterThan(0);
    expect(space.list("out/images")).toEqual([
      ...[0, 1, 2].map((column) => `column_${column}.png`),
      ...["rings.jpg", "sheet.png", "slope.jpg"],
    ]);
    expect(readFileSync(space.path("out/images/rings.jpg")).subarray(0, 2)).toEqual(Buffer.of(0xff, 0xd8));
    expect(await readHeader(space.path("out/images/sheet.png"))).toMatchObject({ width: 100, format: "png" });
  });

  test("image_convert: two items that would write one file are refused, with what to do", async () => {
    space.graph("clash.json", {
      images: { type: "image_import", params: { directory: "data/images" } },
      small: { type: "image_convert", inputs: ["images"], params: { width: 8, output: "out/small.png" } },
    });
    const cooked = await space.cook("clash.json");
    expect([cooked.exit, Object.values(failuresIn(cooked))]).toEqual([
      1,
      [expect.stringContaining('both write to "$HIP/out/small.png"')],
    ]);
  });
});
