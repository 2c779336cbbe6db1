/** What every implementation of history must do: each is tested by these. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type History, memoryKind, textKind } from "../../../src/store/history.js";

const SIZES = memoryKind<{ readonly width: number }>("size");
const TEXTS = textKind("text");

/** `make`: the history in `folder`; `close` ends it, and the same folder can be opened again. */
export function historyConforms(make: (folder: string) => Promise<{ history: History; close(): Promise<void> }>): void {
  let folder = "";
  let opened: { history: History; close(): Promise<void> };
  let history: History;
  const open = async () => {
    opened = await make(folder);
    history = opened.history;
  };
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "dag-history-"));
    await open();
  });
  afterEach(async () => {
    await opened.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const reopen = async () => {
    await opened.close();
    await open();
  };

  test("remembered values: by kind and key, at once and later; the last one decides", async () => {
    history.remember(SIZES, "k", { width: 1 });
    history.remember(TEXTS, "k", 'a "text"\n');
    for (const again of [false, true]) {
      if (again) await reopen();
      expect(history.recall(SIZES, "k")).toEqual({ width: 1 });
      expect(history.recall(TEXTS, "k")).toBe('a "text"\n');
      expect(history.recall(SIZES, "none")).toBeUndefined();
    }
    history.remember(SIZES, "k", { width: 2 });
    expect(history.recall(SIZES, "k")).toEqual({ width: 2 });
  });

  test("remembered values: many at once, in the order of the keys; what cannot be read is not there", async () => {
    const keys = Array.from({ length: 1500 }, (_, place) => `k${place}`);
    for (const [place, key] of keys.entries()) if (place % 3 > 0) history.remember(SIZES, key, { width: place });
    await reopen();
    const found = history.recallMany(SIZES, keys);
    expect(found.map((value) => value?.width)).toEqual(keys.map((_, place) => (place % 3 > 0 ? place : undefined)));
    history.remember(TEXTS, "broken", "{");
    expect(history.recall({ ...SIZES, name: TEXTS.name }, "broken")).toBeUndefined();
    expect(history.recallMany(SIZES, [])).toEqual([]);
  });

  test("runs: numbered upward, the newest first, with forecast and end", async () => {
    const [one, two] = [history.startRun("a.json"), history.startRun("b.json")];
    expect(two).toBeGreaterThan(one);
    history.noteForecast(two, { wall: 3 });
    history.endRun(two, 1, { cooked_fail: 2 }, { wall: 4 });
    await reopen();
    const shown = history.runs(10).map(({ id, graph, exit, counts, forecast, actual }) => {
      return { id, graph, exit, counts, forecast, actual };
    });
    expect(shown).toEqual([
      { id: two, graph: "b.json", exit: 1, counts: { cooked_fail: 2 }, forecast: { wall: 3 }, actual: { wall: 4 } },
      { id: one, graph: "a.json", exit: null, counts: {}, forecast: null, actual: null },
    ]);
    expect(history.runs(1).map(({ id }) => id)).toEqual([two]);
    expect(history.startRun("a.json")).toBeGreaterThan(two);
    expect(history.pastCooks("none")).toEqual([]);
  });
}
