import { describe, expect, test } from "@jest/globals";
import { createReporter } from "../../src/report/reporter.js";

describe("events as JSON", () => {
  test("each tells when it happened, though those of one turn are written together", async () => {
    const written: string[] = [];
    const stream = { write: (text: string) => written.push(text) } as unknown as NodeJS.WriteStream;
    let now = 1000;
    const turn: (() => void)[] = [];
    const after = (_: number, run: () => void) => {
      turn.push(run);
      return () => {};
    };
    const clock = { now: () => now, after };
    const { sink, end } = await createReporter("json", stream, {}, { clock });
    sink({ type: "warning", node: "a", message: "one\u0007" });
    now = 1007;
    sink({ type: "watch_waiting" });
    expect(written).toEqual([]);
    turn[0]!();
    sink({ type: "watch_waiting" });
    end();
    expect(
      written.map((text) =>
        text
          .trimEnd()
          .split("\n")
          .map((line) => JSON.parse(line)),
      ),
    ).toEqual([
      [
        { version: 3, time: 1000, type: "warning", node: "a", message: "one\u0007" },
        { version: 3, time: 1007, type: "watch_waiting" },
      ],
      [{ version: 3, time: 1007, type: "watch_waiting" }],
    ]);
  });
});
