/** Graphs of many nodes: what a terminal, and a file of plain lines, are not flooded with. */
import { PassThrough } from "node:stream";
import { describe, expect, test } from "@jest/globals";
import type { CookEvent } from "../../src/event/event.js";
import { blockLines } from "../../src/report/block.js";
import { createReporter } from "../../src/report/reporter.js";
import { Tally } from "../../src/report/tally.js";
import { CACHED, DONE } from "../../src/workitem/outcome.js";

const names = Array.from({ length: 60 }, (_, place) => `node${place}`);

function stateOf(node: string, to: "cooked_cache" | "cooked_success" | "cooking" | "waiting"): CookEvent {
  const item = { node, name: `${node}_1`, index: 0, label: node };
  const event: CookEvent = { type: "item_state", item, from: "waiting", to };
  if (to === "cooked_cache") return { ...event, outcome: CACHED };
  return to === "cooked_success" ? { ...event, outcome: DONE } : event;
}

function began(): CookEvent[] {
  const started: CookEvent = {
    type: "cook_started",
    graph: "a.json",
    run: 1,
    nodes: names,
    rules: {},
    slots: { cpu: 1, gpu: 0 },
  };
  const generated = names.map((node): CookEvent => ({ type: "node_generated", node, items: 1, complete: true }));
  return [started, ...names.map((node) => stateOf(node, "waiting")), ...generated];
}

const counts = { uncooked: 0, waiting: 0, scheduled: 0, cooking: 0, cooked_fail: 0, cooked_cancel: 0 };
const finished: CookEvent = {
  type: "cook_finished",
  exit: 0,
  seconds: 1,
  counts: { ...counts, cooked_cache: 59, cooked_success: 1 },
  cooked: 1,
  partial: 0,
  notScheduled: 0,
};

async function plainLines(events: readonly CookEvent[]): Promise<string[]> {
  const stream = new PassThrough();
  const reporter = await createReporter("plain", stream as never, {});
  for (const event of events) reporter.sink(event);
  reporter.end();
  return String(stream.read()).trimEnd().split("\n");
}

describe("many nodes", () => {
  test("plain: fifty nodes with nothing to cook are told, then how many more; each that cooked is", async () => {
    const ends = names.map((node) => stateOf(node, node === "node57" ? "cooked_success" : "cooked_cache"));
    const lines = await plainLines([...began(), ...ends, finished]);
    expect([lines[0], lines[49]]).toEqual(["node0: 1 item: 1 cached", "node49: 1 item: 1 cached"]);
    expect(lines.slice(50)).toEqual([
      "node57: 1 item: 1 cooked",
      "9 more nodes with nothing to cook: 9 items",
      "Done: 1 cooked, 59 cached (1.0 s).",
    ]);
  });

  test("a terminal: all nodes where they have room, else those that run or failed and a line for the rest", () => {
    const tally = new Tally();
    for (const event of began()) tally.add(event);
    tally.add(stateOf("node3", "cooked_cache"));
    tally.add(stateOf("node58", "cooking"));
    tally.add({ type: "node_failed", node: "node12", message: "No." });
    expect(blockLines(tally, 1, { columns: 80, rows: 61 })).toHaveLength(60);
    expect(blockLines(tally, 1, { columns: 80, rows: 24 })).toEqual([
      "✗ node12  1 item",
      "› node58  0/1, 1 running",
      "  58 more nodes: 1 of 58 items done",
    ]);
    tally.add(stateOf("node7", "cooked_success"));
    expect(blockLines(tally, 1, { columns: 80, rows: 24 })).toEqual([
      "  node7   1 item: 1 cooked",
      "✗ node12  1 item",
      "› node58  0/1, 1 running",
      "  57 more nodes: 1 of 57 items done",
    ]);
    expect(blockLines(tally, 1, { columns: 80, rows: 3 })).toEqual([
      "✗ node12  1 item",
      "  59 more nodes: 2 of 59 items done",
    ]);
  });
});
