/** A monitor that goes on after an attempt that left damaged files. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { describeRun, readSummary } from "../../../src/ml/monitor/summary.js";
import { EVENT_FILE, readEvents } from "../../../src/ml/monitor/tensorboard.js";
import { Monitor } from "../../../src/ml/training/monitor.js";
import { SavedFiles } from "../../../src/ml/training/saved.js";
import { testFolder } from "../../nodes/space.js";
import { recordedContext, smallParams } from "./small.js";

const folder = testFolder();

test("monitor: rows and events of an earlier attempt that are damaged are left out, with a warning each", async () => {
  mkdirSync(join(folder, "board"));
  for (const name of ["run.summary", `board/${EVENT_FILE}`]) writeFileSync(join(folder, name), "no such thing at all");
  const context = recordedContext(join(folder, "resume"));
  const params = smallParams({ summary: { path: "run.summary" }, tensorboard: { path: "board" } });
  const files = new SavedFiles(folder, []);
  const sources = { params, files, context, run: describeRun({}) };
  const monitor = await Monitor.open(sources as never, 3);
  monitor.addRow({ step: 3, figures: { g_total: 0.5 } }, false);
  monitor.close();
  expect(context.warned).toEqual([
    expect.stringMatching(new RegExp(`${EVENT_FILE.replaceAll(".", "\\.")}.* What it held is left out\\.$`)),
    expect.stringMatching(/run\.summary.* What it held is left out\.$/),
  ]);
  expect(readEvents(join(folder, "board", EVENT_FILE)).map(({ step }) => step)).toContain(3);
  expect(readSummary(join(folder, "run.summary")).rows.map(({ step }) => step)).toEqual([3]);
});
