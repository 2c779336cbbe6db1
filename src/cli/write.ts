/** Writes a file that the user asked for, with its folders; what hinders it ends the command with code 3. */
import { existsSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { problemIn, UserError } from "../base/error.js";
import { makeFolders, writeAtomic } from "../base/files.js";

/** Whole or not at all; a file that holds the same text already is left alone. */
export function writeRequested(file: string, content: string | Uint8Array): void {
  try {
    if (typeof content === "string" && existsSync(file) && readFileSync(file, "utf8") === content) return;
    makeFolders(dirname(file));
    writeAtomic(file, content);
  } catch (error) {
    throw new UserError(`${file} cannot be written: ${problemIn(error)}`, 3);
  }
}
