/** The one file that a node makes: where it is put, and writing it. Knows no formats. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { CookedFile } from "dag-cook";

/** The parameter `output`. */
export function outputSchema(name: string) {
  return {
    type: ["string", "null"],
    path: "output",
    default: null,
    description: `Where the file is put; without it, it stays in the store as \`${name}\`.`,
  } as const;
}

/** The file as `cook` answers it: under the parameter's name, or its own where that is not set. */
export function madeFile(
  output: string | null,
  otherwise: string,
  tag: string,
): CookedFile & { readonly path: string } {
  return { path: output ?? otherwise, tag, ...(output !== null && { parameter: "output" }) };
}

/** Writes a text below the item's folder. */
export async function writeText(
  directory: string,
  output: string | null,
  otherwise: string,
  text: string,
  tag: string,
): Promise<CookedFile> {
  const made = madeFile(output, otherwise, tag);
  await writeBytes(directory, made.path, text);
  return made;
}

/** Writes a file below the item's folder, under a name that may have folders. */
export async function writeBytes(directory: string, path: string, bytes: Uint8Array | string): Promise<void> {
  await mkdir(dirname(join(directory, path)), { recursive: true });
  await writeFile(join(directory, path), bytes);
}
