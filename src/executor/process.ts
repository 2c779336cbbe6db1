/** The process that a worker runs in: how it is started, spoken to and ended on this machine. Knows messages, no tasks. */
import { type ChildProcess, fork } from "node:child_process";
import type { Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { hasGroups } from "../base/system.js";
import { killGroup } from "../worker/group.js";
import type { FromWorker, ToWorker } from "../worker/protocol.js";

const ENTRY = fileURLToPath(new URL("../worker/process.js", import.meta.url));
/** After a worker's exit its last output is waited for this long: a process that it left behind may hold the pipe open. */
const LAST_OUTPUT_MS = 200;

/** A process as the engine sees it; a simulation gives its own. */
export interface WorkerProcess {
  /** Undefined where it could not be started. */
  readonly pid: number | undefined;
  /** Whether messages reach it. */
  readonly connected: boolean;
  send(message: ToWorker): void;
  /** Whether the engine's own process stays alive for it. */
  keepAlive(alive: boolean): void;
  /** Ends it, and all that it started, at once. */
  kill(): void;
}

/** Who hears of a process; nothing is heard before it is started. */
export interface ProcessListener {
  received(message: FromWorker): void;
  /** What it printed by itself. */
  printed(text: string, stream: "stdout" | "stderr"): void;
  /** Once, and last. `how`: "ended with code 1". */
  ended(how: string): void;
}

/** Starts a process with `environment` over the engine's own; `memory`: bytes that it may use, 0 for any number. */
export type StartProcess = (
  environment: Readonly<Record<string, string>>,
  memory: number,
  listener: ProcessListener,
) => WorkerProcess;

export const startProcess: StartProcess = (environment, memory, listener) => {
  const child = fork(ENTRY, [String(process.pid), String(memory)], {
    env: { ...process.env, ...environment },
    execArgv: [],
    // A process group of its own: the programs that an item starts end with it.
    detached: hasGroups(),
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  listen(child, listener);
  return {
    pid: child.pid,
    get connected() {
      // Its channel is closed a while after its end.
      return child.connected && child.exitCode === null && child.signalCode === null;
    },
    send(message) {
      child.send(message, () => {}); // a channel that is closed is followed by the exit
    },
    keepAlive(alive) {
      for (const end of [child, child.channel])
        if (alive) end?.ref();
        else end?.unref();
    },
    kill() {
      if (child.pid !== undefined) killGroup(child.pid);
    },
  };
};

function listen(child: ChildProcess, listener: ProcessListener): void {
  let isOver = false;
  let timer: NodeJS.Timeout | undefined;
  const over = (how: string) => {
    if (isOver) return;
    isOver = true;
    clearTimeout(timer);
    listener.ended(how);
  };
  child.on("error", (error) => {
    if (child.pid === undefined) over(`could not be started: ${error.message}`);
  });
  child.on("exit", (code, signal) => {
    killGroup(child.pid!); // what an item started must not outlive the worker
    const how = signal === null ? `ended with code ${code}` : `ended by signal ${signal}`;
    child.on("close", () => over(how));
    timer = setTimeout(over, LAST_OUTPUT_MS, how);
  });
  for (const name of ["stdout", "stderr"] as const) {
    const stream = child[name] as Socket;
    stream.unref();
    stream.setEncoding("utf8").on("data", (text: string) => listener.printed(text, name));
  }
  child.on("message", (message: FromWorker) => listener.received(message));
}
