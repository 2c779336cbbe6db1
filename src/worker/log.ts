/**
 * An item's log: the file is made with its first line, and the last lines are kept for the report. What node code prints
 * goes to the log of the item at work. It knows nothing of tasks or of the engine.
 */
import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/** How many last lines are kept. */
export const TAIL_LINES = 20;

/** Characters of a log. What comes after is left out, but for the last lines. */
const MOST_LOG = 64 * 2 ** 20;
/** Characters of a line of the tail. */
const MOST_TAIL = 4096;

/**
 * A log at an absolute path. Nothing is made before there is something to say. A log that cannot be written is left out: a
 * full disk must not change how an item ends.
 */
export class ItemLog {
  readonly #path: string;
  readonly #most: number;
  #descriptor: number | undefined;
  #tail: readonly string[] = [];
  #length = 0;
  #leftOut = 0;

  /** `most`: characters that are kept. */
  constructor(path: string, most = MOST_LOG) {
    this.#path = path;
    this.#most = most;
  }

  /** One line or several, for the file and the tail. */
  line(text: string): void {
    this.detail(text);
    this.#tail = [...this.#tail, ...lastLines(text)].slice(-TAIL_LINES);
  }

  /** Lines for the file alone: stacks. */
  detail(text: string): void {
    this.#length += text.length + 1;
    if (this.#length > this.#most) this.#leftOut += text.length + 1;
    else this.#write(text);
  }

  #write(text: string): void {
    try {
      if (this.#descriptor === undefined) {
        mkdirSync(dirname(this.#path), { recursive: true });
        this.#descriptor = openSync(this.#path, "a");
      }
      writeSync(this.#descriptor, `${text}\n`);
    } catch {}
  }

  tail(): readonly string[] {
    return this.#tail;
  }

  close(): void {
    if (this.#leftOut > 0) {
      this.#write(`… ${this.#leftOut} characters are left out: a log holds ${this.#most}. Its last lines:`);
      for (const line of this.#tail) this.#write(line);
    }
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }
}

function lastLines(text: string): readonly string[] {
  let from = text.length;
  for (let count = 0; count < TAIL_LINES && from > 0; count++) from = text.lastIndexOf("\n", from - 1);
  const lines = text.slice(Math.max(0, from)).split("\n");
  return lines.slice(-TAIL_LINES).map((line) => line.slice(0, MOST_TAIL));
}

/** Where printed lines go now; undefined between items. */
let current: ItemLog | undefined;
/** Text after the last line break, by stream. */
const open = { stdout: "", stderr: "" };

/** From now on, what this process prints through `console` or its streams goes to the log of the item at work. */
export function capturePrinting(): void {
  for (const name of ["stdout", "stderr"] as const) {
    const stream = process[name];
    const direct = stream.write.bind(stream);
    const write = (chunk: string | Uint8Array, encoding?: unknown, done?: unknown): boolean => {
      const text = typeof chunk === "string" ? chunk : Buffer.from(chunk).toString();
      if (current === undefined) return direct(text);
      print(name, text, current);
      const callback = typeof encoding === "function" ? encoding : done;
      if (typeof callback === "function") process.nextTick(callback);
      return true;
    };
    stream.write = write;
  }
}

function print(name: "stdout" | "stderr", text: string, log: ItemLog): void {
  const lines = (open[name] + text).split("\n");
  open[name] = lines.pop() ?? "";
  if (lines.length > 0) log.line(lines.join("\n"));
}

/** Makes `log` the one that printed lines go to, until the answer is called. */
export function printTo(log: ItemLog): () => void {
  current = log;
  return () => {
    for (const name of ["stdout", "stderr"] as const) if (open[name] !== "") print(name, "\n", log);
    current = undefined;
  };
}
