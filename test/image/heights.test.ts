/** Heights of terrain tools, read as GDAL reads them and written for other tools; transfers against the published curves. */
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "@jest/globals";
import { decodeImage, readHeader } from "../../src/image/decode.js";
import { encodeAsc, encodeHgt, encodeRaw } from "../../src/image/encode-heights.js";
import { imageOf, valuesOf } from "../../src/image/image.js";
import { TRANSFERS, type Transfer, transferred } from "../../src/image/transfer.js";

const folder = mkdtempSync(join(tmpdir(), "dag-heights-"));
afterAll(() => rmSync(folder, { recursive: true }));
const GRID = "test/fixtures/image/grid.asc";

function made(name: string, bytes: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

const said = (path: string, reading = {}) =>
  decodeImage(path, reading).then(
    () => "read",
    ({ message }: Error) => message.replace(`${path}: `, ""),
  );
const gray = (width: number, values: readonly number[]) =>
  imageOf({ width, height: values.length / width, channels: 1 }, Float32Array.from(values));

/** (7x + 13y) mod 5000 − 400, with a hole. */
function srtm(side: number): Buffer {
  const bytes = Buffer.alloc(side * side * 2);
  for (let at = 0; at < side * side; at++) {
    bytes.writeInt16BE(((7 * (at % side) + 13 * Math.floor(at / side)) % 5000) - 400, at * 2);
  }
  bytes.writeInt16BE(-32768, (5 * side + 6) * 2);
  return bytes;
}

describe(".hgt", () => {
  test("1201²: every height is GDAL's, and so is its place", async () => {
    const path = made("S03W061.hgt", srtm(1201));
    const { samples: data, ...image } = await decodeImage(path);
    expect(image).toMatchObject({ width: 1201, height: 1201, channels: 1, depth: "float" });
    // GDAL 3.11's band of the same bytes, as float32.
    const sha256 = "186c1a310f56d6893fc0fca1ed9848a58d82af4bffefea82488aeed7fe5ee4bf";
    expect(createHash("sha256").update(new Uint8Array(data.buffer)).digest("hex")).toBe(sha256);
    const { geo } = await readHeader(path);
    expect(geo).toEqual({
      pixelSize: [1 / 1200, 1 / 1200],
      origin: [-61 - 1 / 2400, -2 + 1 / 2400],
      crs: "EPSG:4326",
      nodata: -32768,
    });
    expect(Buffer.from(encodeHgt({ ...image, samples: data })).equals(readFileSync(path))).toBe(true);
  });

  test("what is not a square, or does not fit 16 bits, is said", async () => {
    expect(await said(made("x.hgt", Buffer.alloc(2884800)))).toBe(
      "the image is damaged or cut short (2884800 bytes are not a square of 16-bit heights; 1201² are 2884802, 3601² are 25934402).",
    );
    expect(() => encodeHgt(gray(2, [0, 1]))).toThrow("An .hgt file is square; the image is 2×1. Cut it first.");
    expect(() => encodeHgt(gray(2, [0, 1, 2, 40000]))).toThrow(
      'The value 40000 at column 1, row 1 is outside -32768 to 32767, which int16 holds. Map it ("range"), or write floats.',
    );
    expect([...encodeHgt(gray(1, [Number.NaN]))]).toEqual([0x80, 0]);
  });
});

describe(".asc", () => {
  test("GDAL's grid: numbers and place", async () => {
    const { samples: data, ...image } = await decodeImage(GRID);
    expect(image).toMatchObject({ width: 5, height: 4, channels: 1, depth: "float" });
    const rows = [-12.5, 103.87998962402344, 38.895328521728516, 1.4824342727661133, 122.81900024414062];
    expect([...data.subarray(0, 6), data[19]]).toEqual(
      [...rows, 49.045536041259766, 12.008509635925293].map(Math.fround),
    );
    const { geo } = await readHeader(GRID);
    expect(geo).toEqual({ pixelSize: [25, 25], origin: [600000, 200000], nodata: -9999 });
  });

  test("written and read again: every bit, and the place", async () => {
    const { geo } = await readHeader(GRID);
    const image = await decodeImage(GRID);
    const text = Buffer.from(encodeAsc(image, geo)).toString();
    const head = ["ncols 5", "nrows 4", "xllcorner 600000", "yllcorner 199900", "cellsize 25", "NODATA_value -9999"];
    expect(text.split("\n").slice(0, 7)).toEqual([...head, "-12.5 103.87999 38.89533 1.4824343 122.819"]);
    const again = made("again.asc", text);
    expect((await decodeImage(again)).samples).toEqual(image.samples);
    expect((await readHeader(again)).geo).toEqual(geo);
  });

  test("cell centers, capitals and line ends of other tools", async () => {
    const text = "NCOLS 2\r\nNROWS 1\r\nXLLCENTER 0.5\r\nYLLCENTER 0.5\r\nCELLSIZE 1\r\n1e2 nan\r\n";
    const path = made("other.asc", text);
    expect([...(await decodeImage(path)).samples]).toEqual([100, Number.NaN]);
    expect((await readHeader(path)).geo).toEqual({ pixelSize: [1, 1], origin: [0, 1], nodata: -9999 });
  });

  test.each([
    ["ncols 2\nnrows 2\ncellsize 1\n1 2 3\n", "the image is damaged or cut short (it has 3 of 2×2 numbers)."],
    ["ncols 2\nnrows 1\ncellsize 1\n1 2 3\n", "the image is damaged or cut short (it has more than 2×1 numbers)."],
    [
      "ncols 2\nnrows 1\ncellsize 1\n1 x3\n",
      'the image is damaged or cut short ("x3" at column 1 of row 0 is not a number).',
    ],
    [
      "ncols 90000\nnrows 90000\n1 2",
      "the image is damaged or cut short (27 bytes hold less than 90000×90000 numbers).",
    ],
  ])("%j: said", async (text, words) => {
    expect(await said(made("broken.asc", text))).toBe(words);
  });
});

describe("raw heights", () => {
  test.each([
    ["a.r16", {}, [0, 1, 2, 3, 4, 5].map((v) => Math.fround(v / 65535)), 16],
    ["a.raw", { type: "int16", byteOrder: "big" }, [0, 256, 512, 768, 1024, 1280], "float"],
    ["a.raw", { type: "uint16", byteOrder: "big" }, [0, 1, 2, 3, 4, 5].map((v) => Math.fround((v * 256) / 65535)), 16],
  ])("%s of %j", async (name, reading, expected, depth) => {
    const path = made(name, new Uint8Array(Uint16Array.of(0, 1, 2, 3, 4, 5).buffer));
    const image = await decodeImage(path, { width: 3, height: 2, ...reading } as object);
    expect(image).toMatchObject({ width: 3, height: 2, channels: 1, depth });
    expect([...valuesOf(image)]).toEqual(expected);
  });

  test.each(["int8", "int16", "uint32", "int32", "float32", "float64"] as const)(
    "%s: written and read again",
    async (type) => {
      const values = type.startsWith("u")
        ? [0, 7, 100, 16777216]
        : type === "int8"
          ? [-128, 127, 0, 5]
          : [-400, 2200, 0, 77];
      for (const byteOrder of ["little", "big"] as const) {
        const path = made("b.raw", encodeRaw(gray(2, values), type, byteOrder));
        expect([...(await decodeImage(path, { width: 2, height: 2, type, byteOrder })).samples]).toEqual(values);
      }
    },
  );

  test("what does not fit is said", async () => {
    const path = made("c.r16", Buffer.alloc(32));
    expect(await said(path)).toBe(
      'a raw file does not say its size. Set "width" and "height" (32 bytes would be 4×4 of uint16).',
    );
    expect(await said(path, { width: 5, height: 4 })).toBe(
      "the image is damaged or cut short (5×4 samples of uint16 are 40 bytes; the file has 32).",
    );
    expect(() => encodeRaw(gray(1, [2200]), "uint16", "little")).toThrow(
      'The value 2200 at column 0, row 0 is outside 0 to 1, which uint16 holds. Map it ("range"), or write floats.',
    );
    expect(() => encodeRaw(gray(1, [Number.NaN]), "int32", "little")).toThrow("The value NaN at column 0, row 0");
  });
});

describe("transfer", () => {
  const values = [0, 0.01, 0.04, 0.05, 0.18, 0.5, 0.75, 1, 1.5];
  // The package colour-science 0.4.7 of the same values.
  test.each([
    [
      "srgb",
      "linear",
      [0, 0.000773993808, 0.00309597523, 0.0039359395, 0.027211781, 0.21404114, 0.522521554, 1, 2.53715524],
    ],
    [
      "linear",
      "srgb",
      [0, 0.0998528227, 0.220916363, 0.247800528, 0.46135613, 0.735356983, 0.880825021, 1, 1.19417653],
    ],
    [
      "rec709",
      "linear",
      [0, 0.00222222222, 0.00888888889, 0.0111111111, 0.0475229462, 0.259589401, 0.563522299, 1, 2.30086217],
    ],
    ["linear", "rec709", [0, 0.045, 0.159181244, 0.186452726, 0.409007729, 0.70551509, 0.866551096, 1, 1.21998167]],
    [
      "cineon",
      "linear",
      [
        -0.00565081944, -0.00522077514, -0.00370816683, -0.00311944086, 0.0107206134, 0.256004664, 1.88964433,
        13.5216946, 686.079847,
      ],
    ],
    [
      "linear",
      "cineon",
      [
        0.0928641251, 0.175685948, 0.288993967, 0.311831984, 0.457319613, 0.582688447, 0.633417867, 0.669599218,
        0.720779659,
      ],
    ],
  ] as const)("%s to %s: the published curve", (from, to, expected) => {
    const { samples: data } = transferred(gray(9, values), from, to);
    const worst = Math.max(
      ...data.map((value, at) => Math.abs(value - expected[at]!) / Math.max(1, Math.abs(expected[at]!))),
    );
    expect(worst).toBeLessThan(2e-7);
  });

  test("there and back again, below 0 too; alpha and NaN stay", () => {
    const image = {
      ...imageOf({ width: 2, height: 1, channels: 2 }, Float32Array.of(0.3, 0.5, -0.02, Number.NaN)),
      alpha: true,
    };
    for (const to of TRANSFERS) {
      const away = transferred(image, "linear", to as Transfer);
      const back = transferred(away, to, "linear");
      expect([away.samples[1], away.samples[3]]).toEqual([0.5, Number.NaN]);
      expect(back.samples[0]).toBeCloseTo(0.3, 5);
      // Cineon has no code for what is darker than its blackest.
      expect(back.samples[2]).toBeCloseTo(to === "cineon" ? -0.00565 : -0.02, 4);
    }
  });
});
