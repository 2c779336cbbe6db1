/** @jest-environment ./dist/test/ml/runtime/environment.js */
/** `onnx_apply` on models as others export them: each applied as numpy applies it, or refused in words (`fixtures/onnx/zoo.py`). */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { planesOf } from "dag-cook/image";
import onnx_apply from "../../nodes/ml/onnx_apply.js";
import { cookIn, decodeImage, testFolder } from "./space.js";

interface Case {
  readonly name: string;
  readonly model: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly refused?: string;
  readonly warned?: string;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly within: number;
  /** [channels, height, width]. */
  readonly values: readonly number[];
}

const HOME = resolve("test/fixtures/onnx");
const CASES = JSON.parse(readFileSync(join(HOME, "zoo.json"), "utf8")) as readonly Case[];
const cook = cookIn(testFolder(), onnx_apply);

async function applied({ model, params }: Case) {
  const inputs = {
    model: [{ files: [{ path: join(HOME, "zoo", `${model}.onnx`), tag: "file/model/onnx" }] }],
    images: [{ files: [{ path: join(HOME, "zoo/image.png"), tag: "file/image" }] }],
  };
  const { items, warnings } = await cook({ inputs, params });
  return { path: items[0]!.outputs[0]!.path, warnings };
}

/** An image's planes; its form must be the case's. */
async function planesIn(path: string, { channels, height, width }: Case): Promise<Float32Array> {
  const image = await decodeImage(path);
  expect(image).toMatchObject({ channels, height, width });
  return planesOf(image);
}

/** The planes of a float TIFF of more channels than an image has: one strip, behind the 8 bytes of the header. */
function bandsIn(path: string, { channels, height, width }: Case): Float32Array {
  const bytes = readFileSync(path);
  const pixels = height * width;
  return Float32Array.from({ length: channels * pixels }, (_, at) =>
    bytes.readFloatLE(8 + 4 * ((at % pixels) * channels + Math.floor(at / pixels))),
  );
}

describe("models of others", () => {
  for (const one of CASES) {
    test(`models of others: ${one.name} is ${one.refused === undefined ? "applied" : "refused in words"}`, async () => {
      if (one.refused !== undefined) {
        const message = await applied(one).then(
          () => "it was applied",
          (error: Error) => error.message,
        );
        expect(message).toContain(one.refused);
        // No folders of this machine, no codes and places of onnxruntime's source.
        expect(message).not.toMatch(/\/home|\/work|\/tmp|onnxruntime_src|ONNXRuntimeError|\.cc:/);
        return;
      }
      const { path, warnings } = await applied(one);
      const written = one.channels > 4 ? bandsIn(path, one) : await planesIn(path, one);
      const worst = one.values.reduce((most, value, at) => Math.max(most, Math.abs(value - written[at]!)), 0);
      expect(worst).toBeLessThanOrEqual(one.within);
      expect(warnings).toEqual(one.warned === undefined ? [] : [expect.stringContaining(one.warned)]);
    });
  }
});
