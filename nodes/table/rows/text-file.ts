/** Text files read whole. Knows no formats. */
import { readFile, stat } from "node:fs/promises";

/** Bytes of a file that is read whole: 256 MiB. */
const MOST_BYTES = 2 ** 28;

/** The text of a file. Rejects, without naming the file, where it is too large or no UTF-8. */
export async function readText(path: string): Promise<string> {
  const { size } = await stat(path);
  if (size > MOST_BYTES) throw new Error(`it has ${size} bytes, above the limit of ${MOST_BYTES}`);
  const bytes = await readFile(path);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new Error("it is no text in UTF-8", { cause });
  }
}
