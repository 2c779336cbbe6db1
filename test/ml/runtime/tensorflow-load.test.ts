/** @jest-environment ./dist/test/ml/runtime/environment.js */

import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "@jest/globals";
import { ProgramBuilder } from "../../../src/ml/program/build.js";
import { loadTensorflow, TENSORFLOW_PACKAGES } from "../../../src/ml/runtime/tensorflow/load.js";
import { createTensorflow } from "../../../src/ml/runtime/tensorflow/tensorflow.js";

const space = mkdtempSync(join(tmpdir(), "dag-tensorflow-"));
afterAll(() => rmSync(space, { recursive: true }));

/** What a fresh process says that loads the product's code from a folder with these packages, each one line of code. */
function loadIn(folder: string, packages: Readonly<Record<string, string>>, options: object): string {
  const root = join(space, folder);
  cpSync("dist/src/ml", join(root, "ml"), { recursive: true });
  writeFileSync(join(root, "package.json"), '{"type":"module"}');
  for (const [name, code] of Object.entries(packages)) {
    const place = join(root, "node_modules", name);
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, "index.cjs"), code);
    writeFileSync(join(place, "package.json"), '{"main":"index.cjs"}');
  }
  const script = `import { createTensorflow } from "./ml/runtime/tensorflow/tensorflow.js";
    const runtime = await createTensorflow(${JSON.stringify(options)}).catch((error) => error);
    console.log(runtime instanceof Error ? \`\${runtime.name}: \${runtime.message}\` : runtime.device);`;
  writeFileSync(join(root, "load.js"), script);
  const { stdout, stderr } = spawnSync(process.execPath, ["load.js"], { cwd: root, encoding: "utf8" });
  return stdout + stderr;
}

/** A package whose TensorFlow has this backend and this answer to `isUsingGpuDevice`. */
function fakePackage(backend: string, cuda: boolean): string {
  return `exports.setBackend = async (name) => name === "${backend}"; exports.getBackend = () => "${backend}";
    exports.backend = () => ({ isUsingGpuDevice: ${cuda} });`;
}

describe("loading TensorFlow.js", () => {
  test("tensorflow: without any package the error names all three and says how to get one", () => {
    const said = loadIn("nothing", {}, { threads: 1 });
    expect(said).toMatch(/^RuntimeError: TensorFlow.js cannot be loaded:\n/);
    for (const name of TENSORFLOW_PACKAGES) expect(said).toContain(`  ${name}: not installed\n`);
    expect(said).toContain('"npm install @tensorflow/tfjs-core@4.22.0');
    expect(said).toContain('"npm run setup:tensorflow"');
  });

  test("tensorflow: CUDA is taken first; without a card it is an error where it was asked for, else the processor", () => {
    const packages = {
      "@tensorflow/tfjs-node-gpu": fakePackage("tensorflow", true),
      "@tensorflow/tfjs-node": fakePackage("tensorflow", false),
    };
    expect(loadIn("both", packages, { threads: 1 })).toBe("cuda\n");
    const without = { ...packages, "@tensorflow/tfjs-node-gpu": fakePackage("tensorflow", false) };
    expect(loadIn("no card", without, { threads: 1 })).toBe("cpu\n");
    const asked = { threads: 1, package: "@tensorflow/tfjs-node-gpu" };
    expect(loadIn("asked", without, asked)).toContain("its TensorFlow finds no CUDA device");
  });

  test("tensorflow: a package that is there and breaks is named with its reason, not as absent", () => {
    const packages = {
      "@tensorflow/tfjs-node": 'throw new Error("libtensorflow.so.2: cannot open shared object file")',
    };
    const said = loadIn("broken", packages, { threads: 1 });
    expect(said).toContain("  @tensorflow/tfjs-node: libtensorflow.so.2: cannot open shared object file\n");
    expect(said).toContain("  @tensorflow/tfjs-backend-wasm: not installed\n");
  });

  test("tensorflow: a backend that answers with another one is an error", () => {
    const fallen = `${fakePackage("tensorflow", false)} exports.getBackend = () => "cpu";`;
    const said = loadIn("fallen", { "@tensorflow/tfjs-node": fallen }, { threads: 1 });
    expect(said).toContain('  @tensorflow/tfjs-node: TensorFlow.js computes with "cpu" instead of "tensorflow"\n');
  });

  test("tensorflow: a backend that something else activates later is an error at the next step", async () => {
    const runtime = await createTensorflow({ threads: 1 });
    const { tf } = await loadTensorflow({ threads: 1 });
    const backend = tf.getBackend();
    const b = new ProgramBuilder();
    const state = runtime.createState(new Map());
    const compiled = await runtime.compile(b.program(new Map([["y", b.neg(b.feed("x", [1]))]])), state);
    const feeds = new Map([["x", Float32Array.of(3)]]);
    tf.registerBackend("other", () => new tf.KernelBackend());
    expect(await tf.setBackend("other")).toBe(true);
    const refused = `TensorFlow.js computes with "other" instead of "${backend}"`;
    await expect(compiled.step(feeds)).rejects.toThrow(refused);
    expect(() => runtime.createState(new Map())).toThrow(refused);
    await tf.setBackend(backend);
    expect([...(await compiled.step(feeds)).get("y")!]).toEqual([-3]);
  });
});
