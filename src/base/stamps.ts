/**
 * Stamps of many files at once. A look at a file costs some microseconds, so that others get a turn in between. Knows nothing
 * of what the files are.
 */
import { sep } from "node:path";
import { stampAt } from "./stamp.js";

/** Milliseconds without a turn of others, and names between two looks at the clock. */
const LONGEST_MS = 50;
const LOOKS = 256;

let began = 0;

/** In the order of the names, which are relative to the folder; empty for what cannot be seen. */
export async function stampsIn(folder: string, names: readonly string[]): Promise<readonly string[]> {
  const prefix = folder.endsWith(sep) ? folder : `${folder}${sep}`;
  const stamps = new Array<string>(names.length);
  for (let place = 0; place < names.length; place++) {
    if (place % LOOKS === 0 && performance.now() - began > LONGEST_MS) {
      await new Promise(setImmediate);
      began = performance.now();
    }
    stamps[place] = stampAt(prefix + names[place]!);
  }
  return stamps;
}
