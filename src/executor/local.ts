/**
 * The executor of this machine: warm worker processes, started when first needed, reused, replaced when they end or when code
 * has changed. p-queue starts every batch. It knows no order and no priorities.
 */
import PQueue from "p-queue";
import { problemIn } from "../base/error.js";
import type { Task, TaskResult } from "../worker/protocol.js";
import type { Attempt } from "./attempt.js";
import type { BatchListener, Executor } from "./executor.js";
import { createHandle, type WorkerHandle } from "./handle.js";
import { type Grant, type Machine, visibleGpus } from "./machine.js";
import { type StartProcess, startProcess } from "./process.js";

export interface LocalOptions {
  /** The slots of this machine that may be used. */
  readonly capacity: Machine;
  /** Bytes of resident memory that each worker may use; without it, any number. */
  readonly memory?: number;
  /** Without it, processes of this machine. */
  readonly start?: StartProcess;
}

/** An executor without workers as yet. */
export function createLocalExecutor({ capacity, memory = 0, start = startProcess }: LocalOptions): Executor {
  /** Every living worker of the present code, with the GPUs that it sees. */
  const workers = new Map<WorkerHandle, readonly number[]>();
  const idle: WorkerHandle[] = [];
  const running = new Map<readonly Attempt[], WorkerHandle>();
  const codes = new Map<string, string>();
  const queues = {
    cpu: new PQueue({ concurrency: Math.max(1, capacity.cpu) }),
    gpu: new PQueue({ concurrency: Math.max(1, capacity.gpu) }),
    // It decides whether what runs is still wanted: it takes no slots from that, and waits for none.
    discover: new PQueue({ concurrency: Math.max(1, capacity.cpu) }),
  };

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

  const work = async (
    batch: readonly Attempt[],
    gpus: readonly number[],
    listener: BatchListener,
  ): Promise<readonly Attempt[]> => {
    for (const { task } of batch) noteCode(task!);
    let worker: WorkerHandle;
    try {
      const isNew = batch.some(({ alone }) => alone);
      worker = takeWorker(gpus, isNew);
    } catch (error) {
      // The system can refuse a process at once, for want of memory.
      const message = `The worker could not be started: ${problemIn(error)}`;
      const failed: TaskResult = { kind: "failed", cause: "crash", message, tail: [], seconds: 0 };
      const results = batch.map(() => failed);
      listener.settled(batch, results, undefined);
      return [];
    }
    running.set(batch, worker);
    const left = await worker.run(batch, listener);
    running.delete(batch);
    if (worker.alive && workers.has(worker)) idle.push(worker);
    else void dismiss(worker);
    return left;
  };
  const workerOf = (attempt: Attempt): WorkerHandle | undefined => {
    for (const [batch, worker] of running) if (batch.includes(attempt)) return worker;
    return undefined;
  };

  return {
    capacity,
    run: (batch, grant, listener) => queues[kindOf(batch, grant)].add(() => work(batch, grant.gpus, listener)),
    cancel(attempt, how) {
      const worker = workerOf(attempt);
      if (how === "save") worker?.save(attempt);
      else void worker?.end(attempt, how);
    },
    renew,
    async close() {
      idle.length = 0;
      await Promise.all([...new Set([...workers.keys(), ...running.values()])].map(dismiss));
    },
  };
}

function kindOf([first]: readonly Attempt[], { gpus }: Grant): "cpu" | "gpu" | "discover" {
  if (first?.task?.kind === "discover") return "discover";
  return gpus.length > 0 ? "gpu" : "cpu";
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
