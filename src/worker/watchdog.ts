/**
 * A thread beside a worker's work: it ends the process when the engine is gone, or when it uses more memory than allowed,
 * even while the work blocks the event loop in a native call. It knows nothing of tasks.
 */
import { writeSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import { killGroup } from "./group.js";
import { OVER_MEMORY } from "./protocol.js";

/** What the watchdog is told when it starts; later it is sent how many bytes the work that begins may use. */
export interface Watch {
  /** The engine's process id. */
  readonly engine: number;
  /** Bytes of resident memory that the process may use; 0: no limit. */
  readonly memory: number;
}

const INTERVAL_MS = 250;
const MEGABYTE = 2 ** 20;

const { engine, memory: given } = workerData as Watch;
let memory = given;

function look(): void {
  // An orphan gets another parent. A handler of `exit` could hang in native code: nothing is worth waiting for.
  if (process.ppid !== engine) killGroup(process.pid);
  if (memory === 0) return;
  const used = process.memoryUsage.rss();
  if (used <= memory) return;
  const megabytes = (bytes: number) => `${Math.round(bytes / MEGABYTE)} MB`;
  writeSync(2, `${OVER_MEMORY}: ${megabytes(used)} of ${megabytes(memory)}.\n`);
  killGroup(process.pid);
}

parentPort?.on("message", (bytes: number) => {
  memory = bytes === 0 ? given : bytes;
});
setInterval(look, INTERVAL_MS);
