/** How a command ends otherwise than well: a message for the user and an exit code. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { messageOfError, UserError } from "../base/error.js";
import { explain, isShortage } from "../store/errors.js";
import { ownVersion } from "./version.js";

/** The end of a command by any error. A fault of our own is said to be ours; its stack goes into a log. */
export function endOf(error: unknown): UserError {
  if (error instanceof UserError) return error;
  if (isShortage(error)) return explain("dag cannot go on", error);
  const log = logged(error);
  const where = log === undefined ? `:\n${inspect(error)}` : ` with its log: ${log}`;
  return new UserError(`dag met a fault of its own (${messageOfError(error)}). Please report it${where}`, 4);
}

/** Writes down what happened. Answers the file; undefined where none can be written. */
function logged(error: unknown): string | undefined {
  try {
    const file = join(mkdtempSync(join(tmpdir(), "dag-fault-")), "fault.log");
    const { version, platform, arch } = process;
    const head = `dag ${ownVersion()}, node ${version}, ${platform} ${arch}, ${new Date().toISOString()}`;
    // What was asked for may hold secrets: the arguments are left out.
    writeFileSync(file, `${head}\n\n${inspect(error)}\n`, { mode: 0o600 });
    return file;
  } catch {
    return undefined;
  }
}
