/** The entry of a decoding thread: takes work, answers outcomes. What it does is in `prepare.ts`. */
import { parentPort, workerData } from "node:worker_threads";
import type { Form } from "./prepare.js";
import { doWork } from "./prepare.js";
import type { Reply, Request } from "./threads.js";

const form = workerData as Form;
const port = parentPort!;
port.on("message", async ({ id, work }: Request) => {
  try {
    const outcome = await doWork(work, form);
    port.postMessage({ id, outcome } satisfies Reply, [outcome.planes[0].buffer, outcome.planes[1].buffer]);
  } catch (error) {
    port.postMessage({ id, error: error as Error } satisfies Reply);
  }
});
