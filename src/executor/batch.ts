/** The attempts that a worker has in hand: whom its messages concern, and who is to blame when it ends. Knows no process. */
import { messageOfError, NodeError, problemIn } from "../base/error.js";
import type { DiscoverPort, DiscoverRequest, FromWorker, TaskResult, ToWorker } from "../worker/protocol.js";
import type { Attempt } from "./attempt.js";
import type { BatchListener, Ending } from "./executor.js";
import { endOfLog, keepOutput, lastWords } from "./remains.js";

/** What a worker did before. */
export interface Before {
  /** How many tasks it was given. */
  readonly first: number;
  /** Names of the last of them. */
  readonly earlier: readonly string[];
}

type Failed = Extract<TaskResult, { kind: "failed" }>;

/** Tasks are numbered from `before.first` on, in the order of the attempts. */
export class WorkerBatch {
  readonly attempts: readonly Attempt[];
  readonly #before: Before;
  readonly #listener: BatchListener;
  readonly #finish: (left: readonly Attempt[]) => void;
  /** Undefined: settled. */
  readonly #open: (Attempt | undefined)[];
  readonly #endings = new Map<Attempt, Ending>();
  /** Place of the first that is open. */
  #next = 0;
  #worker = 0;
  #current: Attempt | undefined;
  #began = performance.now();

  /** `finish` is called once, with those that did not settle. */
  constructor(
    attempts: readonly Attempt[],
    before: Before,
    listener: BatchListener,
    finish: (left: readonly Attempt[]) => void,
  ) {
    this.attempts = attempts;
    this.#open = [...attempts];
    this.#before = before;
    this.#listener = listener;
    this.#finish = finish;
  }

  numberOf(attempt: Attempt): number | undefined {
    const place = this.#open.indexOf(attempt);
    return place < 0 ? undefined : this.#before.first + place;
  }

  /** The worker is up, and comes to the first task. */
  begin(worker: number): void {
    this.#worker = worker;
    this.#comeToNext();
  }

  receive(message: FromWorker, respond: (message: ToWorker) => void): void {
    if (message.kind === "ready") return;
    if (message.kind === "settled") return void this.#settle(message.results);
    const attempt = this.#open[message.id - this.#before.first];
    if (attempt === undefined) return;
    if (message.kind === "progress") attempt.owner?.progress(attempt, message.figures);
    else if (message.kind === "warn") attempt.owner?.warn(attempt, message.line);
    else if (message.kind === "remember") attempt.deps?.remember(message.key, message.found);
    else if (message.kind === "ask")
      void ask(attempt.deps, message.question).then(
        (reply) => respond({ kind: "answer", ask: message.ask, ...reply }),
        (error: unknown) => {
          attempt.owner?.fault(error);
          respond({ kind: "answer", ask: message.ask, error: messageOfError(error) });
        },
      );
  }

  /** What the process printed by itself, past the log of the task at work. */
  printed(text: string): void {
    if (this.#current !== undefined) keepOutput(this.#current.task!.log, text);
  }

  /** The engine ends the worker on account of an attempt. */
  ending(attempt: Attempt, ending: Ending): void {
    this.#endings.set(attempt, ending);
  }

  /** The worker has ended; `how`: "The worker ended with code 1". */
  over(how: string, stderr: readonly string[]): void {
    const { first, earlier } = this.#before;
    const single = this.attempts.length === 1;
    const ended: Attempt[] = [];
    const results: TaskResult[] = [];
    const left: Attempt[] = [];
    for (const attempt of this.#open) {
      if (attempt === undefined) continue;
      const ending = this.#endings.get(attempt);
      const isMeant = ending !== undefined && (single || ending.cause === "cancelled");
      if (isMeant) results.push(this.#failed(attempt, ending.cause, ending.message));
      else if (single && first === 0) results.push(this.#crashed(attempt, how, stderr));
      else {
        // What earlier work left behind, in memory or as a timer, is not this one's fault.
        const what = single ? `${this.#crashed(attempt, how, stderr).message}. ${names(earlier)} ran in it before` : "";
        if (single) attempt.owner?.warn(attempt, `${what}; cooked again in a new one.`);
        left.push(attempt);
        continue;
      }
      ended.push(attempt);
    }
    // One that the worker never came to was in its hands all the same.
    if (ended.length > 0) this.#listener.settled(ended, results, undefined);
    this.#finish(left);
  }

  #settle(rows: Extract<FromWorker, { kind: "settled" }>["results"]): void {
    const ended: Attempt[] = [];
    const results: TaskResult[] = [];
    for (const [id, result] of rows) {
      const place = id - this.#before.first;
      const attempt = this.#open[place];
      // Node code can send what it likes over the channel: of what is not under way, nothing is believed.
      if (attempt === undefined) continue;
      this.#open[place] = undefined;
      ended.push(attempt);
      results.push(result);
    }
    if (ended.length > 0) this.#listener.settled(ended, results, this.#worker);
    this.#comeToNext();
  }

  #comeToNext(): void {
    while (this.#next < this.#open.length && this.#open[this.#next] === undefined) this.#next += 1;
    const attempt = this.#open[this.#next];
    if (attempt === undefined) return void this.#finish([]);
    if (attempt === this.#current) return;
    this.#current = attempt;
    this.#began = performance.now();
    this.#listener.started(attempt, this.#worker);
  }

  #failed({ task }: Attempt, cause: Failed["cause"], message: string): Failed {
    const seconds = (performance.now() - this.#began) / 1000;
    return { kind: "failed", cause, message, tail: endOfLog(task!.log), seconds };
  }

  #crashed(attempt: Attempt, how: string, stderr: readonly string[]): Failed {
    const { line, memory } = lastWords(stderr);
    const killed = "it was killed from outside, or the system ran out of memory";
    const why = line ?? (how.endsWith("SIGKILL") ? killed : "it said nothing");
    return this.#failed(attempt, memory ? "memory" : "crash", `${how}: ${why}`);
  }
}

function names(earlier: readonly string[]): string {
  return earlier.length === 1 ? earlier[0]! : `${earlier.slice(0, -1).join(", ")} and ${earlier.at(-1)}`;
}

/** The doors' answer to a question, with an error as words for the node's code. Rejects with a fault of our own. */
async function ask(
  deps: DiscoverPort | undefined,
  question: DiscoverRequest,
): Promise<{ value: unknown } | { error: string }> {
  try {
    if (deps === undefined) throw new NodeError("Only a discovery may ask for files.");
    if (question.method === "read") return { value: await deps.read(question.path) };
    if (question.method === "recall") return { value: await deps.recall(question.key, question.digests) };
    const { directory, glob, recursive } = question;
    return { value: await deps.list(directory, glob, recursive === undefined ? {} : { recursive }) };
  } catch (error) {
    return { error: problemIn(error) };
  }
}
