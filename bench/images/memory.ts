/** The memory of commands that this process starts, looked at while they run. Linux only: it reads /proc. */
import { readdirSync, readFileSync } from "node:fs";

/** In MB: the most that one process ever had, and the most that all had at a time. */
export interface Peak {
  readonly largest: number;
  readonly together: number;
}

/** Looks at all descendants of this process until the function that it returns is called. */
export function watchMemory(everyMs = 20): () => Peak {
  let [largest, together] = [0, 0];
  const look = () => {
    const all = descendants(process.pid).map(memoryOf);
    largest = Math.max(largest, ...all.map(({ most }) => most));
    together = Math.max(
      together,
      all.reduce((sum, { now }) => sum + now, 0),
    );
  };
  const timer = setInterval(look, everyMs);
  return () => {
    clearInterval(timer);
    return { largest, together };
  };
}

function descendants(pid: number): readonly number[] {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    const text = threads.map((thread) => readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8")).join(" ");
    const children = text.split(" ").filter(Boolean).map(Number);
    return children.flatMap((child) => [child, ...descendants(child)]);
  } catch {
    return []; // it has ended
  }
}

function memoryOf(pid: number): { readonly most: number; readonly now: number } {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const of = (key: string) => Number(new RegExp(`^${key}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? 0) / 1024;
    return { most: of("VmHWM"), now: of("VmRSS") };
  } catch {
    return { most: 0, now: 0 };
  }
}
