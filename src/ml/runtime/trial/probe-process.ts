/** The process in which `probe` tries a runtime: one task, one answer. */
import { messageOf, RuntimeError } from "../errors.js";
import { openTarget } from "../target/target.js";
import type { Measured, ProbeTask, Rejected } from "./probe.js";
import { matrixRate, testOperations, testUpdate } from "./self-test.js";

process.once("message", async (task) => {
  const result = await tried(task as ProbeTask).catch((error): Rejected => {
    return { problem: error instanceof RuntimeError ? error.reason : messageOf(error) };
  });
  // Native libraries may crash as a process winds up: what is to be said is said before.
  process.send!(result, () => process.exit());
});

async function tried({ target, threads, rateSeconds, deep }: ProbeTask): Promise<Measured> {
  const runtime = await openTarget(target, { at: 0, threads });
  const error = await testUpdate(runtime);
  const operations = deep ? await testOperations(runtime) : undefined;
  return {
    version: runtime.version,
    error,
    ...(rateSeconds > 0 && { rate: await matrixRate(runtime, rateSeconds) }),
    // What is infinite does not pass between processes as JSON.
    ...(operations && {
      operations: operations.map((each) => ({ ...each, error: Number.isFinite(each.error) ? each.error : null })),
    }),
  };
}
