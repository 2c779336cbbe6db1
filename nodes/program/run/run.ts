/** Runs a program with the variables that every program needs, and keeps what it prints. Knows no items. */
import { runProgram as run } from "dag-cook/program";

/** What is run. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  /** Where it runs. */
  readonly directory: string;
  /** All that the program gets beside what every program needs; undefined takes one away. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** A file for the standard output, `lines` for the answer, or `log`. */
  readonly stdout: "log" | "lines" | { readonly file: string };
  readonly signal: AbortSignal;
  log(lines: string): void;
}

/** How it ended. */
export interface Ran {
  readonly exitCode: number;
  /** The standard output, where that was asked for; several lines may come as one text. */
  readonly lines: readonly string[];
}

/** Time that a program has to end by itself once it was told to. */
const GRACE_MS = 2000;
const MOST_ANSWER = 64 * 1024;

/**
 * Runs the program to its end; its error output goes to the log. Rejects with a message for the user where it cannot be
 * started or is ended by a signal, and with the signal's reason where it was told to stop.
 */
export async function runProgram(command: Command): Promise<Ran> {
  const { program, args, directory, environment, stdout, signal, log } = command;
  signal.throwIfAborted();
  const lines: string[] = [];
  let length = 0;
  const keep = (some: string): void => {
    length += some.length + 1;
    if (length <= MOST_ANSWER) lines.push(some);
  };
  const { exitCode, by, problem } = await run({
    program,
    args,
    directory,
    environment: { ...neededVariables(), ...environment },
    stdout: stdout === "log" ? log : stdout === "lines" ? keep : stdout,
    stderr: log,
    signal,
    grace: GRACE_MS,
  });
  signal.throwIfAborted();
  if (length > MOST_ANSWER)
    throw new Error(`"${program}" wrote ${length} characters, above the limit of ${MOST_ANSWER}.`);
  if (problem !== undefined) throw new Error(problem);
  if (exitCode === undefined) throw new Error(`"${program}" was ended by the signal ${by}.`);
  return { exitCode, lines };
}

/** What every program needs to start and to speak: nothing in it should decide a result. */
const NEEDED =
  /^(PATH|HOME|USER|LOGNAME|SHELL|TMPDIR|TMP|TEMP|LANG|LC_\w+|TZ|LD_LIBRARY_PATH|DYLD_\w+|SYSTEMROOT|SYSTEMDRIVE|WINDIR|COMSPEC|PATHEXT|APPDATA|LOCALAPPDATA|USERPROFILE|PROGRAM\w+|XDG_\w+)$/i;

function neededVariables(): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => NEEDED.test(name)));
}

/** The first line that a program answers to a question such as `--version`; undefined where it is not there. */
export async function answerOf(program: string, args: readonly string[]): Promise<string | undefined> {
  const { execa } = await import("execa");
  const { failed, stdout, stderr } = await execa(program, args, { reject: false, stdin: "ignore", timeout: 20_000 });
  return failed ? undefined : (stdout || stderr).split("\n")[0]?.trim();
}
