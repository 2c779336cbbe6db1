import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "@jest/globals";

const SIMULATE = join(import.meta.dirname, "../../bench/simulate.js");

/** What a simulation of some seeds says, in a process of its own: it hears every promise that is rejected unheard. */
async function simulation(...options: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [SIMULATE, ...options]).catch((error) => error);
  return stdout.replace(/, [\d.]+ s\n$/, "");
}

describe("simulated engines", () => {
  test("whatever happens to files, workers and engines, nothing is lost, and nothing believed that is not so", async () => {
    expect(await simulation("--seeds", "0..99")).toBe("100 seeds, 0 of them wrong");
  });

  test.each([
    [15, "a result that was lost without power is there again once it is published"],
    [19, "an outcome of work that nobody gave is passed over"],
    [45, "what cannot be tidied away after a commit holds nobody up"],
    [48, "an item whose resume folder cannot be taken over fails by itself"],
  ])("seed %i: %s", async (seed) => {
    expect(await simulation("--seeds", String(seed))).toBe("1 seeds, 0 of them wrong");
  });
});
