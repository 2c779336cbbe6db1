/** @jest-environment ./dist/test/ml/runtime/environment.js */
/** Trainings that are killed, stopped, damaged or continued, in real processes and real files. */
import { spawn } from "node:child_process";
import { cpSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { beforeAll, describe, expect, test } from "@jest/globals";
import type { Dataset } from "../../../src/ml/data/samples.js";
import { readSummary } from "../../../src/ml/monitor/summary.js";
import { EVENT_FILE, readEvents } from "../../../src/ml/monitor/tensorboard.js";
import { readCheckpoint, writeCheckpoint } from "../../../src/ml/training/checkpoint.js";
import type { TrainingContext } from "../../../src/ml/training/job.js";
import type { TrainingProgress } from "../../../src/ml/training/snapshot.js";
import { train } from "../../../src/ml/translation/train.js";
import { messageOf, testFolder } from "../../nodes/space.js";
import { DEEP, jobOf, recordedContext, smallParams, smallSamples } from "./small.js";

const folder = testFolder();
let count = 0;
const fresh = () => join(folder, String(count++));

/** Names and bytes of all files below a folder; of TensorBoard's events, all but their times. */
function bytesIn(path: string): Readonly<Record<string, string>> {
  const names = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const files = names.map(({ name, parentPath }) => {
    const file = join(parentPath, name);
    const events = () => readEvents(file).map(({ wall_time: _, ...event }) => event);
    return [name, name === EVENT_FILE ? JSON.stringify(events()) : readFileSync(file).toString("base64")];
  });
  return Object.fromEntries(files.sort());
}

/** Runs `train-process`; it is killed where it puts its state in place for that many times. */
function runProcess(where: string, kill?: number): Promise<readonly string[]> {
  const [script, held] = ["train-process.js", "held.js"].map((name) => join(import.meta.dirname, name));
  const env = { ...process.env, KILL_AT: String(kill), KILL_ENGINE: "" };
  const args = ["--import", pathToFileURL(held!).href, script!, where];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"], env });
  let printed = "";
  return new Promise((resolve) => {
    child.stdout.on("data", (text: Buffer) => {
      printed += text;
    });
    child.on("close", () => resolve(printed.trim().split("\n")));
  });
}

describe("resume", () => {
  test("resume: a training that is killed twice ends with the bytes of an uninterrupted one", async () => {
    const [whole, killed] = [fresh(), fresh()];
    const steps = (lines: readonly string[]) => lines.filter((line) => line.startsWith("step")).length;
    expect(steps(await runProcess(whole))).toBe(6);
    // Within the first iteration, and within the second.
    expect(steps(await runProcess(killed, 1))).toBe(1);
    expect(steps(await runProcess(killed, 4))).toBe(4);
    const third = await runProcess(killed);
    expect(third).toContain("resumed after step 3 of 6");
    expect(steps(third)).toBe(3);
    expect(Object.keys(bytesIn(join(whole, "out"))).sort()).toEqual(
      [
        ...[1, 2, 3].flatMap((iteration) => [
          `discriminator_${iteration}.safetensors`,
          `generator_${iteration}.safetensors`,
          `generator_${iteration}.safetensors.state`,
        ]),
        ...["loss.csv", "ssim.csv", EVENT_FILE, "run.summary", "sheet_2.png", "sheet_3.png"],
      ].sort(),
    );
    expect(bytesIn(join(killed, "out"))).toEqual(bytesIn(join(whole, "out")));
    expect(readSummary(join(killed, "out", "run.summary")).rows.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6]);
    const events = readEvents(join(killed, "out", "board", EVENT_FILE));
    const stepsWith = (tag: string) =>
      events.filter(({ summary }) => summary?.value.some((value) => value.tag === tag)).map(({ step }) => step);
    expect(stepsWith("loss/g_total")).toEqual([1, 2, 3, 4, 5, 6]);
    expect(stepsWith("contact_sheet")).toEqual([4, 6]);
  }, 300_000);

  /** Trains up to `steps` steps, then stops gracefully. */
  async function stopped(where: string, samples: Dataset, steps: number, deps: Partial<TrainingContext> = {}) {
    const controller = new AbortController();
    let seen = 0;
    const progress = () => {
      seen += 1;
      if (seen === steps) controller.abort();
    };
    const recorded = recordedContext(join(where, "resume"), { signal: controller.signal, progress, ...deps });
    return train(jobOf(samples, smallParams(DEEP)), recorded, join(where, "partial"));
  }

  test("resume: a stop within an iteration publishes what there is, and the next run ends as if there was none", async () => {
    const [where, whole] = [fresh(), fresh()];
    const partial = await stopped(where, samples, 3);
    expect(partial).toMatchObject({ partial: true, figures: { iteration: 2 } });
    const saved = partial.files.map(({ path }) => path);
    expect(saved).toEqual(expect.arrayContaining(["generator_1.safetensors", "generator_2.safetensors", "loss.csv"]));
    const deps = recordedContext(join(where, "resume"));
    const ended = await train(jobOf(samples, smallParams(DEEP)), deps, join(where, "out"));
    expect(deps.logged).toContain("resumed after step 3 of 6");
    expect(ended.partial).toBe(false);
    await train(jobOf(samples, smallParams(DEEP)), recordedContext(join(whole, "resume")), join(whole, "out"));
    expect(bytesIn(join(where, "out"))).toEqual(bytesIn(join(whole, "out")));
  });

  const half = fresh();
  let samples: Dataset;
  beforeAll(async () => {
    samples = await smallSamples(join(half, "samples"), 3, 64);
    await stopped(half, samples, 2);
  });

  /** A folder of the test's own, with what a training left that was stopped after its second step. */
  function halfWay(): string {
    const where = fresh();
    cpSync(join(half, "resume"), join(where, "resume"), { recursive: true });
    return where;
  }

  test("resume: what was decided at the start is kept, on a machine with more threads too", async () => {
    const where = halfWay();
    const other = recordedContext(join(where, "resume"), { threads: 2 });
    await train(jobOf(samples, smallParams(DEEP)), other, join(where, "out"));
    const state = await readCheckpoint(join(where, "out", "generator_3.safetensors.state"));
    expect(JSON.parse(state.metadata.progress!)).toMatchObject({ threads: 1, batch_size: 2, step: 6, updates: 6 });
  });

  test("resume: a state whose sums have one score, as before scores had names, is gone on with", async () => {
    const [where, plain] = [fresh(), fresh()];
    await stopped(where, samples, 3);
    cpSync(join(where, "resume"), join(plain, "resume"), { recursive: true });
    const path = join(where, "resume", "state.safetensors");
    const { tensors, metadata } = await readCheckpoint(path);
    const progress = JSON.parse(metadata.progress!) as TrainingProgress;
    const { scores, ...sums } = progress.sums;
    expect([scores, progress.step]).toEqual([{ ssim_train: expect.any(Number) }, 3]);
    const older = { ...progress, sums: { ...sums, ssim: scores.ssim_train } };
    await writeCheckpoint(path, { tensors, metadata: { ...metadata, progress: JSON.stringify(older) } });
    const ends = [];
    for (const at of [where, plain]) {
      const deps = recordedContext(join(at, "resume"));
      ends.push((await train(jobOf(samples, smallParams(DEEP)), deps, join(at, "out"))).figures);
      expect(deps.logged).toContain("resumed after step 3 of 6");
    }
    expect(ends[0]).toEqual(ends[1]);
    expect(bytesIn(join(where, "out"))).toEqual(bytesIn(join(plain, "out")));
  });

  test("resume: a stop before the first step is an abort", async () => {
    const samples = await smallSamples(fresh(), 2);
    const deps = recordedContext(fresh(), { signal: AbortSignal.abort() });
    await expect(train(jobOf(samples, smallParams()), deps, fresh())).rejects.toThrow(/abort/i);
  });

  const damages: Readonly<Record<string, (path: string) => void>> = {
    "cut short": (path) => truncateSync(path, 5000),
    "no such file at all": (path) => writeFileSync(path, "no state"),
    "with another byte": (path) => {
      const bytes = readFileSync(path);
      bytes[bytes.length - 3]! ^= 1;
      writeFileSync(path, bytes);
    },
  };
  for (const [how, damage] of Object.entries(damages)) {
    test(`resume: a state that is ${how} is warned of, and training starts anew`, async () => {
      const where = halfWay();
      damage(join(where, "resume", "state.safetensors"));
      const deps = recordedContext(join(where, "resume"));
      await train(jobOf(samples, smallParams(DEEP)), deps, join(where, "out"));
      expect(deps.shown.length).toBe(6);
      expect(deps.warned).toEqual([
        expect.stringMatching(/^The saved state of an earlier attempt is not used, and training starts anew: /),
      ]);
    });
  }

  test("resume: a state whose files are gone is warned of, and training starts anew", async () => {
    const where = halfWay();
    rmSync(join(where, "resume", "files"), { recursive: true });
    const deps = recordedContext(join(where, "resume"));
    await train(jobOf(samples, smallParams(DEEP)), deps, join(where, "out"));
    expect(deps.shown.length).toBe(6);
    expect(deps.warned).toEqual([
      "The saved state of an earlier attempt is not used, and training starts anew: files that were saved with it are missing.",
    ]);
  });

  test("resume: a state of other settings is left aside", async () => {
    const where = halfWay();
    const deps = recordedContext(join(where, "resume"));
    await train(jobOf(samples, smallParams(DEEP, { training: { learning_rate: 1e-3 } })), deps, join(where, "out"));
    expect(deps.warned[0]).toMatch(/made with other settings or samples/);
  });
});

