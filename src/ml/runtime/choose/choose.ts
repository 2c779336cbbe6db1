/**
 * Chooses the runtime and the device that a training computes on: what it is asked for, or the best that proves itself
 * here. It knows nothing of what is trained.
 */
import { isOutOfMemory, messageOf, RuntimeError } from "../errors.js";
import type { CompiledProgram, Runtime } from "../runtime.js";
import { type DeviceName, type RuntimeTarget, TARGETS, targetName } from "../target/target.js";
import {
  distrust,
  machineOf,
  type OpenTarget,
  rejectionOf,
  slowness,
  type TrialDeps,
  trial,
  type Work,
} from "../trial/trial.js";
import { openSeveral } from "./several.js";

/** What is asked for. */
export interface RuntimeChoice {
  readonly runtime: "auto" | RuntimeTarget["runtime"];
  /** Null: the best that there is. */
  readonly device: DeviceName | null;
  /** Where the device that is asked for is absent or fails, another is taken, with a warning. */
  readonly allow_fallback: boolean;
  /** The engine granted an NVIDIA card, without which none is used unasked. */
  readonly granted: boolean;
  /** How many devices compute together, 1 at least. */
  readonly devices: number;
}

/** How it is chosen. */
export interface Choosing {
  readonly threads: number;
  /** An update of the training at hand: a device that is not asked for must be faster at it than the processor. */
  readonly work: () => Work;
  log(line: string): void;
  warn(line: string): void;
  /** The machine, for tests: what was tried before, how a device is tried, whether it may have a card. */
  readonly machine?: TrialDeps;
}

/** The targets that `choice` names, in order; all but those that must be named where it names none. */
export function targetsOf({ runtime, device }: Pick<RuntimeChoice, "runtime" | "device">): readonly RuntimeTarget[] {
  return TARGETS.filter((target) => {
    if (device === null && target.named) return false;
    return (runtime === "auto" || target.runtime === runtime) && (device === null || target.device === device);
  });
}

/** The runtime of each device. Rejects with a `RuntimeError` that says how to get what is absent. */
export async function chooseRuntimes(
  choice: RuntimeChoice,
  choosing: Choosing,
): Promise<readonly [Runtime, ...Runtime[]]> {
  const { threads, machine = machineOf(threads, choice.granted) } = choosing;
  const given = { ...choosing, machine, choice };
  if (choice.device === null) return opened(await best(targetsOf(choice), given), given);
  const reasons: string[] = [];
  for (const target of targetsOf(choice)) {
    // What failed before may have been mended since: it is tried again, unless something else would do.
    const problem = target.accelerator ? await trial(target, machine, choice.allow_fallback) : null;
    const runtime = problem === null ? await machine.open(target).catch(messageOf) : problem;
    if (typeof runtime !== "string") return opened({ target, runtime }, given);
    reasons.push(rejectionOf(target, runtime));
  }
  const asked = `env.override_device "${choice.device}" cannot be used.\n${reasons.join("\n")}`;
  if (!choice.allow_fallback) {
    throw new RuntimeError(
      `${asked}\nWithout env.override_device the best device is taken, with env.allow_fallback another.`,
    );
  }
  const found = await best(
    targetsOf({ runtime: "auto", device: null }).filter(({ device }) => device !== choice.device),
    given,
  );
  choosing.warn(`${asked}\nenv.allow_fallback: ${targetName(found.target)} is taken instead.`.replaceAll("\n", " "));
  return opened(found, given);
}

type Given = Choosing & { readonly machine: TrialDeps; readonly choice: RuntimeChoice };

/** The first target that works and, on a card, is faster than the first processor. */
async function best(targets: readonly RuntimeTarget[], given: Given): Promise<OpenTarget> {
  const reasons: string[] = [];
  const open = async (target: RuntimeTarget): Promise<OpenTarget | undefined> => {
    try {
      return { target, runtime: await given.machine.open(target) };
    } catch (error) {
      reasons.push(rejectionOf(target, messageOf(error)));
      return undefined;
    }
  };
  let processor: OpenTarget | undefined;
  for (const target of targets.filter(({ accelerator }) => !accelerator)) processor ??= await open(target);
  for (const target of given.machine.mayHaveCard ? targets.filter(({ accelerator }) => accelerator) : []) {
    const problem = (await trial(target, given.machine)) ?? (await slowness(target, processor, given));
    if (problem === null) {
      const card = await open(target);
      if (card !== undefined) return card;
    } else given.log(`${targetName(target)} is not taken: ${problem.split("\n")[0]}`);
  }
  if (processor !== undefined) return processor;
  throw new RuntimeError(`No runtime can be used here.\n${reasons.join("\n")}`);
}

async function opened(found: OpenTarget, given: Given): Promise<readonly [Runtime, ...Runtime[]]> {
  const { target } = found;
  const { runtimes, threads } = await openSeveral(found, given.choice, given);
  const [first, ...others] = runtimes;
  const many = others.length > 0;
  given.log(
    `computes with ${many ? `${runtimes.length} times ` : ""}${targetName(target)} (${first.version}), ${threads} threads${many ? " each" : ""}`,
  );
  const guarded = (runtime: Runtime) => (target.accelerator ? distrusted(target, runtime, given) : runtime);
  return [guarded(first), ...others.map(guarded)];
}

/** The runtime, but a step that fails is remembered: the next attempt finds the device refused. */
function distrusted(target: RuntimeTarget, runtime: Runtime, { machine }: Given): Runtime {
  const guard = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      const reason = messageOf(error);
      // Less work may well do there.
      if (!isOutOfMemory(error)) distrust(machine, target, `it failed while training: ${reason.split("\n")[0]}`);
      throw new RuntimeError(`${targetName(target)} failed: ${reason}`, { cause: error });
    }
  };
  return {
    ...runtime,
    async compile(program, state) {
      const compiled: CompiledProgram = await guard(() => runtime.compile(program, state));
      return { step: (feeds) => guard(() => compiled.step(feeds)), dispose: () => compiled.dispose() };
    },
  };
}
