/** An engine of its own, for a test to kill: gives one worker the task of its argument, and tells the worker's id. */
import { createPool } from "../../src/schedule/pool.js";
import type { Task } from "../../src/worker/protocol.js";
import { attemptOf } from "./helpers.js";

const task: Task = JSON.parse(process.argv[2]!);
const attempt = attemptOf(task);
void createPool().run([attempt], { cpu: 1, gpus: [] });
await attempt.begun;
process.stdout.write(`${attempt.pids[0]}\n`);
