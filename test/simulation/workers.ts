/**
 * Workers without processes: they take tasks by the engine's own protocol, do the work of random-nodes on a disk in memory,
 * and misbehave as their dice say. Knows messages and tasks; nothing of states, slots or stores.
 */
import { join } from "node:path";
import { canonicalJson, digestOf } from "../../src/base/hash.js";
import type { ProcessListener, StartProcess, WorkerProcess } from "../../src/executor/process.js";
import type { NodeDefinition } from "../../src/nodetype/define.js";
import { performDiscover } from "../../src/worker/discover.js";
import type {
  CookTask,
  DiscoverTask,
  FromWorker,
  MadeFile,
  Task,
  TaskResult,
  ToWorker,
} from "../../src/worker/protocol.js";
import { unpackTasks } from "../../src/worker/rows.js";
import type { Dice } from "../helpers/dice.js";
import { madeOf } from "../helpers/random-nodes/random/random_work.js";
import type { VirtualClock } from "./clock.js";
import type { Disk } from "./disk.js";

/** How often workers misbehave: 0 for never, 1 for as often as is of any use. */
export interface Mood {
  readonly trouble: number;
  /** Whether items leave something behind in their worker that ends it later. */
  readonly leaves?: boolean;
}

export interface WorkerParts {
  readonly clock: VirtualClock;
  readonly disk: Disk;
  readonly dice: Dice;
  readonly mood: Mood;
  /** By the URL of their modules. */
  readonly types: ReadonlyMap<string, NodeDefinition>;
  /** Whether the node of an item has a timeout: only there may work hang. */
  mayHang(item: string): boolean;
  /** What a version of the node code writes beside the rest. */
  salt(code: string): string;
  /** Work begins; `key` follows from all that decides it. */
  worked(item: string, key: string): void;
  /** What a node's code may rely on does not hold. */
  wrong(problem: string): void;
}

type Fate = "well" | "slow" | "crash" | "hang" | "refuse" | "garbage";

/** Starts workers that all end with `killAll`. */
export class FakeWorkers {
  readonly #parts: WorkerParts;
  readonly #living = new Set<FakeWorker>();
  readonly #work = new Map<string, string>();
  readonly #crashed = new Set<string>();
  #pids = 100;

  constructor(parts: WorkerParts) {
    this.#parts = parts;
  }

  readonly start: StartProcess = (_environment, _memory, listener) => {
    const worked = (item: string, work: string) => {
      this.#work.set(item, work);
      this.#parts.worked(item, work);
    };
    const crashed = (item: string) => void this.#crashed.add(item);
    const worker = new FakeWorker(++this.#pids, { ...this.#parts, worked, crashed }, listener);
    this.#living.add(worker);
    return worker;
  };

  /** By item: all that decided its last work. */
  get work(): ReadonlyMap<string, string> {
    return this.#work;
  }

  /** Items that ended their worker themselves. */
  get crashed(): ReadonlySet<string> {
    return this.#crashed;
  }

  /** The engine is no more: its workers end without a word, some of them late. */
  abandon(): void {
    for (const worker of this.#living) worker.abandon();
  }
}

interface HeardParts extends WorkerParts {
  /** An item ends its worker. */
  crashed(item: string): void;
}

class FakeWorker implements WorkerProcess {
  readonly pid: number;
  readonly #parts: HeardParts;
  readonly #listener: ProcessListener;
  readonly #dice: Dice;
  readonly #asked = new Map<number, (answer: Extract<ToWorker, { kind: "answer" }>) => void>();
  readonly #saves = new Set<number>();
  readonly #up: Promise<void>;
  #asks = 0;
  #alive = true;
  #heard = true;

  constructor(pid: number, parts: HeardParts, listener: ProcessListener) {
    this.pid = pid;
    this.#parts = parts;
    this.#listener = listener;
    this.#dice = parts.dice.apart("worker", pid);
    this.#up = this.#pause(this.#dice.from(5, 60)).then(() => this.#tell({ kind: "ready" }));
  }

  get connected(): boolean {
    return this.#alive;
  }

  send(message: ToWorker): void {
    this.#after(0.1, () => {
      if (message.kind === "save") this.#saves.add(message.id);
      else if (message.kind === "answer") this.#asked.get(message.ask)?.(message);
      else void this.#up.then(() => this.#work(message.first, unpackTasks(message.tasks)));
    });
  }

  keepAlive(): void {}

