/** @jest-environment ./dist/test/ml/runtime/environment.js */
/** 16-bit and float images from file to file: what a network sees, learns from and answers has never gone through 8 bits. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import onnx_apply from "../../../nodes/ml/onnx_apply.js";
import { decodeImage } from "../../../src/image/decode.js";
import { writeImage } from "../../../src/image/encode.js";
import type { Depth } from "../../../src/image/image.js";
import { imageOfPlanes, planesOf } from "../../../src/image/planes.js";
import { givenPairs } from "../../../src/ml/data/samples.js";
import { openTranslation, train } from "../../../src/ml/translation/train.js";
import { cookIn, testFolder } from "../../nodes/space.js";
import { jobOf, recordedContext, smallParams } from "../training/small.js";

const folder = testFolder();
const SIDE = 16;
let count = 0;

/** A pair of one image with itself, of values given by pixel. */
async function pair(depth: Depth, value: (at: number) => number) {
  const where = join(folder, String(count++));
  mkdirSync(where);
  const path = join(where, depth === "float" ? "fine.tif" : "fine.png");
  const data = Float32Array.from({ length: 3 * SIDE * SIDE }, (_, at) => value(at));
  await writeImage(path, imageOfPlanes({ width: SIDE, height: SIDE, channels: 3 }, data), depth);
  const file = { name: "fine", path };
  return { path, where, samples: givenPairs([{ input: file, reference: file }]) };
}

const params = smallParams(
  { dataset: { image_size: SIDE, batch_size: 1 }, training: { max_iterations: 1 } },
  { onnx: { path: "model.onnx" } },
);

/** What the network is shown of the pair. */
async function shown({ samples, where }: Awaited<ReturnType<typeof pair>>): Promise<readonly Float32Array[]> {
  const session = await openTranslation(jobOf(samples, params), recordedContext(join(where, "resume")));
  const { values } = await session.subject.batches.batch(0);
  await session.close();
  return [values.get("input")!, values.get("reference")!];
}

/** All 768 values lie within the step 128 of 8 bits, which goes from 32768 to 33024. */
const steps16 = (at: number) => (32800 + (at % 200)) / 65535;

describe("depth", () => {
  test("depth: a network sees every step of 16 bits, on both sides of a pair", async () => {
    const expected = Float32Array.from({ length: 768 }, (_, at) => Math.fround(steps16(at)) * 2 - 1);
    for (const side of await shown(await pair(16, steps16))) {
      side.forEach((value, at) => {
        expect(Math.abs(value - expected[at]!)).toBeLessThan(1e-6);
      });
      expect(new Set(side).size).toBe(200);
    }
    // What 8 bits would have left.
    for (const side of await shown(await pair(8, steps16))) expect(new Set(side).size).toBe(1);
  });

  test("depth: a network sees float values as they are, those outside 0 to 1 too", async () => {
    const value = (at: number) => Math.fround(-0.5 + at * 1e-5 + (at % 3));
    for (const side of await shown(await pair("float", value))) {
      expect(side).toEqual(Float32Array.from({ length: 768 }, (_, at) => value(at) * 2 - 1));
    }
  });

  for (const depth of [8, 16, "float"] as const) {
    test(`depth: images of tests of ${depth} are ${depth === "float" ? "TIFFs of floats" : `PNGs of ${depth} bits`}`, async () => {
      const [given, tests] = [await pair(8, steps16), await pair(depth, steps16)];
      const tested = { ...params, test: { ...params.test, enabled: true, output_dir: "seen" } };
      const out = join(given.where, "out");
      await train(jobOf(given.samples, tested, { tests: tests.samples }), recordedContext(join(out, "resume")), out);
      const image = (name: string) =>
        decodeImage(join(out, "seen", `fine_1_${name}.${depth === "float" ? "tif" : "png"}`));
      for (const name of ["input", "reference", "output"]) {
        expect([name, (await image(name)).depth]).toEqual([name, depth]);
      }
      // 200 steps of 16 bits within one of 8 bits.
      expect(new Set(planesOf(await image("input"))).size).toBe(depth === 8 ? 1 : 200);
    });
  }

  for (const depth of [16, "float"] as const) {
    test(`depth: what is trained on ${depth} and exported is applied to ${depth}, into ${depth}`, async () => {
      const given = await pair(depth, steps16);
      await train(jobOf(given.samples, params), recordedContext(join(given.where, "resume")), join(given.where, "out"));
      const model = [{ files: [{ path: join(given.where, "out", "model.onnx"), tag: "file/model/onnx" }] }];
      const applied = async (path: string) => {
        const inputs = { model, images: [{ files: [{ path, tag: "file/image/input" }] }] };
        const { items } = await cookIn(folder, onnx_apply)({ inputs });
        return decodeImage(items[0]!.outputs[0]!.path);
      };
      const answer = await applied(given.path);
      expect(answer.depth).toBe(depth);
      // Its values are no steps of 8 bits.
      const coarse = planesOf(answer).filter((value) => Math.abs(value * 255 - Math.round(value * 255)) < 1e-3);
      expect(coarse.length).toBeLessThan(0.1 * planesOf(answer).length);
      // And what lies within a step of 8 bits decides them.
      const flat = await applied((await pair(depth, () => steps16(0))).path);
      expect(planesOf(answer)).not.toEqual(planesOf(flat));
    });
  }
});
