/** The working folder, which all relative paths go out from. Knows nothing of projects. */
import { existsSync } from "node:fs";
import { UserError } from "../base/error.js";

/** Ends the command where the working folder cannot be named: it is gone, or its name is no text. */
export function checkWorkingFolder(): void {
  const folder = workingFolder();
  if (folder === undefined) throw new UserError("The working folder is not there any more. Go to another one.", 3);
  if (folder.includes("\ufffd") && !existsSync(folder))
    throw new UserError(`The name of the working folder is not UTF-8: ${folder}. Rename it, or go to another.`, 3);
}

function workingFolder(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined;
  }
}
