import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "@jest/globals";

const SIMULATE = join(import.meta.dirname, "../../bench/simulate.js");

/** What a simulation says, in a process of its own: it hears every promise that is rejected unheard. */
async function simulation(...options: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [SIMULATE, ...options]).catch((error) => error);
  return stdout.replaceAll(/, [\d.]+ s\n/g, "\n");
}

describe("simulated engines", () => {
  test("whatever happens to files, workers and engines, nothing is lost, and nothing believed that is not so", async () => {
    expect(await simulation("--seeds", "0..59")).toBe("60 seeds, 0 of them wrong\n");
  });

  test.each([
    [15, "a result that was lost without power is there again once it is published"],
    [19, "an outcome of work that nobody gave is passed over"],
    [45, "what cannot be tidied away after a commit holds nobody up"],
    [48, "an item whose resume folder cannot be taken over fails by itself"],
    [2220, "what was read while a file was another is not done again, but dropped"],
    [3361, "a loop of which it cannot be told whether it goes on ends no other"],
    [3953, "work without a timeout shares no message with work that has one"],
    [1254, "an output that was torn without power is put there again, whatever its stamp says"],
  ])("seed %i: %s", async (seed) => {
    expect(await simulation("--seeds", String(seed))).toBe("1 seeds, 0 of them wrong\n");
  });

  test("wherever an engine dies, all that was committed is found, and nothing half-written is", async () => {
    const said = await simulation("--crash", "1..3");
    expect(said).toContain("3 crashed graphs, 0 of them wrong\n");
    expect(Number(/(\d+) crash points/.exec(said)?.[1])).toBeGreaterThan(40);
  });

  test("workers of an engine that died reach no folder of the next, though its database was lost and epochs begin anew", async () => {
    expect(await simulation("--crash", "5")).toContain("1 crashed graphs, 0 of them wrong\n");
  });

  test("items begin in the order of their priorities", async () => {
    expect(await simulation("--check", "order")).toBe("1 orders, 0 of them wrong\n");
  });

  test("the database in memory answers as the real one, and both are fenced", async () => {
    expect(await simulation("--check", "database")).toBe("1 databases, 0 of them wrong\n");
  });
});
