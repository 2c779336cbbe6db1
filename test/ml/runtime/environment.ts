/**
 * The jest environment of tests that run onnxruntime. Jest gives tests typed arrays of their own, while native code makes
 * those of the process, which onnxruntime then refuses as foreign: here both are the same.
 */
import { TestEnvironment } from "jest-environment-node";

export default class extends TestEnvironment {
  override async setup(): Promise<void> {
    await super.setup();
    Object.assign(this.global, { Float32Array, Float64Array, BigInt64Array, Int32Array, Uint16Array });
  }
}
