/** Reads each EXR file of a folder several times: `node exr.js FOLDER`. Prints the least CPU seconds of each as JSON; the decoding alone. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { decodeImage } from "../../src/image/decode.js";
import { timed } from "../engine/measure.js";

const TIMES = 4;

const [folder] = process.argv.slice(2) as [string];
const least: Record<string, number> = {};
for (const name of readdirSync(folder).sort()) {
  for (let time = 0; time < TIMES; time++) {
    const { user, system } = await timed(() => decodeImage(join(folder, name)));
    least[name] = Math.min(least[name] ?? Number.POSITIVE_INFINITY, user + system);
  }
}
console.log(JSON.stringify(least));
