/**
 * Reads a world of odd images, and compares each with the reference reader of its format: exact, or refused in words. Files are
 * written over every option of tifffile, imagecodecs, Pillow and OpenEXR (`images_world.py`); folders of others are named:
 * unpacked source packages of Pillow (`Tests/images`), libtiff and OpenEXR.
 *
 *   node dist/bench/images-world.js [--python python3] [FOLDER…]
 *
 * The Python needs numpy, Pillow, tifffile, imagecodecs and OpenEXR; what it lacks is left out, and said.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { IMAGE_EXTENSIONS } from "../src/image/codecs.js";
import { decodeImage, readHeader } from "../src/image/decode.js";
import { OTHER_EXTENSIONS } from "../src/image/foreign.js";
import { ImageError, valuesOf } from "../src/image/image.js";

/** Files of these names are read; all else in the packages are sources and texts. */
const IMAGES = new RegExp(
  `\\.(${[...IMAGE_EXTENSIONS, ...OTHER_EXTENSIONS.keys()].map((extension) => extension.slice(1)).join("|")}|apng|jfif|pdf|svg|avifs)$`,
  "i",
);

const { values, positionals } = parseArgs({
  options: { python: { type: "string", default: "python3" } },
  allowPositionals: true,
});
const scratch = mkdtempSync(join(tmpdir(), "dag-world-"));
try {
  const made = join(scratch, "made");
  python("write", made);
  const lines: string[] = [];
  for (const path of [made, ...positionals].flatMap(filesIn))
    lines.push(JSON.stringify(await read(path, lines.length)));
  writeFileSync(join(scratch, "index"), lines.join("\n"));
  python("compare", join(scratch, "index"));
} finally {
  rmSync(scratch, { recursive: true });
}

function python(...args: readonly string[]): void {
  const script = join(import.meta.dirname, "../../bench/images_world.py");
  const { status, error } = spawnSync(values.python, [script, ...args], { stdio: "inherit" });
  if (status !== 0) throw new Error(`${values.python} ended with ${error?.message ?? status}`);
}

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && IMAGES.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** A line of the index. A fault is what is neither an image nor refused in words. */
async function read(path: string, index: number) {
  try {
    const header = await readHeader(path);
    const image = await decodeImage(path);
    const { width, height, channels } = image;
    const [wide, high] = [header.width, header.height];
    if (wide !== width || high !== height || header.channels !== channels)
      return { path, fault: `header ${wide}×${high}×${header.channels}, image ${width}×${height}×${channels}` };
    const raw = join(scratch, `${index}.raw`);
    writeFileSync(raw, valuesOf(image));
    return { path, width, height, channels, raw };
  } catch (error) {
    if (error instanceof ImageError) return { path, error: error.message };
    return { path, fault: (error as Error).stack ?? String(error) };
  }
}
