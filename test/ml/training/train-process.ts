/** A process that trains, for a test that kills it: `node train-process.js FOLDER`. Prints a line for each step. */
import { writeSync } from "node:fs";
import { join } from "node:path";
import { train } from "../../../src/ml/translation/train.js";
import { DEEP, jobOf, recordedContext, smallParams, smallSamples } from "./small.js";

const folder = process.argv[2]!;
const samples = await smallSamples(join(folder, "samples"), 3, 64);
const params = smallParams(DEEP, { resume_interval: 0 });
const deps = recordedContext(join(folder, "resume"), {
  progress: ({ fraction }) => void writeSync(1, `step ${fraction}\n`),
  log: (line) => void writeSync(1, `${line}\n`),
  warn: (line) => void writeSync(1, `warning: ${line}\n`),
});
await train(jobOf(samples, params), deps, join(folder, "out"));
