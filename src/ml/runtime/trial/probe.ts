/**
 * Tries a runtime on a device in a process of its own: a driver that crashes or hangs ends no more than that. It knows
 * nothing of what follows from the answer.
 */
import { fork } from "node:child_process";
import type { RuntimeTarget } from "../target/target.js";

export interface ProbeOptions {
  readonly threads: number;
  /** How long products of matrices are timed; 0: not at all. */
  readonly rateSeconds: number;
  /** Every operation is compared with the referee. */
  readonly deep: boolean;
}

/** What a working target showed. */
export interface Measured {
  /** Version of the package that computes. */
  readonly version: string;
  /** Largest relative error of a small update. */
  readonly error: number;
  /** Thousands of millions of operations a second. */
  readonly rate?: number;
  /** Where it was asked for: every operation's largest relative error; null where it failed, with the reason. */
  readonly operations?: readonly { readonly name: string; readonly error: number | null; readonly reason?: string }[];
}

/** A target that cannot be used, and why. */
export interface Rejected {
  readonly problem: string;
}

export interface ProbeTask extends ProbeOptions {
  readonly target: RuntimeTarget;
}

/** Drivers that compile their kernels first may take their time. */
const PATIENCE_MS = 180_000;
/** Of what a process that ends early wrote. */
const SHOWN_CHARACTERS = 300;

/** Tries a target. Never rejects. */
export function probe(target: RuntimeTarget, options: ProbeOptions): Promise<Measured | Rejected> {
  return new Promise((resolve) => {
    const stdio = ["ignore", "ignore", "pipe", "ipc"] as const;
    const child = fork(new URL("./probe-process.js", import.meta.url), { stdio: [...stdio], execArgv: [] });
    const timer = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
    let said = "";
    child.stderr!.on("data", (bytes) => {
      said = (said + String(bytes)).slice(-SHOWN_CHARACTERS);
    });
    let result: Measured | Rejected | undefined;
    child.on("message", (message) => {
      result = message as Measured | Rejected;
    });
    const end = (how: string) => {
      clearTimeout(timer);
      const last = said.trim().split("\n").at(-1);
      resolve(result ?? { problem: `the process that tried it ${how}${last ? `: ${last}` : ""}` });
    };
    child.on("error", ({ message }) => end(`did not start (${message})`));
    child.on("close", (code, signal) => end(signal === null ? `ended with ${code}` : `was ended by ${signal}`));
    child.send({ target, ...options } satisfies ProbeTask);
  });
}
