/** Trainings by the real command line: killed, stopped, continued, and what `dag why` says of them. */
import { cpSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { CookSpace } from "../../helpers/cook-space.js";
import { imageFile } from "../../nodes/space.js";

type Params = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

const HELD = pathToFileURL(join(import.meta.dirname, "held.js")).href;
const SMALL: Params = {
  dataset: {
    ...{ input_type: "paired_directories", input_image_dir: "a", reference_image_dir: "b" },
    ...{ image_size: 16, batch_size: 2, worker_threads: 0, horizontal_flip: 0.5, rotation: 0.5 },
  },
  training: { max_iterations: 4, rate_scheduler: "step", step_size: 1000 },
  generator: { layers: 2, initial_layer_size: 2, max_layer_size: 4 },
  discriminator: { layers: 1, initial_layer_size: 2 },
  checkpoint: { model_path: "out/{network}_{iteration}.safetensors", save_rate: 2 },
  plot: { type: "csv", loss: "out/loss.csv" },
  env: { cpu_threads: 1 },
};

/** A cook takes two seconds of a processor, which others may need, too. */
const PATIENCE = 600_000;

/** Three pairs. */
async function samples(space: CookSpace): Promise<void> {
  for (const [side, phase] of Object.entries({ a: 0, b: 3 })) {
    for (let at = 0; at < 3; at++) {
      const value = (c: number, x: number, y: number) => ((x + 2 * y + c * (at + 1) + phase) % 7) / 6;
      await imageFile(space.path(`${side}/${at}.png`), [16, 16, 3], value);
    }
  }
}

async function inSpace(work: (space: CookSpace) => Promise<void>): Promise<void> {
  const space = new CookSpace();
  try {
    await samples(space);
    await work(space);
  } finally {
    space.remove();
  }
}

/** Writes the graph with these changes; the state is saved after every step. */
function graph(space: CookSpace, ...changes: readonly Params[]): void {
  const params: Record<string, unknown> = { ...SMALL, resume_interval: 0 };
  for (const [name, group] of changes.flatMap((change) => Object.entries(change))) {
    params[name] = { ...(params[name] as object), ...group };
  }
  space.graph("g.json", { train: { type: "ml_train_style_transfer", params } });
}

/** Lets the next cooks be killed or held. */
function meddle(space: CookSpace, how: Readonly<Record<string, string>>): void {
  const deps = { HELD: space.path("held"), GO: space.path("go"), KILL_AT: "", HOLD_AT: "", KILL_ENGINE: "yes" };
  space.environment = { NODE_OPTIONS: `--import ${HELD}`, ...deps, ...how };
}

/** Names and bytes of what lies in `out`. */
function made(space: CookSpace): Readonly<Record<string, string>> {
  const names = readdirSync(space.path("out")).sort();
  return Object.fromEntries(names.map((name) => [name, readFileSync(space.path(`out/${name}`)).toString("base64")]));
}

async function cooked(space: CookSpace): Promise<string> {
  const { exit, stderr } = await space.cook("g.json");
  expect([exit, exit === 0 ? "" : stderr]).toEqual([0, ""]);
  return (await space.dag("log", "train")).stdout;
}

/** What a training that nothing disturbs makes, and a space in which it was made. */
const whole = new CookSpace();
afterAll(() => whole.remove());
let undisturbed: Readonly<Record<string, string>> = {};

describe("training by dag cook", () => {
  beforeAll(async () => {
    await samples(whole);
    graph(whole);
    await cooked(whole);
    undisturbed = made(whole);
  }, PATIENCE);

  test(
    "killed with -9 in the midst of saves, then the same command: the bytes of an undisturbed training",
    () =>
      inSpace(async (space) => {
        graph(space);
        // Of eight steps: before anything is saved, in the second iteration, before a checkpoint's state.
        for (const at of ["1", "4", "2"]) {
          meddle(space, { KILL_AT: at });
          expect((await space.cook("g.json")).exit).toBe(null);
        }
        meddle(space, {});
        expect(await cooked(space)).toContain("resumed after step 4 of 8");
        expect(Object.keys(undisturbed).length).toBe(7);
        expect(made(space)).toEqual(undisturbed);
      }),
    PATIENCE,
  );

  test(
    "dag verify: a training that is cooked again comes out the same to the byte, whatever time it takes",
    async () => {
      const { exit, stdout } = await whole.dag("verify", "g.json");
      expect([exit, stdout]).toEqual([0, "1 of 1 items were cooked again: 1 as before, 0 otherwise.\n"]);
    },
    PATIENCE,
  );

  test(
    "dag stop: what it has serves, and the same command ends as if there had been no stop",
    () =>
      inSpace(async (space) => {
        graph(space);
        meddle(space, { HOLD_AT: "3" });
        const { ended } = space.startCook("g.json");
        await space.until("held");
        const stop = await space.dag("stop", "train", "g.json");
        expect(stop.stdout).toMatch(/^Stopping train_/);
        space.write("go", "");
        const stopped = await ended;
        expect(stopped.exit).toBe(130);
        expect(stopped.events.at(-1)).toMatchObject({ partial: 1, cooked: 0 });
        expect(space.exists("out/generator_2.safetensors")).toBe(true);
        const [item] = JSON.parse((await space.dag("items", "g.json", "--json")).stdout);
        expect(item).toMatchObject({ state: "cooked_success", outcome: "partial", attributes: { iteration: 2 } });
        expect((await space.dag("why", "train")).stdout).toContain(
          "it has a partial result, from which its cook goes on",
        );
        meddle(space, {});
        expect(await cooked(space)).toMatch(/resumed after step [34] of 8/);
        expect(made(space)).toEqual(undisturbed);
      }),
    PATIENCE,
  );

  test(
    "two devices: killed with -9, then the same command: the bytes of an undisturbed training on two, which serves one, too",
    () =>
      inSpace(async (space) => {
        const two = { env: { override_device: "cpu", devices: 2 } };
        graph(space, two);
        expect(await cooked(space)).toMatch(/computes with 2 times onnxruntime on cpu \(\S+\), 1 threads each/);
        const [item] = JSON.parse((await space.dag("items", "g.json", "--json")).stdout);
        expect(item.attributes).toMatchObject({ runtime: "onnxruntime", device: "cpu", devices: 2 });
        const whole = made(space);
        await inSpace(async (killed) => {
          graph(killed, two);
          meddle(killed, { KILL_AT: "4" });
          expect((await killed.cook("g.json")).exit).toBe(null);
          meddle(killed, {});
          expect(await cooked(killed)).toContain("resumed after step 3 of 8");
          expect(made(killed)).toEqual(whole);
        });
        graph(space);
        expect((await space.dag("why", "train")).stdout).toContain("up to date");
      }),
    PATIENCE,
  );

  test(
    "continue_from: a finished training at a larger max_iterations is the longer one; its state is in the fingerprint",
    () =>
      inSpace(async (space) => {
        graph(space, { training: { max_iterations: 2 } });
        await cooked(space);
        cpSync(space.path("out"), space.path("two"), { recursive: true });
        graph(space);
        expect((await space.dag("why", "train")).stdout).toContain(
          "would be cooked: param.training.max_iterations was 2, is 4 (training starts anew, unless training.continue_from says where from)",
        );
        graph(space, { training: { continue_from: "two/generator_2.safetensors" } });
        const log = await cooked(space);
        expect(log).not.toContain("iteration 2:");
        expect(log).toContain("iteration 3:");
        for (const name of ["generator_4.safetensors", "discriminator_4.safetensors", "loss.csv"]) {
          expect([name, made(space)[name]]).toEqual([name, undisturbed[name]]);
        }
        // The same bytes from elsewhere change nothing; other bytes do.
        const state = "generator_2.safetensors.state";
        cpSync(whole.path(`out/${state}`), space.path(`two/${state}`));
        expect((await space.dag("why", "train")).stdout).toMatch(
          /would be cooked: file: content of file\/model\/state "generator_2\.safetensors\.state" changed/,
        );
      }),
    PATIENCE,
  );
});