  kill(): void {
    if (!this.#alive) return;
    this.#end("ended by signal SIGKILL", this.#dice.from(1, 4));
  }

  abandon(): void {
    this.#heard = false;
    // A worker that is left over goes on for a while, until its watchdog ends it.
    this.#after(this.#dice.from(0, 250), () => {
      this.#alive = false;
    });
  }

  #end(how: string, delay: number): void {
    this.#alive = false;
    this.#parts.clock.after(delay, () => {
      if (this.#heard) this.#listener.ended(how);
    });
  }

  #after(milliseconds: number, run: () => void): void {
    this.#parts.clock.after(milliseconds, () => {
      if (this.#alive) run();
    });
  }

  #pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => this.#after(milliseconds, resolve));
  }

  #tell(message: FromWorker): void {
    if (this.#heard) this.#listener.received(message);
  }

  /** One after another; several results may share a message. */
  async #work(first: number, tasks: readonly Task[]): Promise<void> {
    let held: [number, TaskResult][] = [];
    for (const [place, task] of tasks.entries()) {
      const id = first + place;
      const began = this.#parts.clock.now();
      const outcome = task.kind === "discover" ? await this.#discover(id, task) : await this.#cook(id, task);
      held.push([id, { ...outcome, seconds: (this.#parts.clock.now() - began) / 1000 }]);
      if (place < tasks.length - 1 && this.#dice.chance(0.5)) continue;
      this.#tell({ kind: "settled", results: held });
      held = [];
    }
  }

  async #discover(id: number, task: DiscoverTask): Promise<TaskResult> {
    await this.#pause(this.#dice.from(1, 20));
    if (this.#dice.chance(0.05 * this.#parts.mood.trouble)) return this.#crash();
    return performDiscover(task, {
      signal: new AbortController().signal,
      load: async (module) => this.#parts.types.get(module)!,
      progress: () => {},
      warn: (line) => this.#tell({ kind: "warn", id, line }),
      remember: (key, found) => this.#tell({ kind: "remember", id, key, found }),
      ask: (question) =>
        new Promise((resolve, reject) => {
          const ask = ++this.#asks;
          this.#asked.set(ask, ({ value, error }) => (error === undefined ? resolve(value) : reject(new Error(error))));
          this.#tell({ kind: "ask", id, ask, question });
        }),
    });
  }

  async #cook(id: number, task: CookTask): Promise<TaskResult> {
    const { disk, worked, salt, wrong } = this.#parts;
    if (this.#saves.has(id)) return failed("cancelled", "Cancelled.");
    const left = disk.list(task.directory);
    if (left.length > 0) wrong(`${task.item.name}: its folder is not empty, but has ${left.join(", ")}`);
    const fate = this.#fate(task);
    const duration = this.#duration(fate);
    // Files are read anywhere on the way: others may change them before and after.
    const reading = this.#dice.part() * duration;
    await this.#pause(reading);
    worked(task.item.name, workOf(task, disk, salt(task.code ?? "")));
    let made: ReturnType<typeof madeOf>;
    try {
      const text = `${task.params.text}${salt(task.code ?? "")}`;
      made = madeOf(task.item, { ...task.params, text } as never, (path) => disk.read(path));
    } catch (error) {
      await this.#pause(duration - reading);
      return failed("error", (error as Error).message);
    }
    await this.#pause(duration - reading);
    if (fate === "hang") return new Promise(() => {});
    const files = made.files.flatMap((file) => this.#write(task, file, fate === "crash"));
    if (fate === "crash") {
      this.#parts.crashed(task.item.name);
      return this.#crash();
    }
    if (fate === "refuse") return failed("error", "no mood to work");
    if (fate === "garbage") return this.#garbage(id, files);
    this.#goOn(id, task.directory, files);
    this.#leave(id);
    const isPartial = this.#saves.has(id);
    if (isPartial && this.#dice.chance(0.5)) return failed("cancelled", "Cancelled.");
    return { kind: "cooked", files, attributes: made.attributes ?? {}, partial: isPartial, seconds: 0 };
  }

  #fate({ item }: CookTask): Fate {
    const { mood, mayHang } = this.#parts;
    if (!this.#dice.chance(0.3 * mood.trouble)) return "well";
    const fates: Fate[] = ["slow", "crash", "crash", "refuse", "garbage", "slow", "hang"];
    const fate = this.#dice.pick(fates);
    return fate === "hang" && !mayHang(item.name) ? "slow" : fate;
  }

  #duration(fate: Fate): number {
    if (fate === "slow") return this.#dice.from(800, 30_000);
    return this.#dice.chance(0.3) ? this.#dice.part() * 2 : this.#dice.from(1, 1500);
  }

  /** A worker that ends in the midst of it has written a part. */
  #write(task: CookTask, file: ReturnType<typeof madeOf>["files"][number], half: boolean): MadeFile[] {
    const { disk } = this.#parts;
    if ("pass" in file) {
      const { digest, name, tag, size } = file.pass;
      return [{ pass: digest, name, tag, size }];
    }
    if (half && this.#dice.chance(0.5)) return [];
    const path = join(task.directory, file.path);
    disk.makeDirectory(task.directory);
    disk.write(path, half ? file.text.slice(0, this.#dice.from(0, file.text.length)) : file.text);
    const named = file.parameter === undefined ? {} : { parameter: file.parameter };
    const size = disk.stat(path)!.size;
    return [{ path: file.path, digest: disk.digest(path), size, tag: "file/text", ...named }];
  }

  /**
   * Code may write on after its work has returned, by the names that it knows: over what lies there then, and is as long. What it
   * returned itself it leaves alone until the engine has taken it.
   */
  #goOn(id: number, directory: string, files: readonly MadeFile[]): void {
    const { disk, mood } = this.#parts;
    const dice = this.#dice.apart("late", id);
    if (!dice.chance(0.3 * mood.trouble)) return;
    const own = files.flatMap((file) => ("path" in file ? [join(directory, file.path)] : []));
    const numbers = new Set(own.map((path) => disk.number(path)));
    this.#after(dice.from(20, 2000), () => {
      if (disk.stat(directory) === undefined && dice.chance(0.5)) return;
      disk.makeDirectory(directory);
      for (const path of [...own, join(directory, "made_0.txt")]) {
        if (numbers.has(disk.number(path))) continue;
        disk.write(path, "late".repeat(20).slice(0, disk.stat(path)?.size ?? 20));
      }
    });
  }

  /** Code may leave a timer that ends its worker: while that is idle, or is at what came later. */
  #leave(id: number): void {
    const dice = this.#dice.apart("left", id);
    const { leaves = false, trouble } = this.#parts.mood;
    if (leaves && dice.chance(0.3 * trouble)) this.#after(dice.from(1, 3000), () => void this.#crash());
  }

  #crash(): Promise<never> {
    this.#end(this.#dice.chance(0.5) ? "ended with code 1" : "ended by signal SIGKILL", this.#dice.from(0, 3));
    return new Promise(() => {});
  }

  /** Answers that no worker gives: whatever else they do, nothing of them may be believed. */
  #garbage(id: number, files: readonly MadeFile[]): TaskResult {
    const lie = { path: "absent.txt", digest: digestOf("absent"), size: 6, tag: "file/text" };
    const cooked = { kind: "cooked" as const, files, attributes: {}, partial: false, seconds: 0 };
    const roll = this.#dice.from(0, 5);
    if (roll === 0) return { ...cooked, files: [...files, lie] };
    if (roll === 1) return { ...cooked, files: [{ ...lie, path: "../escaped.txt" }] };
    if (roll === 2) return { ...cooked, attributes: { pdg_index: 3 } };
    if (roll === 3) return { ...cooked, attributes: { undeclared_by_anyone: 1 } };
    const wrong = files.map((file) => ("path" in file ? { ...file, size: file.size + 1 } : file));
    if (roll === 4 && files.some((file) => "path" in file)) return { ...cooked, files: wrong };
    this.#tell({ kind: "settled", results: [[id + 1000, cooked]] });
    this.#tell({ kind: "nonsense" } as never);
    return failed("error", "said nonsense");
  }
}

function failed(cause: "error" | "cancelled", message: string): TaskResult {
  return { kind: "failed", cause, message, tail: [], seconds: 0 };
}

/** All that decides a task's result, told by the task alone: no fingerprint is asked. */
function workOf({ module, code, item, params, env }: CookTask, disk: Disk, salt: string): string {
  const { quiet: _, source, ...counting } = params;
  const files = (some: readonly { digest: string; name: string; tag: string }[]) =>
    some.map(({ digest, name, tag }) => [digest, name, tag]);
  const inputs = Object.entries(item.inputs).map(([name, members]) => [
    name,
    members.map((member) => [member.attributes, files(member.files)]),
  ]);
  const read = typeof source === "string" && disk.stat(source) !== undefined ? disk.digest(source) : null;
  return digestOf(canonicalJson([module, code, salt, counting, read, item.attributes, inputs, files(item.files), env]));
}
