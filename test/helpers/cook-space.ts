/** A temporary project folder in which the real command line cooks. Knows no node types but the ones given to it. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

const ROOT = resolve(import.meta.dirname, "../../..");
export const MAIN = join(ROOT, "dist/src/cli/main.js");

export interface Ended {
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** One JSON event of `--progress json`. */
export type JsonEvent = { readonly type: string } & Readonly<Record<string, unknown>>;

/** A cook that has ended, and its events. */
export type Cooked = Ended & { readonly events: readonly JsonEvent[] };

export class CookSpace {
  readonly folder: string = mkdtempSync(join(tmpdir(), "dag-"));
  /** Variables over those of the test's own process; undefined takes one away. */
  environment: Readonly<Record<string, string | undefined>> = {};
  /** A command that is given `dag` to start, as `unshare` is, and `afterLine`. */
  within: readonly string[] = [];
  readonly #started: ChildProcess[] = [];

  constructor() {
    // A project of its own: its root is marked, and node files in it find the package by name.
    this.write("package.json", JSON.stringify({ name: "space", type: "module" }));
    mkdirSync(join(this.folder, "node_modules"));
    symlinkSync(ROOT, join(this.folder, "node_modules/dag-cook"));
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  write(name: string, content: string | Uint8Array): void {
    mkdirSync(dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), content);
  }

  read(name: string): string {
    return readFileSync(this.path(name), "utf8");
  }

  exists(name: string): boolean {
    return existsSync(this.path(name));
  }

  list(name: string): string[] {
    return readdirSync(this.path(name)).sort();
  }

  /** Waits until a file is there and, where a text is given, holds it. */
  async until(name: string, text = ""): Promise<void> {
    const ends = Date.now() + 30_000;
    while (!(this.exists(name) && this.read(name).includes(text))) {
      if (Date.now() > ends) throw new Error(`${name} never held "${text}".`);
      await pause(5);
    }
  }

  /** Writes a graph file from its nodes. */
  graph(name: string, nodes: unknown, variables: Record<string, string> = {}): void {
    this.write(name, JSON.stringify({ version: 1, variables, nodes }, null, 2));
  }

  /** Runs `dag` to its end. */
  dag(...args: string[]): Promise<Ended> {
    return new Promise((done) => {
      const options = { cwd: this.folder, maxBuffer: 1 << 28, env: this.#environment() };
      const [program, ...rest] = this.#command(args);
      execFile(program, rest, options, (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === "number" ? error.code : null;
        done({ exit: code, stdout, stderr });
      });
    });
  }

  /** Cooks and answers the events. */
  async cook(graph: string, ...args: string[]): Promise<Cooked> {
    const ended = await this.dag("cook", graph, "--progress", "json", ...args);
    return { ...ended, events: eventsIn(ended.stderr) };
  }

  /** Starts `dag` and leaves it running, in a process group of its own; its standard error arrives line by line. */
  start(...args: string[]) {
    const options = { cwd: this.folder, env: this.#environment(), detached: true };
    const [program, ...rest] = this.#command(args);
    const child = spawn(program, rest, { ...options, stdio: ["ignore", "pipe", "pipe"] });
    this.#started.push(child);
    return child;
  }

  /** Starts a cook; `ended` resolves with its events, whatever ends it. */
  startCook(graph: string, ...args: string[]) {
    const child = this.start("cook", graph, "--progress", "json", ...args);
    const said = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (text: string) => {
        said[name] += text;
      });
    }
    const ended = new Promise<Cooked>((done) => {
      child.on("close", (exit) => done({ exit, ...said, events: eventsIn(said.stderr) }));
    });
    return { child, ended };
  }

  /** A node type of the space's own: `studio/NAME` from a module's text. */
  node(name: string, source: string): void {
    this.write(`nodes/studio/${name}.js`, source);
  }

  /** Removes the folder, and ends what a failed test has left running. */
  remove(): void {
    for (const child of this.#started) if (child.exitCode === null) child.kill("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }

  #command(args: readonly string[]): [string, ...string[]] {
    return [...this.within, process.execPath, MAIN, ...args] as [string, ...string[]];
  }

  #environment(): NodeJS.ProcessEnv {
    return { ...process.env, ...this.environment };
  }
}

/** Starts a command after a line of the shell: `ulimit -n 60`, `cd elsewhere`. */
export function afterLine(line: string): readonly string[] {
  return ["/bin/sh", "-c", `${line} && exec "$@"`, "sh"];
}

function eventsIn(stderr: string): JsonEvent[] {
  const lines = stderr.split("\n").filter((line) => line.startsWith("{"));
  return lines.map((line) => JSON.parse(line) as JsonEvent);
}

interface StateEvent {
  readonly type: "item_state";
  readonly item: { readonly node: string; readonly name: string; readonly index: number; readonly label: string };
  readonly from: string;
  readonly to: string;
  readonly reason?: string;
  readonly outcome?: { readonly kind: string };
}

/** The state changes of a cook. */
export function statesIn(events: readonly JsonEvent[]): StateEvent[] {
  return events.filter((event) => event.type === "item_state") as unknown as StateEvent[];
}

/** Labels of the items that came to a state, sorted; `node:index` of those without one. */
export function itemsThat(became: string, { events }: Pick<Cooked, "events">): string[] {
  return statesIn(events)
    .filter(({ to }) => to === became)
    .map(({ item }) => (item.label === item.name ? `${item.node}:${item.index}` : item.label))
    .sort();
}

/** Why the items of a cook were not taken from the store, by label. */
export function reasonsIn({ events }: Pick<Cooked, "events">): Record<string, string> {
  const missed = events.filter((event) => event.type === "item_missed");
  return Object.fromEntries(missed.map(({ item, why }) => [(item as StateEvent["item"]).label, String(why)]));
}

/** The message of each failed item, by label; of a failed node, by the node's name. */
export function failuresIn({ events }: Pick<Cooked, "events">): Record<string, string> {
  const failures: [string, string][] = [];
  for (const { type, item, failure, node, message } of events) {
    if (type === "item_failed")
      failures.push([(item as StateEvent["item"]).label, (failure as { readonly message: string }).message]);
    if (type === "node_failed") failures.push([String(node), String(message)]);
  }
  return Object.fromEntries(failures);
}

/** Names of the items whose work was done in a cook. */
export function cookedItems(events: readonly JsonEvent[]): string[] {
  return statesIn(events)
    .filter((event) => event.to === "cooked_success" && event.reason === undefined)
    .map((event) => event.item.name);
}
