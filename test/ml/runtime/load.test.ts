/** @jest-environment ./dist/test/ml/runtime/environment.js */

import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "@jest/globals";
import { ProgramBuilder } from "../../../src/ml/program/build.js";
import { createOnnxruntime } from "../../../src/ml/runtime/onnxruntime/onnxruntime.js";

describe("onnxruntime where it cannot be had", () => {
  test("load: without the package, the error says how to get it", async () => {
    // Outside the project, the package is not found.
    const directory = mkdtempSync(join(tmpdir(), "load-"));
    writeFileSync(join(directory, "package.json"), '{ "type": "module" }');
    cpSync("dist/src/ml/runtime", join(directory, "runtime"), { recursive: true });
    const script =
      'import("./runtime/onnxruntime/load.js").then((m) => m.loadOnnxruntime()).catch((e) => console.log(e.name + ": " + e.message))';
    const { stdout } = await promisify(execFile)(process.execPath, ["-e", script], { cwd: directory });
    rmSync(directory, { recursive: true });
    expect(stdout).toMatch(/^RuntimeError: onnxruntime-node cannot be loaded: Cannot find package 'onnxruntime-node'/);
    expect(stdout).toContain('Install it with "npm install onnxruntime-node@1.30.0"');
  });

  test("load: a device that is absent is named when a program is compiled for it", async () => {
    const runtime = await createOnnxruntime({ threads: 1, device: "no such device" as never });
    const b = new ProgramBuilder();
    const program = b.program(new Map([["y", b.neg(b.feed("x", [1]))]]));
    const compiled = runtime.compile(program, runtime.createState(new Map()));
    await expect(compiled).rejects.toThrow(/^onnxruntime cannot load the program on the device "no such device": /);
  });
});
