/** Figures of a running item as a terminal shows them. */
import { describe, expect, test } from "@jest/globals";
import { figureTexts, inLines } from "../../src/report/text.js";

describe("live figures", () => {
  test("figures: what is done and left comes first, the rest as it came, numbers with four digits", () => {
    const figures = { g_l1: 0.123456, iteration: "3/20", eta: 200, fraction: 0.456, device: "cpu" };
    expect(figureTexts(figures)).toEqual(["46 %", "3 min 20 s left", "g_l1 0.1235", "iteration 3/20", "device cpu"]);
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
