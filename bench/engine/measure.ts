/** Timing and tables that the engine's benchmarks share. Knows nothing of graphs. */
import { spawn } from "node:child_process";

/** Seconds. User and system time are those of the process that does the work; of a command, with all that it started. */
export interface Spent {
  readonly wall: number;
  readonly user: number;
  readonly system: number;
}

export interface EndedCommand extends Spent {
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A line of a table: what was measured, for how many items, beside which peer, and the goal in words. */
export interface Row {
  readonly what: string;
  readonly spent: Spent;
  readonly items?: number;
  readonly peer?: Spent | undefined;
  readonly goal?: string;
}

/** Runs a command to its end. Node tells nothing of a child's CPU time: the shell's `times` does (to 10 ms). */
export function command(folder: string, program: string, ...args: readonly string[]): Promise<EndedCommand> {
  const start = performance.now();
  const script = '"$@"; code=$?; times >&3; exit $code';
  const child = spawn("sh", ["-c", script, "sh", program, ...args], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  const texts = ["", "", "", ""];
  for (const place of [1, 2, 3]) child.stdio[place]?.on("data", (bytes: Buffer) => (texts[place] += bytes.toString()));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (exit) => {
      const wall = (performance.now() - start) / 1000;
      const [, , user = 0, system = 0] = [...texts[3]!.matchAll(/(\d+)m([\d.]+)s/g)].map(
        ([, minutes, seconds]) => Number(minutes) * 60 + Number(seconds),
      );
      resolve({ wall, user, system, exit, stdout: texts[1]!, stderr: texts[2]! });
    });
  });
}

/** Times work in this process. */
export async function timed(work: () => unknown): Promise<Spent> {
  const [start, before] = [performance.now(), process.cpuUsage()];
  await work();
  const wall = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(before);
  return { wall, user: user / 1e6, system: system / 1e6 };
}

/** Runs the cases in turn (a, b, a, b, …) and answers each one's medians: NaN, shown as —, for one that is absent. */
export async function alternate<Name extends string>(
  rounds: number,
  cases: Readonly<Record<Name, (() => Promise<Spent>) | undefined>>,
): Promise<Readonly<Record<Name, Spent>>> {
  const names = Object.keys(cases) as Name[];
  const spent = new Map<Name, Spent[]>(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const name of names) {
      const one = await cases[name]?.();
      if (one !== undefined) spent.get(name)!.push(one);
    }
  }
  return Object.fromEntries(names.map((name) => [name, medians(spent.get(name)!)])) as Record<Name, Spent>;
}

export function medians(all: readonly Spent[]): Spent {
  const of = (key: keyof Spent): number => median(all.map((each) => each[key]));
  return { wall: of("wall"), user: of("user"), system: of("system") };
}

function median(values: readonly number[]): number {
  if (values.length === 0) return Number.NaN;
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}

/** Prints medians as a Markdown table. */
export function printTable(title: string, rows: readonly Row[]): void {
  const lines = rows.map(({ what, spent, items = Number.NaN, peer, goal }) => [
    what,
    ...[spent.wall, spent.user, spent.system].map((seconds) => shown(seconds, 3, " s")),
    shown((spent.wall / items) * 1e6, 1, " µs"),
    shown(items / spent.wall, 0, "/s"),
    shown(spent.wall / (peer?.wall ?? Number.NaN), 2, "×"),
    goal ?? "",
  ]);
  const head = ["case", "wall", "user", "system", "an item", "rate", "to its peer", "goal"];
  const widths = head.map((_, column) => Math.max(...[head, ...lines].map((line) => line[column]!.length)));
  const text = (cells: readonly string[]) => `| ${cells.map((cell, at) => cell.padEnd(widths[at]!)).join(" | ")} |`;
  const rule = `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`;
  console.log([`\n${title}`, "", text(head), rule, ...lines.map(text)].join("\n"));
}

function shown(value: number, digits: number, unit: string): string {
  return Number.isNaN(value) ? "—" : `${value.toFixed(digits)}${unit}`;
}
