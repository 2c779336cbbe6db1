/** How a command ends otherwise than well: a message for the user and an exit code. */
import { explain, isShortage, StoreError } from "../cache/trouble.js";

/** 0 done, 1 items failed, 2 usage or graph, 3 environment, 130 cancelled. */
export type ExitCode = 0 | 1 | 2 | 3 | 130;

/** Ends the command with a message and a code; the stack is never shown. */
export class CommandError extends Error {
  readonly exit: ExitCode;

  constructor(message: string, exit: ExitCode) {
    super(message);
    this.exit = exit;
  }
}

/** The end of a command by any error. The stack is shown of a fault of our own alone. */
export function commandErrorOf(error: unknown): CommandError {
  if (error instanceof CommandError) return error;
  if (error instanceof StoreError || isShortage(error))
    return new CommandError(explain("dag cannot go on", error).message, 3);
  const stack = error instanceof Error ? error.stack : String(error);
  return new CommandError(`dag met a fault of its own; please report it:\n${stack}`, 3);
}
