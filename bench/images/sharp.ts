/**
 * The peer of `bench/images`: what a plain script does with sharp. `node sharp.js WORK FROM TO`, where WORK is `SIDE.FORMAT` (images made
 * smaller), `FORMAT` (another format) or `flop` (mirrored PNGs).
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import PQueue from "p-queue";
import sharp from "sharp";

const [work, from, to] = process.argv.slice(2) as [string, string, string];
const [, side, format] = /^(?:(\d+)\.)?(\w+)$/.exec(work)!;
sharp.cache(false);
const queue = new PQueue({ concurrency: 2 });
await queue.addAll(
  readdirSync(from).map((name) => async () => {
    let image = sharp(join(from, name));
    if (side !== undefined) image = image.resize(Number(side));
    if (format === "flop") image = image.flop();
    if (format === "jpeg") image = image.jpeg({ quality: 90, chromaSubsampling: "4:4:4" });
    else image = image.png();
    await image.toFile(join(to, `${name}.${format === "jpeg" ? "jpg" : "png"}`));
  }),
);
