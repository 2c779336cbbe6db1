import { appendFileSync, linkSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { compareRuns, courseOf, namesOfRuns } from "../../../src/ml/monitor/compare.js";
import type { MetricRow } from "../../../src/ml/monitor/row.js";
import { describeRun, readSummary, SummaryError, SummaryWriter } from "../../../src/ml/monitor/summary.js";

let folder = "";
let path = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dag-summary-"));
  path = join(folder, "run.summary");
});
afterEach(() => rmSync(folder, { recursive: true }));

const HEAD = '{"format":"dag run summary","version":1,"run":{"layers":8,"norm":"instance"}}\n';
const RUN = { layers: 8, norm: "instance" };

function rowsOf(name: string, values: readonly number[], first = 1): MetricRow[] {
  return values.map((value, index) => ({ step: first + index, figures: { [name]: value } }));
}

function write(rows: readonly MetricRow[], next_step?: number): void {
  const writer = new SummaryWriter(path, RUN, next_step);
  for (const row of rows) writer.addRow(row);
  writer.close();
}

describe("summary file", () => {
  test("a line tells the run, each further one a row; they are read as they were", () => {
    const rows: MetricRow[] = [
      { step: 1, figures: { g_total: 0.1, ssim_train: 1e-9 } },
      { step: 20, figures: { g_total: Number.NaN, ssim_test: 0.5 } },
    ];
    write(rows);
    expect(readFileSync(path, "utf8")).toBe(
      `${HEAD}{"step":1,"g_total":0.1,"ssim_train":1e-9}\n{"step":20,"g_total":null,"ssim_test":0.5}\n`,
    );
    expect(readSummary(path)).toEqual({ run: RUN, rows });
  });

  test("a resumed run repeats what came after its state, and leaves a published file alone", () => {
    write(rowsOf("loss", [1, 2, 3, 4]));
    appendFileSync(path, '{"step":5,"lo');
    linkSync(path, join(folder, "published"));
    write(rowsOf("loss", [30, 40], 3), 3);
    expect(readSummary(path).rows).toEqual([...rowsOf("loss", [1, 2]), ...rowsOf("loss", [30, 40], 3)]);
    expect(readSummary(join(folder, "published")).rows).toEqual(rowsOf("loss", [1, 2, 3, 4]));
  });

  test("a run that starts anew drops what was there; one that is resumed without a file starts with what comes", () => {
    writeFileSync(path, "anything");
    write(rowsOf("loss", [1]));
    expect(readSummary(path).rows).toEqual(rowsOf("loss", [1]));
    rmSync(path);
    write(rowsOf("loss", [7], 7), 7);
    expect(readSummary(path).rows).toEqual(rowsOf("loss", [7], 7));
  });

  test("what is no summary, or damaged, is an error with its line", () => {
    const problem = (text: string) => {
      writeFileSync(path, text);
      try {
        readSummary(path);
      } catch (error) {
        expect(error).toBeInstanceOf(SummaryError);
        return (error as Error).message.replace(path, "FILE");
      }
      return "none";
    };
    expect(problem("")).toBe("FILE: this is no summary of a run.");
    expect(problem('{"a":1}\n')).toBe("FILE: this is no summary of a run.");
    expect(problem(HEAD.trimEnd())).toBe("FILE: this is no summary of a run.");
    expect(problem(HEAD.replace('version":1', 'version":2'))).toBe(
      "FILE: a summary of version 2 is not known: it is of another version of dag.",
    );
    expect(problem("iteration,train\n")).toMatch(/^FILE:1: the line is no JSON \(/);
    expect(problem(`${HEAD}[1]\n`)).toBe("FILE:2: the line is no JSON object.");
    expect(problem(`${HEAD}{"step":1}\n{"loss":1}\n`)).toBe('FILE:3: the row has no whole number as its "step".');
    expect(problem(`${HEAD}{"step":1,"loss":"1"}\n`)).toBe('FILE:2: "loss" is no number.');
    expect(problem(`${HEAD}{"step":2}\n{"step":2}\n`)).toBe("FILE:3: step 2 comes after step 2.");
    expect(problem(HEAD)).toBe("none");
    rmSync(path);
    expect(() => readSummary(path)).toThrow(/run\.summary: the summary cannot be read \(ENOENT/);
    expect(() => new SummaryWriter(join(folder, "none", "run.summary"), {})).toThrow(/cannot be written \(ENOENT/);
  });
});

describe("comparison", () => {
  test("a figure's course: its end, its extremes where they were first, and where it crossed a level", () => {
    const course = (values: readonly number[], level?: number) => courseOf("loss", rowsOf("loss", values), level);
    expect(course([5, 2, 6, 2, 3], 3)).toEqual({
      final: { step: 5, value: 3 },
      lowest: { step: 2, value: 2 },
      highest: { step: 3, value: 6 },
      crossed: 2,
    });
    expect(course([0.1, 0.2, 0.3, 0.25], 0.3)!.crossed).toBe(3);
    expect(course([1, 2], 1)!.crossed).toBe(1);
    expect(course([5, 4], 3)!.crossed).toBeNull();
    expect(course([5, 4])!.crossed).toBeNull();
    expect(course([Number.NaN, 2, Number.POSITIVE_INFINITY, Number.NaN])).toMatchObject({
      final: { step: 2, value: 2 },
      highest: { step: 2, value: 2 },
    });
    expect(course([])).toBeNull();
    expect(course([Number.NaN])).toBeNull();
  });

  test("runs that were written are compared figure by figure", () => {
    write([
      { step: 10, figures: { g_total: 9, ssim_test: 0.2 } },
      { step: 20, figures: { g_total: 4, ssim_test: 0.6 } },
      { step: 30, figures: { g_total: 5, ssim_test: 0.5 } },
    ]);
    const a = readSummary(path);
    write([
      { step: 10, figures: { g_total: 8 } },
      { step: 20, figures: { g_total: 7 } },
    ]);
    const [loss, ssim, ...rest] = compareRuns([a, readSummary(path)], { g_total: 5 });
    expect(rest).toEqual([]);
    expect(loss).toMatchObject({
      figure: "g_total",
      courses: [
        { crossed: 20, final: { step: 30, value: 5 }, lowest: { step: 20, value: 4 } },
        { crossed: null, final: { step: 20, value: 7 } },
      ],
    });
    expect(ssim).toMatchObject({ figure: "ssim_test", courses: [{ highest: { step: 20, value: 0.6 } }, null] });
  });

  test("runs are named by the settings in which they differ, and by numbers where they do not", () => {
    const [a, b, c] = [
      { layers: 8, norm: "instance" },
      { layers: 8, norm: "batch" },
      { layers: 7, norm: "batch", dropout: 0 },
    ];
    expect(namesOfRuns([a!, b!])).toEqual(["norm instance", "norm batch"]);
    expect(namesOfRuns([a!, c!])).toEqual(["layers 8, norm instance, dropout –", "layers 7, norm batch, dropout 0"]);
    expect(namesOfRuns([a!, b!, a!])).toEqual(["norm instance, run 0", "norm batch", "norm instance, run 2"]);
    expect(namesOfRuns([a!])).toEqual(["run 0"]);
  });
});

describe("description of a run", () => {
  test("settings in groups have dotted names, lists are text", () => {
    const settings = {
      side: 16,
      schedule: { step_size: 50 },
      optimizer: { beta: [0.5, 0.999] },
      dataset: { crop: null },
    };
    expect(describeRun(settings)).toEqual({
      ...{ side: 16, "schedule.step_size": 50, "optimizer.beta": "0.5, 0.999", "dataset.crop": null },
    });
  });
});
