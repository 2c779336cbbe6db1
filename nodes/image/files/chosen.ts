/** Decodes what is chosen of an image file, and writes it as a TIFF that holds just that. Knows no folders. */
import { extname } from "node:path";
import type { InputFile } from "dag-cook";
import { placeIn } from "./images.js";
import { type Choice, readingOf } from "./reading.js";

/** Answers the file's path below the folder. Rejects with an ImageError that names the file. */
export async function readChosen(file: InputFile, choice: Choice, directory: string): Promise<string> {
  const { encodeTiff, openImage, writeBytes } = await import("dag-cook/image");
  const { header, decode } = await openImage(file.path, readingOf(choice));
  const path = `${file.name.slice(0, file.name.length - extname(file.name).length)}.tif`;
  await writeBytes(placeIn(directory, path), encodeTiff(await decode(), header.geo));
  return path;
}
