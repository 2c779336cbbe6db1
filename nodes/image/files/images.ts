/** A work item's image files: finding them by tag, and writing new ones. Knows no pixels. */
import { mkdirSync } from "node:fs";
import { dirname, extname, join } from "node:path";
import { type InputFile, type InputMember, type ParamProblem, tagMatches } from "dag-cook";
import type { Depth, Image } from "dag-cook/image";

/** The files of a member that a tag covers, in order. */
export function tagged(member: InputMember, tag: string): readonly InputFile[] {
  return member.files.filter((file) => tagMatches(file.tag, tag));
}

/** The files that a tag covers, one at least. Throws, with the tags that there are, where there is none. */
export function requireTagged(member: InputMember, tag: string): readonly [InputFile, ...InputFile[]] {
  const [first, ...rest] = tagged(member, tag);
  if (first) return [first, ...rest];
  const tags = [...new Set(member.files.map((file) => file.tag))];
  const has = tags.length === 0 ? "it has no files" : `its files are tagged ${tags.join(", ")}`;
  throw new Error(`The item "${member.name}" has no file tagged "${tag}": ${has}.`);
}

/** The file's name with the extension that its depth asks for, and with `suffix` before it. */
export function imageName(name: string, depth: Depth, suffix = ""): string {
  return name.slice(0, name.length - extname(name).length) + suffix + (depth === "float" ? ".tif" : ".png");
}

/** Writes an image below the item's folder, under a name that may have folders. Rejects with an ImageError. */
export async function writeInto(
  directory: string,
  name: string,
  image: Image,
  depth: Depth = image.depth,
): Promise<void> {
  const { writeImage } = await import("dag-cook/image");
  await writeImage(placeIn(directory, name), image, depth);
}

/** The path of a file below the item's folder; the folders of its name are made. */
export function placeIn(directory: string, name: string): string {
  const path = join(directory, name);
  if (name.includes("/")) mkdirSync(dirname(path), { recursive: true });
  return path;
}

/** The parameter `output` of types that make one image, of the formats that `writeInto` knows. */
export const IMAGE_OUTPUT = {
  type: ["string", "null"],
  path: "output",
  default: null,
  description: "Where the image is put: .png, or .tif or .exr for floats; without it, it stays in the store.",
} as const;

/** What is wrong with it. */
export function imageOutputProblems(output: string | null): readonly ParamProblem[] {
  return output === null || /\.(png|tiff?|exr)$/i.test(output)
    ? []
    : [{ param: "output", message: `"${output}" must end in .png, .tif or .exr; image_convert makes other formats` }];
}
