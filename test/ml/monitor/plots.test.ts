import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { decodeImage } from "../../../src/image/decode.js";
import type { Image } from "../../../src/image/image.js";
import { planesOf } from "../../../src/image/planes.js";
import { plotSvg } from "../../../src/image/plot.js";
import { drawTraining, movingAverage, trainingPlot, trainingPng } from "../../../src/ml/monitor/plots.js";
import { type MetricRow, namesOfKind } from "../../../src/ml/monitor/row.js";
import { csvOf } from "../../../src/ml/monitor/table.js";
import { rowOf } from "../../../src/ml/training/history.js";

/** Losses that fall and jitter; a test at every second iteration. */
const ROWS: readonly MetricRow[] = Array.from({ length: 40 }, (_, index) => {
  const loss = 10 * 0.9 ** index * (index % 2 === 0 ? 2 : 0.5);
  return rowOf({
    iteration: index + 1,
    learning_rate: 2e-4,
    scalars: { g_total: loss, g_l1: loss / 100, d_real: 0.5, score_real: 0.8, score_fake: 0.3 },
    ssim_train: index / 40,
    ...(index % 2 === 1 && { ssim_test: index / 50 }),
  });
});

const lines = (svg: string) => [...svg.matchAll(/<polyline points="([^"]*)"/g)].map(([, text]) => text!.split(" "));
const namesOf = (kind: "loss" | "ssim" | "score") => trainingPlot(kind, ROWS).series.map(({ name }) => name);

/** Pixels of about a colour, in bytes. */
function count(image: Image, color: readonly number[]): number {
  const area = image.width * image.height;
  const data = planesOf(image);
  let found = 0;
  for (let at = 0; at < area; at++) {
    if (color.every((value, c) => Math.abs(data[c * area + at]! * 255 - value) <= 4)) found++;
  }
  return found;
}

describe("moving average", () => {
  test("weights fall by the factor and add up to one from the first point on", () => {
    const averaged = movingAverage(
      [8, 4, 1].map((y, x) => [x, y] as const),
      0.5,
    );
    // 8; (8·½ + 4) / 1½; (8·¼ + 4·½ + 1) / 1¾
    expect(averaged.map(([x]) => x)).toEqual([0, 1, 2]);
    expect(averaged[0]![1]).toBeCloseTo(8, 12);
    expect(averaged[1]![1]).toBeCloseTo(16 / 3, 12);
    expect(averaged[2]![1]).toBeCloseTo(20 / 7, 12);
  });

  test("a value that is not finite interrupts the line, and does not spoil what follows", () => {
    const averaged = movingAverage(
      [3, Number.NaN, Number.POSITIVE_INFINITY, 3].map((y, x) => [x, y] as const),
      0.9,
    );
    expect(averaged.map(([, y]) => y)).toEqual([3, Number.NaN, Number.POSITIVE_INFINITY, expect.closeTo(3, 12)]);
    expect(movingAverage([], 0.9)).toEqual([]);
  });
});

describe("rows", () => {
  test("an iteration's figures are told by kind", () => {
    const figures = { iteration: 3, learning_rate: 1e-4, scalars: { g_gan_0: 1, score_real_0: 0.5 }, ssim_train: 0.25 };
    expect(rowOf(figures)).toEqual({
      step: 3,
      figures: { lr: 1e-4, g_gan_0: 1, score_real_0: 0.5, ssim_train: 0.25 },
    });
    const row = rowOf({ ...figures, ssim_test: 0.5 });
    expect(namesOfKind("loss", [row])).toEqual(["g_gan_0"]);
    expect(namesOfKind("score", [row])).toEqual(["score_real_0"]);
    expect(namesOfKind("ssim", [row])).toEqual(["ssim_train", "ssim_test"]);
    expect(namesOfKind("training", [row])).toEqual(["lr"]);
  });
});

