/**
 * A thread beside a worker's work: it ends the process when the engine is gone, or when it uses more memory than allowed,
 * even while the work blocks the event loop in a native call. It knows nothing of tasks.
 */
import { writeSync } from "node:fs";
import { workerData } from "node:worker_threads";
import { killGroup } from "./group.js";
import { OVER_MEMORY } from "./protocol.js";

/** What the watchdog is told. */
export interface Watch {
  /** The engine's process id. */
  readonly engine: number;
  /** Bytes of resident memory that the process may use; 0: no limit. */
  readonly memory: number;
}

const INTERVAL_MS = 250;
const MEGABYTE = 2 ** 20;

function look({ engine, memory }: Watch): void {
  // An orphan gets another parent. A handler of `exit` could hang in native code: nothing is worth waiting for.
  if (process.ppid !== engine) killGroup(process.pid);
  if (memory === 0) return;
  const used = process.memoryUsage.rss();
  if (used <= memory) return;
  const megabytes = (bytes: number) => `${Math.round(bytes / MEGABYTE)} MB`;
  writeSync(2, `${OVER_MEMORY}: ${megabytes(used)} of ${megabytes(memory)}.\n`);
  killGroup(process.pid);
}

setInterval(look, INTERVAL_MS, workerData);
