/** Decodes what is chosen of an image file, and writes it as a TIFF that holds just that. Knows no folders. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, extname, join } from "node:path";
import type { InputFile } from "dag-cook";
import { type Choice, readingOf } from "./reading.js";

/** Answers the file's path below the folder. Rejects with an ImageError that names the file. */
export async function readChosen(file: InputFile, choice: Choice, directory: string): Promise<string> {
  const { decodeImage, encodeTiff, readHeader } = await import("dag-cook/image");
  const { geo } = await readHeader(file.path, readingOf(choice));
  const image = await decodeImage(file.path, readingOf(choice));
  const path = `${file.name.slice(0, file.name.length - extname(file.name).length)}.tif`;
  await mkdir(dirname(join(directory, path)), { recursive: true });
  await writeFile(join(directory, path), encodeTiff(image, geo));
  return path;
}
