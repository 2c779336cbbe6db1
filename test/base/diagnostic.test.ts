import { describe, expect, test } from "@jest/globals";
import { type Diagnostic, render } from "../../src/base/diagnostic.js";

function problem(line: number, column: number, length: number, message = "Wrong."): Diagnostic {
  return { severity: "error", message, place: { file: "g.json", line, column, length } };
}

describe("diagnostics", () => {
  test("diagnostics: the source line with a marker under the place, tabs as one blank", () => {
    expect(render(problem(2, 3, 4), "{\n\t\tnode: 1\n}")).toBe("g.json:2:3 Wrong.\n  2 |   node: 1\n        ~~~~");
  });

  test("diagnostics: of a long line what stands around the place, the marker under it", () => {
    const source = `${"a".repeat(5000)}HERE${"b".repeat(5000)}`;
    const [head, line = "", marker = ""] = render(problem(1, 5001, 4), source).split("\n");
    expect(head).toBe("g.json:1:5001 Wrong.");
    expect(line.length).toBeLessThan(180);
    expect([line.slice(0, 8), line.at(-1)]).toEqual(["  1 | …a", "…"]);
    expect(line.slice(marker.indexOf("~"), marker.length)).toBe("HERE");
    const first = render(problem(1, 1, 9999), source).split("\n");
    expect([first[1]?.slice(0, 8), first[2]?.length]).toEqual(["  1 | aa", first[1]?.length]);
  });

  test("diagnostics: what would move or colour a terminal is spelled", () => {
    const shown = render(problem(1, 2, 1, 'There is no node "\u001b[31m\u202e".'), "{\u001b]0;title\u0007}");
    expect(shown).toBe('g.json:1:2 There is no node "\\u001b[31m\\u202e".\n  1 | {�]0;title�}\n       ~');
  });
});
