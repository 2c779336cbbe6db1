/** Cases that the fuzz found, and that catch mutants of the engine: each holds from then on. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { CASES } from "./cases.js";
import { replay } from "./fuzz.js";

test.each(Object.entries(CASES))("a case of the fuzz: %s", async (_, found) => {
  const root = mkdtempSync(join(tmpdir(), "dag-found-"));
  try {
    expect(
      await replay({ ...found, seed: 1, ahead: true, inFile: true, holds: true }, join(root, "case"), true),
    ).toBeUndefined();
  } finally {
    rmSync(root, { recursive: true });
  }
});
