/**
 * An engine of its own: gives one worker the task of its argument, and tells the worker's id. Then it waits for the outcome
 * (for a test to kill it), and with the argument `close` closes its executor; without, it leaves it as it is.
 */
import { createLocalExecutor } from "../../src/executor/local.js";
import type { Task } from "../../src/worker/protocol.js";
import { attemptOf, runBatch } from "../schedule/helpers.js";

const task: Task = JSON.parse(process.argv[2]!);
const attempt = attemptOf(task);
const executor = createLocalExecutor({ capacity: { cpu: 1, gpu: 0 } });
const ended = runBatch(executor, [attempt]);
await attempt.begun;
process.stdout.write(`${attempt.pids[0]}\n`);
await ended;
if (process.argv[3] === "close") await executor.close();
