/**
 * Training pairs through the loader: CPU and wall time of a pair, as JSON. `node pairs.js FOLDER COUNT flips|turns`; inputs are
 * FOLDER/input/*.png, references FOLDER/reference/*.png.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { openLoader } from "../../src/ml/data/loader.js";
import { PLAIN_VALUES } from "../../src/ml/data/network-image.js";
import { NO_RANDOMIZATION } from "../../src/ml/data/randomize.js";
import { pairDirectories } from "../../src/ml/data/samples.js";
import { timed } from "../engine/measure.js";

const [folder, count, change] = process.argv.slice(2) as [string, string, string];
const files = (side: string) =>
  readdirSync(join(folder, side)).map((name) => ({ name, path: join(folder, side, name) }));
const flips = { ...NO_RANDOMIZATION, horizontal_flip: 0.5, vertical_flip: 0.5 };
const loader = openLoader(pairDirectories(files("input"), files("reference")), {
  ...{
    channel_count: 3,
    image_size: 256,
    crop_size: null,
    values: PLAIN_VALUES,
    batch_size: 1,
    max_iterations: 100,
    seed: 1,
  },
  ...{ shuffle_input_order: true, drop_boundary: false, worker_threads: 0, storage: "automatic", cache_bytes: 0 },
  randomization: change === "flips" ? flips : { ...flips, crop_inputs: 0.2, rotation: 1, rotation_max_degrees: 30 },
});
let step = 0;
const pairs = async (number: number) => {
  for (const end = step + number; step < end; step++) await loader.batch(step);
};
await pairs(50);
const { wall, user, system } = await timed(() => pairs(Number(count)));
console.log(JSON.stringify({ wall: wall / Number(count), cpu: (user + system) / Number(count) }));
await loader.close();
