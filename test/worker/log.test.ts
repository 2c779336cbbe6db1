import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { ItemLog } from "../../src/worker/log.js";

const folder = mkdtempSync(join(tmpdir(), "dag-log-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("a log is bounded: its beginning is kept, then how much is left out, then its last lines", () => {
  const path = join(folder, "a/log");
  const log = new ItemLog(path, 100);
  for (let line = 0; line < 1000; line++) log.line(`line ${line}`);
  expect(log.tail()).toEqual(Array.from({ length: 20 }, (_, at) => `line ${980 + at}`));
  log.close();
  const lines = readFileSync(path, "utf8").trimEnd().split("\n");
  expect(lines.slice(0, 3)).toEqual(["line 0", "line 1", "line 2"]);
  const kept = lines.findIndex((line) => line.startsWith("…"));
  expect(lines.slice(0, kept).join("\n").length).toBeLessThanOrEqual(100);
  const left = Array.from({ length: 1000 - kept }, (_, at) => `line ${kept + at}`.length + 1).reduce((a, b) => a + b);
  expect(lines[kept]).toBe(`… ${left} characters are left out: a log holds 100. Its last lines:`);
  expect(lines.slice(kept + 1)).toEqual([...log.tail()]);
});

test("the tail of many lines at once is their last ones, and a line of it has an end", () => {
  const log = new ItemLog(join(folder, "b/log"));
  log.line("first");
  log.line(Array.from({ length: 50 }, (_, at) => `line ${at}`).join("\n"));
  expect(log.tail()).toEqual(Array.from({ length: 20 }, (_, at) => `line ${30 + at}`));
  log.line("x".repeat(100_000));
  expect(log.tail().at(-1)).toHaveLength(4096);
  log.close();
});
