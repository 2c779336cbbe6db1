/** The attempts that a worker has in hand: whom its messages concern, and who is to blame when it ends. Knows no process. */
import type { EngineDoors, FromWorker, NumberedTask, Outcome, Question, ToWorker } from "../worker/protocol.js";
import type { Attempt, Ending } from "./executor.js";
import { endOfLog, keepOutput, lastWords } from "./remains.js";

export interface Batch {
  readonly tasks: readonly NumberedTask[];
  idOf(attempt: Attempt): number | undefined;
  /** The worker is up, and comes to the first task. */
  begin(pid: number): void;
  hear(message: FromWorker, answer: (message: ToWorker) => void): void;
  /** What the process printed by itself, past the log of the task at work. */
  printed(text: string): void;
  /** The engine ends the worker on account of an attempt. */
  ending(attempt: Attempt, ending: Ending): void;
  /** The worker has ended; `how`: "The worker ended with code 1". */
  over(how: string, stderr: readonly string[]): void;
}

/** What a worker did before. */
export interface Before {
  /** How many tasks it was given. */
  readonly first: number;
  /** Names of the last of them. */
  readonly earlier: readonly string[];
}

/** Numbers the attempts after those before. `finish` is called once, with those that did not settle. */
export function createBatch(
  attempts: readonly Attempt[],
  { first, earlier }: Before,
  finish: (left: Attempt[]) => void,
): Batch {
  const open = new Map(attempts.map((attempt, index) => [first + index, attempt]));
  const endings = new Map<Attempt, Ending>();
  let worker = 0;
  let began = performance.now();
  let current: Attempt | undefined;
  const comeTo = (attempt: Attempt) => {
    if (attempt === current) return;
    current = attempt;
    began = performance.now();
    attempt.started({ pid: worker });
  };
  const next = () => {
    const [attempt] = open.values();
    if (attempt === undefined) finish([]);
    else comeTo(attempt);
  };
  const failed = ({ task }: Attempt, cause: Failed["cause"], message: string): Failed => {
    const seconds = (performance.now() - began) / 1000;
    return { kind: "failed", cause, message, tail: endOfLog(task.log), seconds };
  };
  return {
    tasks: [...open].map(([id, { task }]) => [id, task]),
    idOf: (attempt) => [...open].find(([, each]) => each === attempt)?.[0],
    begin(pid) {
      worker = pid;
      next();
    },
    hear(message, answer) {
      if (message.kind === "ready") return;
      if (message.kind === "settled") {
        for (const [id, outcome] of message.outcomes) {
          const attempt = open.get(id);
          // Node code can send what it likes over the channel: of what is not under way, nothing is believed.
          if (attempt === undefined) continue;
          comeTo(attempt); // several may have come and gone since the last message
          open.delete(id);
          attempt.settled(outcome);
        }
        return next();
      }
      const attempt = open.get(message.id);
      if (message.kind === "progress") attempt?.progress(message.figures);
      else if (message.kind === "warn") attempt?.warn(message.line);
      else if (message.kind === "remember") attempt?.doors?.remember(message.key, message.found);
      else
        void ask(attempt?.doors, message.question).then((reply) =>
          answer({ kind: "answer", ask: message.ask, ...reply }),
        );
    },
    printed(text) {
      if (current !== undefined) keepOutput(current.task.log, text);
    },
    ending: (attempt, ending) => void endings.set(attempt, ending),
    over(how, stderr) {
      const left: Attempt[] = [];
      for (const attempt of open.values()) {
        const ending = endings.get(attempt);
        const single = attempts.length === 1;
        if (ending !== undefined && (single || ending.cause === "cancelled"))
          attempt.settled(failed(attempt, ending.cause, ending.message));
        else if (single && first === 0) attempt.settled(crashed(attempt));
        else {
          // What earlier work left behind, in memory or as a timer, is not this one's fault.
          if (single)
            attempt.warn(`${crashed(attempt).message}. ${names(earlier)} ran in it before; cooked again in a new one.`);
          left.push(attempt);
        }
      }
      finish(left);

      function crashed(attempt: Attempt): Failed {
        const { line, memory } = lastWords(stderr);
        const why =
          line ??
          (how.endsWith("SIGKILL") ? "it was killed from outside, or the system ran out of memory" : "it said nothing");
        return failed(attempt, memory ? "memory" : "crash", `${how}: ${why}`);
      }
    },
  };
}

function names(earlier: readonly string[]): string {
  return earlier.length === 1 ? earlier[0]! : `${earlier.slice(0, -1).join(", ")} and ${earlier.at(-1)}`;
}

type Failed = Extract<Outcome, { kind: "failed" }>;

/** The doors' answer to a question, with an error as words for the node's code. */
async function ask(
  doors: EngineDoors | undefined,
  question: Question,
): Promise<{ value: unknown } | { error: string }> {
  try {
    if (doors === undefined) throw new Error("Only a discovery may ask for files.");
    if (question.door === "read") return { value: await doors.read(question.path) };
    if (question.door === "recall") return { value: await doors.recall(question.key, question.digests) };
    const { directory, glob, recursive } = question;
    return { value: await doors.list(directory, glob, recursive === undefined ? {} : { recursive }) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}
