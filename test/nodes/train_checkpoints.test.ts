/** @jest-environment ./dist/test/ml/runtime/environment.js */
/** `ml_train_style_transfer` given checkpoints that it cannot start from or go on with: the words for each. */
import { copyFileSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "@jest/globals";
import type { Upstream } from "dag-cook/testing";
import train from "../../nodes/ml/ml_train_style_transfer.js";
import { readCheckpoint, writeCheckpoint } from "../../src/ml/training/checkpoint.js";
import { cookIn, imageFile, messageOf, testFolder } from "./space.js";

type Params = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

const folder = testFolder();
const cook = cookIn(folder, train);
const at = (name: string) => join(folder, name);
const [WEIGHTS, STATE] = ["one_generator.safetensors", "one_generator.safetensors.state"];

const SMALL: Params = {
  dataset: { input_type: "work_items", image_size: 16, worker_threads: 0 },
  training: { max_iterations: 1 },
  generator: { layers: 2, initial_layer_size: 2, max_layer_size: 4 },
  discriminator: { layers: 1, initial_layer_size: 2 },
};
const items: Upstream[] = [];

/** Cooks with changed parameters. */
function cooked(...changes: readonly Params[]) {
  const params: Record<string, unknown> = { ...SMALL };
  for (const [name, group] of changes.flatMap(Object.entries)) params[name] = { ...(params[name] as object), ...group };
  return cook({ params, inputs: { main: items } });
}

const from = (initial_weights: string) => ({ training: { initial_weights } });
const on = (continue_from: string) => ({ training: { continue_from, max_iterations: 2 } });

/** The checkpoint or its state under another name, changed. */
function changed(from: string, name: string, change: (path: string) => void): string {
  copyFileSync(at(from), at(name));
  change(at(name));
  return at(name);
}

describe("checkpoints that do not serve", () => {
  beforeAll(async () => {
    const value = (c: number, x: number, y: number) => ((x + 2 * y + c) % 5) / 4;
    const path = await imageFile(at("tile.png"), [16, 16, 3], value);
    const files = ["input", "reference"].map((kind) => ({ path, tag: `file/image/${kind}` }));
    items.push({ name: "item", files });
    const made = await cooked({ checkpoint: { model_path: "one_{network}.safetensors" } });
    for (const output of made.items[0]!.outputs) copyFileSync(output.path, at(output.name));
  });

  test("checkpoints: one that is absent", async () => {
    expect(await messageOf(cooked(from(at("absent.safetensors"))))).toMatch(
      /absent\.safetensors: the checkpoint cannot be read \(ENOENT/,
    );
    expect(await messageOf(cooked(on(at("absent.safetensors"))))).toMatch(/absent\.safetensors\.state does not exist/);
  });

  test("checkpoints: other layers, each of them listed, and those of its optimizer only where theirs are right", async () => {
    const wider = { generator: { initial_layer_size: 4 } };
    expect(await messageOf(cooked(from(at(WEIGHTS)), wider))).toBe(
      [
        `${at(WEIGHTS)}: 6 layers do not fit this network; was it made with other settings?`,
        "  model.model.0.weight: [2, 3, 4, 4], expected [4, 3, 4, 4]",
        "  model.model.1.model.1.weight: [4, 2, 4, 4], expected [4, 4, 4, 4]",
        "  model.model.1.model.3.weight: [4, 2, 4, 4], expected [4, 4, 4, 4]",
        "  model.model.1.model.4.weight: [2], expected [4]",
        "  model.model.1.model.4.bias: [2], expected [4]",
        "  model.model.3.weight: [4, 3, 4, 4], expected [8, 3, 4, 4]",
      ].join("\n"),
    );
    const continued = (await messageOf(cooked(on(at(STATE)), wider))).split("\n");
    expect(continued[0]).toBe(`${STATE}: 6 layers do not fit this network; was it made with other settings?`);
    expect(continued).toContain("  netG.model.model.0.weight: [2, 3, 4, 4], expected [4, 3, 4, 4]");
    expect(continued.filter((line) => line.includes(":m:"))).toEqual([]);
  });

  test("checkpoints: the state of another optimizer", async () => {
    expect(await messageOf(cooked(on(at(STATE)), { optimizer: { algorithm: "adadelta" } }))).toBe(
      `${STATE}: its training had another optimizer.algorithm, whose state cannot be gone on with: set the same, or take its weights alone by training.initial_weights.`,
    );
    const { items: made } = await cooked(from(at(STATE)), { optimizer: { algorithm: "adadelta" } });
    expect(made[0]!.attributes.iteration).toBe(1);
  });

  test("checkpoints: as many iterations as there are already", async () => {
    const { training } = on(at(STATE));
    expect(await messageOf(cooked({ training: { ...training, max_iterations: 1 } }))).toBe(
      "training.continue_from has 1 iterations already, so that max_iterations must be above 1, not 1.",
    );
  });

  const damaged: readonly (readonly [string, (path: string) => void, RegExp])[] = [
    [
      "cut short",
      (path) => truncateSync(path, statSync(path).size - 10),
      /: the file is cut short: tensor "[^"]+" ends at \d+ of \d+ bytes/,
    ],
    ["empty", (path) => truncateSync(path, 0), /: 0 bytes are too few for a safetensors file\.$/],
    [
      "a picture",
      (path) => copyFileSync(at("tile.png"), path),
      /: a header of \d+ bytes: this is no safetensors file\.$/,
    ],
    [
      "a file of PyTorch",
      (path) => writeFileSync(path, "PK\x03\x04archive/data.pkl"),
      /: this is a file of PyTorch \(\.pt, \.pth\): convert its float32 tensors with safetensors\.torch\.save_file\.$/,
    ],
  ];
  for (const [how, damage, message] of damaged) {
    test(`checkpoints: one that is ${how}`, async () => {
      const weights = changed(WEIGHTS, "damaged.safetensors", damage);
      const state = changed(STATE, "damaged.safetensors.state", damage);
      expect(await messageOf(cooked(from(weights)))).toMatch(message);
      const told = await messageOf(cooked(on(state)));
      expect(told).toMatch(message);
      // By its name alone: it is read from the store, where nobody knows it.
      expect(told.startsWith("damaged.safetensors.state: ")).toBe(true);
    });
  }

  test("checkpoints: a state of which one byte is another", async () => {
    const state = changed(STATE, "flipped.state", (path) => {
      const bytes = readFileSync(path);
      bytes[bytes.length - 3]! ^= 1;
      writeFileSync(path, bytes);
    });
    expect(await messageOf(cooked(on(state)))).toBe("flipped.state: its values are damaged.");
  });

  test("checkpoints: weights that are not finite", async () => {
    const { tensors, metadata } = await readCheckpoint(at(WEIGHTS));
    const [[name, { shape, data }]] = [...tensors] as [[string, { shape: readonly number[]; data: Float32Array }]];
    const broken = new Map([...tensors, [name, { shape, data: data.map(() => Number.NaN) }]]);
    await writeCheckpoint(at("broken.safetensors"), { tensors: broken, metadata });
    expect(await messageOf(cooked(from(at("broken.safetensors"))))).toBe(
      `${at("broken.safetensors")}: ${name} holds values that are not finite; its training diverged.`,
    );
  });

  test("checkpoints: weights where a state is asked for, renamed as one", async () => {
    const state = changed(WEIGHTS, "weights.state", () => {});
    expect(await messageOf(cooked(on(state)))).toBe("weights.state: this is no training state.");
  });
});
