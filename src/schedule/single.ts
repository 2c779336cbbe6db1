/** Has one task done by itself, for who wants nothing but its result. Knows no items. */
import { Attempt, type Demand } from "../executor/attempt.js";
import type { Grant } from "../executor/machine.js";
import type { DiscoverPort, Task, TaskResult } from "../worker/protocol.js";
import type { Scheduler } from "./scheduler.js";

/** `task`: once its slots are known. Rejects with a fault of our own alone. */
export function runTask(
  scheduler: Pick<Scheduler, "submit">,
  demand: Omit<Demand, "batch">,
  task: (grant: Grant) => Task,
  about: { readonly deps?: DiscoverPort; readonly warn?: (line: string) => void } = {},
): Promise<TaskResult> {
  return new Promise((resolve, reject) => {
    const owner = {
      task: (attempt: Attempt<undefined>) => task(attempt.grant!),
      started() {},
      returned() {},
      progress() {},
      warn: (_attempt: Attempt<undefined>, line: string) => about.warn?.(line),
      fault: reject,
      settled: (_attempts: readonly Attempt<undefined>[], [result]: readonly TaskResult[]) => {
        const isFault = result!.kind === "failed" && result!.cause === "fault";
        if (isFault) reject(new Error(result!.message));
        else resolve(result!);
      },
    };
    const attempt = new Attempt(undefined, owner, { ...demand, batch: 1 });
    attempt.deps = about.deps;
    scheduler.submit(attempt);
  });
}
