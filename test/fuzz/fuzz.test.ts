/** What the engine comes to after any edits: that of a clean cook, with no more work than was needed. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "@jest/globals";

const BENCH = join(import.meta.dirname, "../../bench/fuzz.js");
/** `FUZZ_EDITS=10000` in CI: a minute and a half. */
const EDITS = Number(process.env.FUZZ_EDITS ?? 4000);

test("random edits of random graphs: after each, all is as a clean cook makes it, and nothing was cooked without need", async () => {
  const ran = promisify(execFile)(process.execPath, [BENCH, "--edits", String(EDITS), "--seed", "1", "--clean", "25"]);
  // A failing case is told with its seed and its shortest edits.
  const { stdout } = await ran.catch((error: { stdout: string }) => error);
  expect(stdout).toMatch(new RegExp(`^\\{"seed":1,"edits":${EDITS},.*\\}\n$`));
}, 600_000);
