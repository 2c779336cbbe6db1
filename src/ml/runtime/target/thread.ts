/**
 * A runtime in a thread of its own, so that it computes while others do. Programs, state and errors go to and fro; what a step
 * is fed and answers lies in memory that both threads see. It knows nothing of what is computed.
 */
import { Worker } from "node:worker_threads";
import { type FlatProgram, flatProgram } from "../../program/flat.js";
import type { Program, Shape } from "../../program/program.js";
import { sizeOf } from "../../program/shapes.js";
import { tensorsOf } from "../../program/walk.js";
import { RuntimeError } from "../errors.js";
import {
  addState,
  type CompiledProgram,
  feedOf,
  type Runtime,
  type RuntimeState,
  requireValues,
  type Values,
} from "../runtime.js";
import type { DeviceIndex, RuntimeTarget } from "./target.js";

/** What the thread is started with. */
export interface Opening {
  readonly target: RuntimeTarget;
  readonly place: DeviceIndex;
}

/** What it answers first. */
export type RuntimeInfo = Pick<Runtime, "name" | "device" | "version">;

/** Arrays by name, in memory that both threads see. */
export type SharedArrays = ReadonlyMap<string, Values>;

/** What the thread does, one after the other; states and programs go by numbers that the caller gives. */
export interface RuntimeCalls {
  addState(state: number, shapes: ReadonlyMap<string, Shape>): void;
  read(state: number, name: string): Promise<Values>;
  write(state: number, name: string, values: Values): void;
  disposeState(state: number): void;
  compile(program: number, flat: FlatProgram, state: number, feeds: SharedArrays, outputs: SharedArrays): Promise<void>;
  step(program: number): Promise<void>;
  disposeProgram(program: number): void;
}

type RuntimeMethod = keyof RuntimeCalls;

/** A call of a door; a null one ends the thread. */
export type Request = { readonly method: RuntimeMethod; readonly given: readonly unknown[] } | null;

/** How a call ended, in the order of the calls; the first reply is that of opening. `known`: the error was a RuntimeError. */
export type Reply = { readonly response: unknown } | { readonly error: string; readonly known: boolean };

/** Opens a target in a thread of its own. Rejects as `openTarget` does. */
export async function openThread(target: RuntimeTarget, place: DeviceIndex): Promise<Runtime> {
  const thread = new RuntimeThread({ target, place });
  const opened = await thread.opened.catch(async (error: Error) => {
    await thread.close();
    throw error;
  });
  let count = 0;
  return {
    ...opened,
    createState: (shapes) => new ThreadState(thread, count++, shapes),
    async compile(program, state) {
      if (!(state instanceof ThreadState)) throw new Error(`${opened.name} was given another runtime's state`);
      return await compileIn(thread, count++, program, state);
    },
    close: () => thread.close(),
  };
}

class RuntimeThread {
  readonly opened: Promise<RuntimeInfo>;
  readonly #worker: Worker;
  readonly #ended: Promise<unknown>;
  readonly #waiting: { resolve(response: unknown): void; reject(error: Error): void }[] = [];
  #failure: Error | undefined;

  constructor(opening: Opening) {
    this.#worker = new Worker(new URL("./runtime-thread.js", import.meta.url), { workerData: opening });
    this.#worker.on("message", (reply: Reply) => this.#settle(reply));
    this.#worker.on("error", (cause) =>
      this.#end(new RuntimeError(`a runtime's thread failed: ${String(cause)}`, { cause })),
    );
    this.#ended = new Promise((resolve) => {
      this.#worker.on("exit", (code) => {
        this.#end(new RuntimeError("a runtime's thread ended before its work was done"));
        resolve(code);
      });
    });
    this.opened = this.#response() as Promise<RuntimeInfo>;
  }

  /** Rejects also where an earlier call failed that nobody waited for. */
  async call<D extends RuntimeMethod>(
    method: D,
    ...given: Parameters<RuntimeCalls[D]>
  ): Promise<Awaited<ReturnType<RuntimeCalls[D]>>> {
    if (this.#failure !== undefined) throw this.#failure;
    this.#worker.postMessage({ method, given } satisfies Request);
    return (await this.#response()) as Awaited<ReturnType<RuntimeCalls[D]>>;
  }

  /** A call that nobody waits for: where it fails, the next one does. */
  send<D extends RuntimeMethod>(method: D, ...given: Parameters<RuntimeCalls[D]>): void {
    this.call(method, ...given).catch((error: Error) => {
      this.#failure ??= error;
    });
  }

  async close(): Promise<void> {
    this.#worker.postMessage(null satisfies Request);
    await this.#ended;
  }

  #response(): Promise<unknown> {
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  #settle(reply: Reply): void {
    const waiter = this.#waiting.shift()!;
    if ("response" in reply) waiter.resolve(reply.response);
    else waiter.reject(reply.known ? new RuntimeError(reply.error) : new Error(reply.error));
  }

  /** The thread is no more. */
  #end(error: Error): void {
    this.#failure ??= error;
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}

class ThreadState implements RuntimeState {
  readonly shapes = new Map<string, Shape>();
  readonly number: number;
  readonly #thread: RuntimeThread;

  constructor(thread: RuntimeThread, number: number, shapes: ReadonlyMap<string, Shape>) {
    this.#thread = thread;
    this.number = number;
    this.add(shapes);
  }

  add(shapes: ReadonlyMap<string, Shape>): void {
    addState(this.shapes, shapes, () => undefined);
    this.#thread.send("addState", this.number, shapes);
  }

  read(name: string): Promise<Values> {
    return this.#thread.call("read", this.number, name);
  }

  write(name: string, values: Values): void {
    requireValues(this.shapes, name, values);
    this.#thread.send("write", this.number, name, values);
  }

  dispose(): void {
    this.#thread.send("disposeState", this.number);
  }
}

async function compileIn(
  thread: RuntimeThread,
  number: number,
  program: Program,
  state: ThreadState,
): Promise<CompiledProgram> {
  const feeds = new Map(
    tensorsOf(program).flatMap(({ operation, shape }) =>
      operation.kind === "feed" ? [[operation.name, { shape, values: sharedArray(shape) }] as const] : [],
    ),
  );
  const outputs = new Map([...program.outputs].map(([name, { shape }]) => [name, sharedArray(shape)]));
  const arrays = new Map([...feeds].map(([name, { values }]) => [name, values]));
  await thread.call("compile", number, flatProgram(program), state.number, arrays, outputs);
  return {
    async step(given) {
      for (const [name, { shape, values }] of feeds) values.set(feedOf(given, name, shape));
      await thread.call("step", number);
      return outputs;
    },
    dispose: () => thread.send("disposeProgram", number),
  };
}

function sharedArray(shape: Shape): Values {
  return new Float32Array(new SharedArrayBuffer(Float32Array.BYTES_PER_ELEMENT * sizeOf(shape)));
}
