/**
 * The door `dag-cook/program`: a program run to its end, from a list of arguments and never through a shell. Knows no items and
 * judges no exit code.
 */
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

/** What is run. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  /** Where it runs. */
  readonly directory: string;
  /** All variables that it gets; undefined: those of this process. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
  /** Its standard input; undefined: none. */
  readonly input?: string | undefined;
  /** A file for the standard output, or what takes its lines. */
  readonly stdout: { readonly file: string } | ((line: string) => void);
  readonly stderr: (line: string) => void;
  /** Tells it to stop. */
  readonly signal: AbortSignal;
  /** Milliseconds that it has to end by itself once it was told to. */
  readonly grace: number;
}

/** How it ended: with a code, by a signal of the system, or not at all, since it could not be started (`problem`, for the user). */
export interface Ended {
  readonly exitCode: number | undefined;
  readonly by: string | undefined;
  readonly problem: string | undefined;
}

/** Runs a program. Never rejects for what it does; whether it was told to stop, the caller sees by its own signal. */
export async function runProgram(command: Command): Promise<Ended> {
  const { program, args, directory, environment, input, stdout, stderr, signal, grace } = command;
  const { execa } = await import("execa");
  const child = execa(program, args, {
    cwd: directory,
    ...(environment !== undefined && { env: environment, extendEnv: false }),
    ...(input === undefined ? { stdin: "ignore" } : { input }),
    stdout: typeof stdout === "object" ? stdout : "pipe",
    buffer: false,
    reject: false,
    cancelSignal: signal,
    forceKillAfterDelay: grace,
  });
  const [result] = await Promise.all([
    child,
    eachLine(child.stderr, stderr),
    typeof stdout === "function" ? eachLine(child.stdout, stdout) : undefined,
  ]);
  const { exitCode, signal: by, code, shortMessage } = result;
  const started = exitCode !== undefined || by !== undefined;
  return { exitCode, by, problem: started ? undefined : startProblem(program, code, shortMessage ?? "") };
}

async function eachLine(stream: Readable | undefined | null, take: (line: string) => void): Promise<void> {
  if (!stream) return;
  for await (const line of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) take(line);
}

function startProblem(program: string, code: string | undefined, message: string): string {
  if (code === "ENOENT") return `The program "${program}" was not found${/[/\\]/.test(program) ? "" : " on the PATH"}.`;
  if (code === "EACCES") return `The program "${program}" may not be executed: is it marked so (chmod +x)?`;
  return `The program "${program}" could not be started: ${message}`;
}
