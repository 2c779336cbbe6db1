/**
 * An item's log: the file is made with its first line, and the last lines are kept for the report. What node code prints
 * goes to the log of the item at work. It knows nothing of tasks or of the engine.
 */
import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/** How many last lines are kept. */
export const TAIL_LINES = 20;

export interface ItemLog {
  line(text: string): void;
  /** A line for the file alone: stacks. */
  detail(text: string): void;
  tail(): readonly string[];
  close(): void;
}

/**
 * A log at an absolute path. Nothing is made before there is something to say. A log that cannot be written is left out: a
 * full disk must not change how an item ends.
 */
export function openLog(path: string): ItemLog {
  let descriptor: number | undefined;
  let tail: string[] = [];
  const detail = (text: string) => {
    try {
      if (descriptor === undefined) {
        mkdirSync(dirname(path), { recursive: true });
        descriptor = openSync(path, "a");
      }
      writeSync(descriptor, `${text}\n`);
    } catch {}
  };
  return {
    detail,
    line(text) {
      detail(text);
      tail = [...tail, ...text.split("\n").slice(-TAIL_LINES)].slice(-TAIL_LINES);
    },
    tail: () => tail,
    close() {
      if (descriptor !== undefined) closeSync(descriptor);
      descriptor = undefined;
    },
  };
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
