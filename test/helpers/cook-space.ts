/** A temporary folder in which the real command line cooks. */
import { execFile, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../../..");
const MAIN = join(ROOT, "dist/src/cli/main.js");

export interface Ended {
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** One JSON event of `--progress json`. */
export type JsonEvent = { readonly type: string } & Readonly<Record<string, unknown>>;

export class CookSpace {
  readonly folder: string = mkdtempSync(join(tmpdir(), "dag-"));

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

  /** Writes a graph file from its nodes. */
  graph(name: string, nodes: unknown, variables: Record<string, string> = {}): void {
    this.write(name, JSON.stringify({ version: 1, variables, nodes }, null, 2));
  }

  /** Runs `dag` to its end. */
  dag(...args: string[]): Promise<Ended> {
    return new Promise((done) => {
      execFile(process.execPath, [MAIN, ...args], { cwd: this.folder, maxBuffer: 1 << 28 }, (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === "number" ? error.code : null;
        done({ exit: code, stdout, stderr });
      });
    });
  }

  /** Cooks and answers the events. */
  async cook(graph: string, ...args: string[]): Promise<Ended & { readonly events: readonly JsonEvent[] }> {
    const ended = await this.dag("cook", graph, "--progress", "json", ...args);
    const events = ended.stderr
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line) as JsonEvent);
    return { ...ended, events };
  }

  /** Starts `dag` and leaves it running; its standard error arrives line by line. */
  start(...args: string[]) {
    return spawn(process.execPath, [MAIN, ...args], { cwd: this.folder, stdio: ["ignore", "pipe", "pipe"] });
  }

  /** A node type of the space's own: `studio/NAME` from a module's text. */
  node(name: string, source: string): void {
    this.write(`nodes/studio/${name}.js`, source);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Names of the items whose work was done in a cook. */
export function cookedItems(events: readonly JsonEvent[]): string[] {
  return events
    .filter((event) => event.type === "item_state" && event.to === "cooked_success" && event.reason === undefined)
    .map((event) => (event.item as { readonly name: string }).name);
}
