/** The entry of a decoding thread: takes work, answers outcomes. What it does is in `prepare.ts`. */
import { parentPort, workerData } from "node:worker_threads";
import type { SampleForm } from "./prepare.js";
import { doWork } from "./prepare.js";
import type { DecodeReply, DecodeRequest } from "./threads.js";

const form = workerData as SampleForm;
const port = parentPort!;
port.on("message", async ({ id, work }: DecodeRequest) => {
  try {
    const outcome = await doWork(work, form);
    port.postMessage({ id, outcome } satisfies DecodeReply, [outcome.planes[0].buffer, outcome.planes[1].buffer]);
  } catch (error) {
    port.postMessage({ id, error: error as Error } satisfies DecodeReply);
  }
});
