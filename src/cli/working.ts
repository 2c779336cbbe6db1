/** The working folder, which all relative paths go out from. Knows nothing of projects. */
import { existsSync } from "node:fs";
import { CommandError } from "./fail.js";

/** Ends the command where the working folder cannot be named: it is gone, or its name is no text. */
export function checkWorkingFolder(): void {
  const folder = workingFolder();
  if (folder === undefined) throw new CommandError("The working folder is not there any more. Go to another one.", 3);
  if (folder.includes("\ufffd") && !existsSync(folder))
    throw new CommandError(`The name of the working folder is not UTF-8: ${folder}. Rename it, or go to another.`, 3);
}

function workingFolder(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined;
  }
}
