/**
 * Warm worker processes: started when first needed, reused, replaced when they end or when code has changed. As many work
 * at once as are asked to; it knows no slots, priorities or states.
 */
import type { Task } from "../worker/protocol.js";
import { type Attempt, createHandle, type Ending, type WorkerHandle } from "./handle.js";
import { type StartProcess, startProcess } from "./process.js";
import { type Grant, visibleGpus } from "./slots.js";

export interface Pool {
  /**
   * Works on attempts one after another in one worker that sees the granted GPUs alone. Never rejects. Returns those that did
   * not settle, since the worker ended while it had several, or after it had worked on others: each is to be tried by itself.
   */
  run(attempts: readonly Attempt[], grant: Grant): Promise<readonly Attempt[]>;
  /** Asks a running attempt to save and stop. */
  save(attempt: Attempt): void;
  /** Ends a running attempt together with its worker. */
  end(attempt: Attempt, ending: Ending): void;
  /** Node code has changed: no task reaches a worker that was started before now. */
  renew(): void;
  /** Ends all workers. */
  close(): Promise<void>;
}

export interface PoolOptions {
  /** Bytes of resident memory that each worker may use; without it, any number. */
  readonly memory?: number;
  /** Without it, processes of this machine. */
  readonly start?: StartProcess;
}

/** A pool without workers as yet. */
export function createPool({ memory = 0, start = startProcess }: PoolOptions = {}): Pool {
  /** Every living worker of the present code, with the GPUs that it sees. */
  const workers = new Map<WorkerHandle, readonly number[]>();
  const idle: WorkerHandle[] = [];
  const running = new Map<Attempt, WorkerHandle>();
  const codes = new Map<string, string>();

  const dismiss = (worker: WorkerHandle) => {
    workers.delete(worker);
    return worker.end();
  };
  const renew = () => {
    codes.clear();
    for (const worker of idle.splice(0)) void dismiss(worker);
    workers.clear();
  };
  const noteCode = ({ module, code }: Task) => {
    if (code === undefined) return;
    const known = codes.get(module);
    if (known !== undefined && known !== code) renew();
    codes.set(module, code);
  };
  const takeWorker = (gpus: readonly number[], isNew: boolean): WorkerHandle => {
    // There are no more than before.
    if (isNew && idle.length > 0) void dismiss(idle.pop()!);
    for (let at = idle.length - 1; at >= 0 && !isNew; at--) {
      const worker = idle[at]!;
      const seen = workers.get(worker)!;
      const fits = seen.join() === gpus.join();
      // One that is pinned to one of these GPUs together with others would keep its memory.
      if (!fits && !seen.some((gpu) => gpus.includes(gpu)) && worker.alive) continue;
      idle.splice(at, 1);
      if (fits && worker.alive) return worker;
      void dismiss(worker);
    }
    const worker = createHandle((listener) => start(gpuEnvironment(gpus), memory, listener));
    workers.set(worker, gpus);
    return worker;
  };

  return {
    async run(attempts, { gpus }) {
      for (const { task } of attempts) noteCode(task);
      let worker: WorkerHandle;
      try {
        worker = takeWorker(
          gpus,
          attempts.some(({ alone }) => alone),
        );
      } catch (error) {
        // The system can refuse a process at once, for want of memory.
        const message = `The worker could not be started: ${error instanceof Error ? error.message : String(error)}`;
        for (const attempt of attempts)
          attempt.settled({ kind: "failed", cause: "crash", message, tail: [], seconds: 0 });
        return [];
      }
      for (const attempt of attempts) running.set(attempt, worker);
      const left = await worker.run(attempts);
      for (const attempt of attempts) running.delete(attempt);
      if (worker.alive && workers.has(worker)) idle.push(worker);
      else void dismiss(worker);
      return left;
    },
    save: (attempt) => running.get(attempt)?.save(attempt),
    end: (attempt, ending) => void running.get(attempt)?.end(attempt, ending),
    renew,
    async close() {
      idle.length = 0;
      await Promise.all([...new Set([...workers.keys(), ...running.values()])].map(dismiss));
    },
  };
}

/** Variables by which the vendors' runtimes show a process some GPUs alone: NVIDIA's, AMD's and Intel's. */
function gpuEnvironment(gpus: readonly number[]): Readonly<Record<string, string>> {
  const { CUDA_VISIBLE_DEVICES: visible, CUDA_DEVICE_ORDER: order = "PCI_BUS_ID" } = process.env;
  const names = visible === undefined ? undefined : visibleGpus(visible);
  const list = gpus.map((gpu) => names?.[gpu] ?? String(gpu)).join(",");
  if (list === "") return { CUDA_VISIBLE_DEVICES: "-1", HIP_VISIBLE_DEVICES: "-1" };
  const mask = { HIP_VISIBLE_DEVICES: gpus.join(","), ZE_AFFINITY_MASK: gpus.join(",") };
  return { CUDA_VISIBLE_DEVICES: list, ...mask, ...(visible === undefined ? { CUDA_DEVICE_ORDER: order } : {}) };
}
