/** The entry of a thread that a runtime computes in: what it is asked through the doors of `thread.ts`, it does in turn. */
import { parentPort, workerData } from "node:worker_threads";
import { programFromFlat } from "../../program/flat.js";
import { messageOf, RuntimeError } from "../errors.js";
import type { CompiledProgram, Runtime, RuntimeState, Values } from "../runtime.js";
import { openTarget } from "./target.js";
import type { Opening, Reply, Request, RuntimeCalls, SharedArrays } from "./thread.js";

/** A program, and what its steps are fed: the runtimes take no memory that other threads see. */
interface Compiled {
  readonly program: CompiledProgram;
  readonly feeds: ReadonlyMap<string, { readonly shared: Values; readonly own: Values }>;
  readonly outputs: SharedArrays;
}

function callsOf(runtime: Runtime): RuntimeCalls {
  const states = new Map<number, RuntimeState>();
  const programs = new Map<number, Compiled>();
  return {
    addState(state, shapes) {
      const known = states.get(state);
      if (known === undefined) states.set(state, runtime.createState(shapes));
      else known.add(shapes);
    },
    read: (state, name) => states.get(state)!.read(name),
    write: (state, name, values) => states.get(state)!.write(name, values),
    disposeState: (state) => states.get(state)!.dispose(),
    async compile(number, flat, state, feeds, outputs) {
      const program = await runtime.compile(programFromFlat(flat), states.get(state)!);
      const own = [...feeds].map(([name, shared]) => [name, { shared, own: new Float32Array(shared.length) }] as const);
      programs.set(number, { program, feeds: new Map(own), outputs });
    },
    async step(number) {
      const { program, feeds, outputs } = programs.get(number)!;
      for (const { shared, own } of feeds.values()) own.set(shared);
      const computed = await program.step(new Map([...feeds].map(([name, { own }]) => [name, own])));
      for (const [name, values] of computed) outputs.get(name)!.set(values);
    },
    disposeProgram(number) {
      programs.get(number)!.program.dispose();
      programs.delete(number);
    },
  };
}

const port = parentPort!;

async function reply(work: () => unknown): Promise<void> {
  try {
    port.postMessage({ response: await work() } satisfies Reply);
  } catch (error) {
    port.postMessage({ error: messageOf(error), known: error instanceof RuntimeError } satisfies Reply);
  }
}

let deps: RuntimeCalls | undefined;
let last = reply(async () => {
  const { target, place } = workerData as Opening;
  const runtime = await openTarget(target, place);
  deps = callsOf(runtime);
  const { name, device, version } = runtime;
  return { name, device, version };
});

port.on("message", (request: Request) => {
  last = last.then(async () => {
    if (request === null) return port.close();
    const method = deps![request.method] as (...given: readonly unknown[]) => unknown;
    await reply(() => method(...request.given));
  });
});