describe("continue_from and initial_weights", () => {
  const saved = { checkpoint: { model_path: "{network}_{iteration}.safetensors" } };
  const constant = { rate_scheduler: "step", step_size: 1000 };

  async function trained(where: string, samples: Dataset, max_iterations: number, more = {}, training = {}) {
    const params = smallParams(saved, { training: { max_iterations, ...constant, ...training } });
    await train(jobOf(samples, params, more), recordedContext(join(where, "resume")), join(where, "out"));
    return bytesIn(join(where, "out"));
  }

  test("continue_from: two and two iterations at a constant rate are four", async () => {
    const samples = await smallSamples(fresh(), 3);
    const [half, rest] = [fresh(), fresh()];
    await trained(half, samples, 2);
    const continue_from = join(half, "out", "generator_2.safetensors.state");
    const four = await trained(fresh(), samples, 4);
    const continued = await trained(rest, samples, 4, { continue_from });
    for (const name of ["generator_4.safetensors", "discriminator_4.safetensors"]) {
      const [a, b] = [join(rest, "out", name), continued[name]];
      expect([a, b]).toEqual([a, four[name]]);
    }
  });

  test("continue_from: the schedule is that of the new number of iterations", async () => {
    const samples = await smallSamples(fresh(), 3);
    const [half, rest] = [fresh(), fresh()];
    const linear = { rate_scheduler: "linear", linear_decay: 1 };
    await trained(half, samples, 2, {}, linear);
    const continue_from = join(half, "out", "generator_2.safetensors.state");
    await trained(rest, samples, 4, { continue_from }, { ...linear, linear_decay: 2 });
    const state = await readCheckpoint(join(rest, "out", "generator_4.safetensors.state"));
    const { history } = JSON.parse(state.metadata.progress!) as { history: { learning_rate: number }[] };
    // 2e-4 · (1 − 1/3) and 2e-4 · (1 − 2/3) by the formula of the schedule.
    const rates = history.map(({ learning_rate }) => learning_rate);
    expect(rates.map((rate) => Number(rate.toPrecision(9)))).toEqual([2e-4, 1e-4, 1.33333333e-4, 6.66666667e-5]);
  });

  test("continue_from: as many iterations as there are already, a missing file, and other layers are errors", async () => {
    const samples = await smallSamples(fresh(), 3);
    const half = fresh();
    await trained(half, samples, 2);
    const continue_from = join(half, "out", "generator_2.safetensors.state");
    expect(await messageOf(trained(fresh(), samples, 2, { continue_from }))).toBe(
      "training.continue_from has 2 iterations already, so that max_iterations must be above 2, not 2.",
    );
    expect(await messageOf(trained(fresh(), samples, 2, { continue_from: "/no/such.state" }))).toMatch(
      /^\/no\/such\.state: the checkpoint cannot be read/,
    );
    const checkpoint = join(half, "out", "generator_2.safetensors");
    expect(await messageOf(trained(fresh(), samples, 4, { continue_from: checkpoint }))).toBe(
      `${checkpoint}: this is no training state.`,
    );
    const params = smallParams({ generator: { initial_layer_size: 8 }, training: { max_iterations: 4 } });
    const wider = train(jobOf(samples, params, { continue_from }), recordedContext(fresh()), fresh());
    expect(await messageOf(wider)).toMatch(
      /layers do not fit this network[\s\S]*model\.model\.0\.weight: \[4, 3, 4, 4\], expected \[8, 3, 4, 4\]/,
    );
  });

  test("initial_weights: of a checkpoint, of both networks' state, and of other layers", async () => {
    const samples = await smallSamples(fresh(), 3);
    const first = fresh();
    await trained(first, samples, 1);
    // A rate that is 0 in 32 bits: what comes out is what went in.
    const still = { training: { learning_rate: 1e-60, max_iterations: 1 } };
    const startFrom = async (name: string) => {
      const where = fresh();
      const initial_weights = join(first, "out", name);
      const job = jobOf(samples, smallParams(saved, still), { initial_weights });
      await train(job, recordedContext(join(where, "resume")), join(where, "out"));
      const read = async (of: string, network: string) => {
        const { tensors } = await readCheckpoint(join(of, "out", `${network}_1.safetensors`));
        return [...tensors.values()].map(({ data }) => Buffer.from(data.buffer).toString("base64"));
      };
      const same = async (network: string) =>
        JSON.stringify(await read(where, network)) === JSON.stringify(await read(first, network));
      return [await same("generator"), await same("discriminator")];
    };
    expect(await startFrom("generator_1.safetensors")).toEqual([true, false]);
    expect(await startFrom("discriminator_1.safetensors")).toEqual([false, true]);
    expect(await startFrom("generator_1.safetensors.state")).toEqual([true, true]);
    const initial_weights = join(first, "out", "generator_1.safetensors");
    const other = jobOf(samples, smallParams({ generator: { layers: 2 } }), { initial_weights });
    expect(await messageOf(train(other, recordedContext(fresh()), fresh()))).toMatch(
      /generator_1\.safetensors: \d+ layers do not fit this network/,
    );
  });
});
