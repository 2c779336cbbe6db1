/** Decodes what is chosen of an image file, and writes it as a TIFF that holds just that. Knows no folders. */
import { dirname, extname } from "node:path";
import type { InputFile } from "dag-cook";
import { placeIn } from "./images.js";
import { type Choice, readingOf } from "./reading.js";

/** Answers the file's path below the folder. Rejects with an ImageError that names the file. */
export async function readChosen(file: InputFile, choice: Choice, directory: string): Promise<string> {
  const { openImage, openStrips, stripRows, writeStrips } = await import("dag-cook/image");
  const path = `${file.name.slice(0, file.name.length - extname(file.name).length)}.tif`;
  const to = placeIn(directory, path);
  const { header, rows, close } = await openStrips(await openImage(file.path, readingOf(choice)), dirname(to));
  const step = stripRows(header, header, 1);
  const strips = async function* () {
    for (let top = 0; top < header.height; top += step) yield await rows(top, Math.min(step, header.height - top));
  };
  try {
    await writeStrips(to, header.height, strips(), { format: "tiff", floats: false, geo: header.geo ?? {} });
  } finally {
    await close();
  }
  return path;
}
