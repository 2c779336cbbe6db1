/** @jest-environment ./dist/test/ml/runtime/environment.js */
/** A family without images, by the same doors as translation: what `ml/training` knows of neither holds for both. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { readCheckpoint } from "../../../src/ml/training/checkpoint.js";
import { runTraining } from "../../../src/ml/training/train.js";
import { testFolder } from "../../nodes/space.js";
import { type RegressionOptions, regressionJob, type Table } from "./regression.js";
import { recordedContext } from "./small.js";

const folder = testFolder();
let count = 0;
const fresh = () => join(folder, String(count++));

/** y = 2a − b + 0.5, but for what is added to it. */
function table(pairs: readonly (readonly [a: number, b: number])[], added = 0): Table {
  return {
    inputs: 2,
    x: Float32Array.from(pairs.flat()),
    y: Float32Array.from(pairs, ([a, b]) => 2 * a - b + 0.5 + added),
  };
}

const ROWS = table([
  [1, 0],
  [0, 1],
  [1, 1],
  [-1, 2],
]);
/** By torch.nn.Linear and torch.optim.SGD from these weights, in float64. */
const LOSSES = [2.953125, 1.8227636718749998, 1.1701935791015623, 0.765611576477051];
const OPTIONS: RegressionOptions = {
  ...{ rows: ROWS, held: table([[2, 2]]), first: { weight: [0.5, -0.25], bias: [0.125] } },
  ...{ learning_rate: 0.1, max_iterations: 300, patience: 1000 },
};

async function run(options: RegressionOptions, signal?: AbortSignal, where = fresh()) {
  const deps = recordedContext(join(where, "resume"), signal && { signal });
  const out = join(where, "out");
  return { ...(await runTraining(regressionJob(options), deps, out)), ...deps, out };
}

describe("a family", () => {
  test("family: the losses of its first steps are PyTorch's, and its weights come to the closed form", async () => {
    const checkpoint = { model_path: "{network}_{iteration}.safetensors", save_rate: 3, add_as_outputs: false };
    const params = {
      checkpoint: { ...checkpoint, keep_last: 1, keep_best: 1 },
      plot: { type: "csv", rate: 1, loss: "loss.csv", ssim: null, score: null } as const,
    };
    const { out, figures, files, computed } = await run({ ...OPTIONS, params });
    const rows = readFileSync(join(out, "loss.csv"), "utf8").split("\n");
    expect(rows[0]).toBe("iteration,lr,train,validation");
    const losses = rows.slice(1, 5).map((row) => Number(row.split(",")[2]));
    for (const [at, loss] of LOSSES.entries()) expect(losses[at]).toBeCloseTo(loss, 5);
    const { tensors, metadata } = await readCheckpoint(join(out, "regressor_300.safetensors"));
    expect([...tensors.get("weight")!.data]).toEqual([expect.closeTo(2, 2), expect.closeTo(-1, 2)]);
    expect([...tensors.get("bias")!.data]).toEqual([expect.closeTo(0.5, 2)]);
    expect(metadata).toMatchObject({ network: "regressor", index: "0", iteration: "300", inputs: "2" });
    expect(figures.loss_validation).toBeLessThan(1e-5);
    expect(computed).toEqual({ runtime: "onnxruntime", device: "cpu", devices: 1 });
    expect(files.map(({ kind }) => kind)).toContain("checkpoint");
  });

  test("family: the best of the checkpoints that stay is the one of the lowest loss", async () => {
    const checkpoint = { model_path: "{network}_{iteration}.safetensors", save_rate: 1, add_as_outputs: false };
    // What is held is another function: the loss on it falls first, and rises as the rows are learned.
    const params = { checkpoint: { ...checkpoint, keep_last: 1, keep_best: 1 } };
    const held = table([[1, 1]], -0.9);
    const { files, logged } = await run({ ...OPTIONS, held, max_iterations: 12, params });
    const found = logged.flatMap((line) => /loss_validation (\S+)/.exec(line)?.[1] ?? []).map(Number);
    const best = found.indexOf(Math.min(...found)) + 1;
    expect([found.length, best > 1 && best < 12]).toEqual([12, true]);
    expect(files.filter(({ kind }) => kind === "checkpoint").map(({ iteration }) => iteration)).toEqual([best, 12]);
  });

  test("family: its tests end a training, with the reason in the log", async () => {
    const { figures, logged, partial } = await run({ ...OPTIONS, held: table([[1, 1]], -0.9), patience: 2 });
    expect(figures.iteration).toBeLessThan(12);
    expect(partial).toBe(false);
    expect(logged).toContain("the validation loss has not fallen for 2 tests");
  });

  test("family: a training that is stopped goes on to the same figures", async () => {
    const [whole, where] = [await run({ ...OPTIONS, max_iterations: 20 }), fresh()];
    const stop = new AbortController();
    let steps = 0;
    const deps = recordedContext(join(where, "resume"), {
      signal: stop.signal,
      progress: () => void (++steps === 7 && stop.abort()),
    });
    const job = regressionJob({ ...OPTIONS, max_iterations: 20 });
    expect((await runTraining(job, deps, join(where, "part"))).partial).toBe(true);
    const { figures, logged } = await run({ ...OPTIONS, max_iterations: 20 }, undefined, where);
    expect(logged).toContain("resumed after step 7 of 20");
    expect(figures).toEqual(whole.figures);
  });

  test("family: losses that are no numbers end it in its words", async () => {
    await expect(run({ ...OPTIONS, learning_rate: 1e30 })).rejects.toThrow(
      /^In iteration \d+, step \d+, loss_train is \S+: the training diverged: lower training\.learning_rate, which is 1e\+30 here, or check the table's numbers\.$/,
    );
  });
});
