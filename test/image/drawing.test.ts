import { describe, expect, test } from "@jest/globals";
import type { Image } from "../../src/image/image.js";
import { imageOfPlanes } from "../../src/image/planes.js";
import { plotSvg } from "../../src/image/plot.js";
import { scaleOf } from "../../src/image/scale.js";
import { contactSheet } from "../../src/image/sheet.js";
import { escapeText, renderSvg } from "../../src/image/svg.js";

const flat = (width: number, height: number, colors: number[]) =>
  imageOfPlanes(
    { width, height, channels: colors.length },
    Float32Array.from({ length: width * height * colors.length }, (_, i) => colors[Math.floor(i / (width * height))]!),
    8,
  );

const pixel = ({ width, channels, samples }: Image, x: number, y: number) =>
  Array.from(samples.subarray((y * width + x) * channels, (y * width + x + 1) * channels));

/** Pixels of a region that are darker than half. */
function dark(image: Image, x0: number, y0: number, x1: number, y1: number): number {
  let count = 0;
  for (let y = y0; y < y1; y++) for (let x = x0; x < x1; x++) if (pixel(image, x, y)[0]! < 128) count++;
  return count;
}

describe("contact sheet", () => {
  test("rows and columns stand in their cells, fitted and centred, with labels beside and above", async () => {
    const red = flat(8, 8, [1, 0, 0]);
    const wideGray = flat(8, 4, [0.2]);
    const sheet = await contactSheet({
      columns: ["input", "output"],
      rows: [
        { label: "first", images: [red, wideGray] },
        { label: "second", images: [undefined, red] },
      ],
      cell: 32,
    });
    const left = sheet.width - 2 * 38;
    expect(sheet).toMatchObject({ channels: 3, depth: 8, height: 22 + 2 * 38 + 6 });
    expect(pixel(sheet, left + 1, 23)).toEqual([255, 0, 0]);
    expect(pixel(sheet, left + 38 + 16, 22 + 16)).toEqual([51, 51, 51]);
    // The wide image is 32×16: eight rows of white above it.
    expect(pixel(sheet, left + 38 + 16, 22 + 4)).toEqual([255, 255, 255]);
    expect(pixel(sheet, left + 16, 22 + 38 + 16)).toEqual([255, 255, 255]);
    expect(pixel(sheet, left + 38 + 16, 22 + 38 + 16)).toEqual([255, 0, 0]);
    expect(dark(sheet, 0, 22, left, 22 + 32)).toBeGreaterThan(10);
    expect(dark(sheet, left, 0, sheet.width, 20)).toBeGreaterThan(10);
  });

  test("alpha is laid over white; labels with markup are text", async () => {
    const clear = imageOfPlanes({ width: 2, height: 2, channels: 4 }, new Float32Array(16), 8, true);
    const sheet = await contactSheet({
      columns: ["<b>&\"'"],
      rows: [{ label: "a\u0000</svg>", images: [clear] }],
      cell: 16,
    });
    expect(pixel(sheet, sheet.width - 10, sheet.height - 10)).toEqual([255, 255, 255]);
  });

  test("one that cannot be drawn is an error", async () => {
    const rows = Array.from({ length: 300 }, () => ({ label: "", images: [] }));
    await expect(contactSheet({ columns: [], rows })).rejects.toThrow("use fewer rows or smaller cells");
  });
});

describe("plot", () => {
  const series = [
    { name: "up <1>", points: [1, 2, 3].map((x) => [x, 10 ** x] as const) },
    { name: "broken", points: [[1, 5] as const, [2, Number.NaN] as const, [3, 50] as const] },
  ];

  test("lines go through their points, a logarithmic axis is straight for powers, names are escaped", () => {
    const svg = plotSvg({ title: "losses", x_label: "iteration", y_label: "L1", log_y: true, series });
    const line = /<polyline points="([^"]*)"/.exec(svg)![1]!;
    const points = line.split(" ").map((text) => text.split(",").map(Number));
    expect(points).toHaveLength(3);
    expect(points[1]![0]).toBeCloseTo((points[0]![0]! + points[2]![0]!) / 2, 1);
    expect(points[0]![1]! - points[1]![1]!).toBeGreaterThan(50);
    // The value 5 is below 10, so the axis starts there; powers of ten are evenly spaced.
    expect(points[0]![1]! - points[1]![1]!).toBeCloseTo(points[1]![1]! - points[2]![1]!, 1);
    expect(svg).toContain("up &lt;1&gt;");
    expect(svg).toContain(">losses</text>");
  });

  test("a value that is not finite interrupts the line: two points stay", () => {
    const svg = plotSvg({ series: [series[1]!] });
    expect(svg).not.toContain("<polyline");
    expect(svg.match(/<circle/g)).toHaveLength(2);
  });

  test("it is drawn: white paper with the series' colour on it", async () => {
    const image = await renderSvg(plotSvg({ series, width: 300, height: 200 }));
    expect(image).toMatchObject({ width: 300, height: 200, channels: 4, alpha: true });
    expect(pixel(image, 1, 1)).toEqual([255, 255, 255, 255]);
    const blue = [0, 114, 178, 255].join();
    const shown = Array.from({ length: 300 * 200 }, (_, i) => pixel(image, i % 300, Math.floor(i / 300)).join());
    expect(shown.filter((color) => color === blue).length).toBeGreaterThan(20);
  });

  test("nothing to show, one value, equal values: still a plot", () => {
    expect(plotSvg({ series: [] })).toContain(">no data</text>");
    expect(plotSvg({ series: [{ name: "a", points: [[1, -1]] }], log_y: true })).toContain(">no data</text>");
    expect(plotSvg({ series: [{ name: "a", points: [[1, 3]] }] })).not.toMatch(/NaN|Infinity/);
  });
});

describe("scale", () => {
  test("ticks at 1, 2, 5 times powers of ten", () => {
    const labels = (values: number[], log: boolean) => scaleOf(values, log, [0, 100]).ticks.map(({ label }) => label);
    expect(labels([0, 1], false)).toEqual(["0", "0.2", "0.4", "0.6", "0.8", "1"]);
    expect(labels([-30, 100], false)).toEqual(["0", "50", "100"]);
    expect(labels([0.0002, 0.0004], false)).toEqual(["2e-4", "2.5e-4", "3e-4", "3.5e-4", "4e-4"]);
    expect(labels([1, 1000], true)).toEqual(["1", "10", "100", "1000"]);
    expect(labels([1, 50], true)).toEqual(["1", "2", "5", "10", "20", "50"]);
  });
});

test("text: markup and forbidden characters are replaced", () => {
  expect(escapeText(`a<b>&"c"'d'\u0001\ud800é😀`)).toBe("a&lt;b&gt;&amp;&quot;c&quot;&#39;d&#39;\ufffd\ufffdé😀");
});
