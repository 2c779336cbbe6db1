/** The entry of the thread that looks at files beside the main one. What it does is in `stamps.ts`. */
import { parentPort } from "node:worker_threads";
import { lookAll, type Request } from "./stamps.js";

parentPort!.on("message", ({ port, ...looks }: Request) => {
  port.postMessage(lookAll(looks));
  port.close();
});