describe("table", () => {
  const row = (step: number, figures: MetricRow["figures"]): MetricRow => ({ step, figures });

  test("a column for each figure of the kind, losses with the learning rate; the one network of a kind has index 0", () => {
    const rows = [row(1, { lr: 0.1, g_total: 3, g_l1: 2, d_real: 4, score_real: 0.5, ssim_train: 0.25 })];
    expect(csvOf("loss", rows)).toBe("iteration,lr,g_total,g_l1_0,d_real_0\n1,0.1,3,2,4\n");
    expect(csvOf("score", rows)).toBe("iteration,real_0\n1,0.5\n");
    expect(csvOf("ssim", rows)).toBe("iteration,train\n1,0.25\n");
  });

  test("figures with an index keep it", () => {
    const rows = [row(1, { lr: 0.1, g_total: 3, g_gan_0: 1, cycle_1: 2, idt_0: 5, d_real_0: 4, score_real_1: 0.5 })];
    expect(csvOf("loss", rows)).toBe("iteration,lr,g_total,g_gan_0,cycle_1,idt_0,d_real_0\n1,0.1,3,1,2,5,4\n");
    expect(csvOf("score", rows)).toBe("iteration,real_1\n1,0.5\n");
  });

  test("what a row lacks is left empty", () => {
    for (const test of ["ssim_test", "ssim_cycle"]) {
      const rows = [row(2, { ssim_train: 0.5 }), row(4, { ssim_train: 0.6, [test]: 0.7 })];
      expect(csvOf("ssim", rows)).toBe("iteration,train,test\n2,0.5,\n4,0.6,0.7\n");
    }
  });
});

describe("training plot", () => {
  test("each shows the figures of its kind, and no other", () => {
    expect(namesOf("loss")).toEqual(["g_total", "g_l1", "d_real"]);
    expect(namesOf("ssim")).toEqual(["train", "test"]);
    expect(namesOf("score")).toEqual(["real", "fake"]);
  });

  test("losses stand on a logarithmic axis, the jitter faint behind a line that is smooth", () => {
    const plot = trainingPlot("loss", ROWS);
    expect(plot.log_y).toBe(true);
    const svg = plotSvg({ ...plot, series: plot.series.slice(0, 1) });
    expect(svg.match(/<g opacity="0\.3">\n<polyline[^\n]*\n<\/g>\n<polyline/g)).toHaveLength(1);
    const [raw, smooth] = lines(svg);
    expect([raw!.length, smooth!.length]).toEqual([40, 40]);
    const turns = (line: string[]) => {
      const heights = line.map((text) => Number(text.split(",")[1]));
      const rises = heights.slice(1).map((y, index) => y < heights[index]!);
      return rises.slice(1).filter((rise, index) => rise !== rises[index]).length;
    };
    expect(turns(raw!)).toBe(38);
    expect(turns(smooth!)).toBeLessThan(20);
  });

  test("similarity is shown as measured, the test's where there was one", () => {
    const { series, log_y } = trainingPlot("ssim", ROWS);
    expect(log_y).toBeUndefined();
    expect(series.map(({ points, trend }) => [points.length, trend])).toEqual([
      [40, undefined],
      [20, undefined],
    ]);
    expect(series[1]!.points.slice(0, 2)).toEqual([
      [2, 1 / 50],
      [4, 3 / 50],
    ]);
  });

  test("it is drawn: the smoothed line in full colour, the raw one in three tenths of it", async () => {
    const image = await drawTraining("loss", ROWS);
    expect(image).toMatchObject({ width: 800, height: 480, channels: 4 });
    const faint = [0, 114, 178].map((value) => 255 - 0.3 * (255 - value));
    expect(count(image, [0, 114, 178])).toBeGreaterThan(100);
    // A line's own edges are faint here and there.
    expect(count(image, faint)).toBeGreaterThan(5 * count(await drawTraining("ssim", ROWS), faint));
  });

  test("the PNG holds what is drawn; equal rows give equal bytes; no rows give an empty plot", async () => {
    const folder = await mkdtemp(join(tmpdir(), "dag-plot-"));
    try {
      const path = join(folder, "score.png");
      const bytes = await trainingPng("score", ROWS);
      await writeFile(path, bytes);
      const [read, drawn] = [await decodeImage(path), await drawTraining("score", ROWS)];
      expect(read).toMatchObject({ width: 800, height: 480, channels: 4 });
      expect(Buffer.compare(read.samples as Uint8Array, drawn.samples as Uint8Array)).toBe(0);
      expect(Buffer.compare(bytes, await trainingPng("score", ROWS))).toBe(0);
    } finally {
      await rm(folder, { recursive: true });
    }
    expect(plotSvg(trainingPlot("loss", []))).toContain(">no data</text>");
  });
});
