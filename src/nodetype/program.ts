/**
 * The door `dag-cook/program`: a program run to its end, from a list of arguments and never through a shell. Knows no items and
 * judges no exit code.
 */
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
  readonly stdout: { readonly file: string } | TakeLines;
  readonly stderr: TakeLines;
  /** Tells it to stop. */
  readonly signal: AbortSignal;
  /** Milliseconds that it has to end by itself once it was told to. */
  readonly grace: number;
}

/** Takes lines as they come, one or many at once: with `\n` between them, and none after the last. */
export type TakeLines = (lines: string) => void;

/** How it ended: with a code, by a signal of the system, or not at all, since it could not be started (`problem`, for the user). */
export interface EndedProgram {
  readonly exitCode: number | undefined;
  readonly by: string | undefined;
  readonly problem: string | undefined;
}

/** Runs a program. Never rejects for what it does; whether it was told to stop, the caller sees by its own signal. */
export async function runProgram(command: Command): Promise<EndedProgram> {
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
    passLines(child.stderr, stderr),
    typeof stdout === "function" ? passLines(child.stdout, stdout) : undefined,
  ]);
  const { exitCode, signal: by, code, shortMessage } = result;
  const started = exitCode !== undefined || by !== undefined;
  return { exitCode, by, problem: started ? undefined : startProblem(program, code, shortMessage ?? "") };
}

/** Characters of a line, after which it is passed on in pieces: a program may print for hours without a line break. */
const MOST_LINE = 16 * 2 ** 20;

async function passLines(stream: Readable | undefined | null, take: TakeLines): Promise<void> {
  if (!stream) return;
  let open: string[] = [];
  let length = 0;
  stream.setEncoding("utf8");
  for await (const chunk of stream as AsyncIterable<string>) {
    open.push(chunk);
    length += chunk.length;
    // One at the end may be half of a break.
    const ends = /[\r\n]/.test(chunk) || open.at(-2)?.endsWith("\r");
    if (!ends && length < MOST_LINE) continue;
    const [lines, rest] = wholeLines(open.join(""));
    if (lines !== undefined) take(lines);
    open = [rest];
    length = rest.length;
  }
  if (length > 0) take(open.join("").replace(/\r$/, ""));
}

/** The lines that have ended, and what follows them. A carriage return ends a line too, as a progress bar has it. */
function wholeLines(text: string): readonly [lines: string | undefined, rest: string] {
  const cut = /[\r\n]/.test(text) ? Math.max(text.lastIndexOf("\n"), text.slice(0, -1).lastIndexOf("\r")) : text.length;
  if (cut === -1) return [undefined, text];
  return [text.slice(0, cut).replace(/\r$/, "").replace(/\r\n?/g, "\n"), text.slice(cut + 1)];
}

function startProblem(program: string, code: string | undefined, message: string): string {
  if (code === "ENOENT") return `The program "${program}" was not found${/[/\\]/.test(program) ? "" : " on the PATH"}.`;
  if (code === "EACCES") return `The program "${program}" may not be executed: is it marked so (chmod +x)?`;
  return `The program "${program}" could not be started: ${message}`;
}

/** The last of some lines that is not blank. */
export function lastLine(lines: string): string | undefined {
  const text = lines.trimEnd();
  return text === "" ? undefined : text.slice(text.lastIndexOf("\n") + 1);
}
