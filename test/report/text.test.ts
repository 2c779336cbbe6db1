/** Figures of a running item as a terminal shows them. */

import { describe, expect, test } from "@jest/globals";
import { failureLines } from "../../src/report/failure.js";
import { inLines, progressTexts } from "../../src/report/text.js";

describe("live figures", () => {
  test("figures: what is done and left comes first, the rest as it came, numbers with four digits", () => {
    const figures = { g_l1: 0.123456, iteration: "3/20", eta: 200, fraction: 0.456, device: "cpu" };
    expect(progressTexts(figures)).toEqual(["46 %", "3 min 20 s left", "g_l1 0.1235", "iteration 3/20", "device cpu"]);
  });

  test("figures: lines are as wide as the terminal, and break between figures alone", () => {
    expect(inLines(["item", "46 %", "g_l1 0.1235", "d_real 0.5"], 24)).toEqual([
      "item  46 %  g_l1 0.1235",
      "d_real 0.5",
    ]);
    expect(inLines(["a figure that is too long", "b"], 10)).toEqual(["a figure that is too long", "b"]);
    expect(inLines([], 10)).toEqual([]);
  });
});

test("a failure: what to do is of its cause, and where a disk is full, to free some space", () => {
  const item = { node: "up", name: "up_1", index: 0, label: "up_1" };
  const told = (message: string) => {
    const failure = { cause: "error", message, attributes: {}, tail: [], log: "", attempts: 1 } as const;
    return failureLines(item, failure).at(-1);
  };
  expect(told("told to fail")).toMatch(/^ {2}to do: its own code refused; /);
  expect(told("ENOSPC: no space left on device, write")).toMatch(
    /^ {2}to do: free some space on the disk of the store/,
  );
});
