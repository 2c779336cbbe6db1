/** How a command ends otherwise than well: a message for the user and an exit code. */

/** 0 done, 1 items failed, 2 usage or graph, 3 environment, 130 cancelled. */
export type ExitCode = 0 | 1 | 2 | 3 | 130;

/** Ends the command with a message (none: all has been said) and a code; the stack is never shown. */
export class CommandError extends Error {
  readonly exit: ExitCode;

  constructor(message: string, exit: ExitCode) {
    super(message);
    this.exit = exit;
  }
}
