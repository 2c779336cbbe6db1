/** A pool of decoding threads, started as they are needed. Knows nothing of which work comes in what order. */
import { Worker } from "node:worker_threads";
import type { MadeSample, SampleForm, SampleWork } from "./prepare.js";
import { DataError } from "./samples.js";

/** What a thread is sent. */
export interface DecodeRequest {
  readonly id: number;
  readonly work: SampleWork;
}

/** What it answers. */
export type DecodeReply =
  | { readonly id: number; readonly outcome: MadeSample }
  | { readonly id: number; readonly error: Error };

/** Threads that do work beside this one. */
export interface Threads {
  /** Rejects with the work's error, or with one that says that the thread ended. */
  run(work: SampleWork): Promise<MadeSample>;
  /** Ends the threads that have nothing to do; later work starts new ones. */
  rest(): void;
  /** Ends the threads; work not yet done is rejected. */
  close(): Promise<void>;
}

interface Thread {
  readonly worker: Worker;
  readonly waiting: Map<number, { resolve(outcome: MadeSample): void; reject(error: Error): void }>;
}

/** Up to `count` threads (at least 1) for images of one form. */
export function openThreads(count: number, form: SampleForm): Threads {
  const threads = new Set<Thread>();
  const ending: Promise<unknown>[] = [];
  let nextId = 0;
  let closed = false;

  const end = (thread: Thread) => {
    threads.delete(thread);
    ending.push(thread.worker.terminate());
  };
  /** An idle thread, else a new one, else the one with the least to do: this thread may be busy for long. */
  const choose = (): Thread => {
    const [least] = [...threads].sort((a, b) => a.waiting.size - b.waiting.size);
    if (least && (least.waiting.size === 0 || threads.size >= count)) return least;
    const thread = startThread(form, (gone) => threads.delete(gone));
    threads.add(thread);
    return thread;
  };

  return {
    run(work) {
      if (closed) return Promise.reject(new Error("the decoding threads are closed"));
      const thread = choose();
      const id = nextId++;
      return new Promise((resolve, reject) => {
        thread.waiting.set(id, { resolve, reject });
        thread.worker.postMessage({ id, work } satisfies DecodeRequest);
      });
    },
    rest() {
      for (const thread of [...threads]) if (thread.waiting.size === 0) end(thread);
    },
    async close() {
      closed = true;
      for (const thread of [...threads]) end(thread);
      await Promise.all(ending);
    },
  };
}

/** Starts a thread; what it still owes when it ends is rejected, and `gone` is told. */
function startThread(form: SampleForm, gone: (thread: Thread) => void): Thread {
  const worker = new Worker(new URL("./decode-thread.js", import.meta.url), { workerData: form });
  const thread: Thread = { worker, waiting: new Map() };
  const fail = (error: Error) => {
    gone(thread);
    for (const { reject } of thread.waiting.values()) reject(error);
    thread.waiting.clear();
  };
  worker.on("message", (reply: DecodeReply) => settle(thread, reply));
  worker.on("error", (cause) => fail(new DataError(`A decoding thread failed: ${messageOf(cause)}`, { cause })));
  worker.on("exit", () => fail(new DataError("A decoding thread ended before its work was done.")));
  return thread;
}

function settle(thread: Thread, reply: DecodeReply): void {
  const waiter = thread.waiting.get(reply.id);
  thread.waiting.delete(reply.id);
  if ("outcome" in reply) waiter?.resolve(reply.outcome);
  // A cloned error keeps its message and stack, and loses its class.
  else waiter?.reject(new DataError(reply.error.message, { cause: reply.error }));
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
