/**
 * Opens several devices of one kind that compute together: graphics cards, or parts of the processor. It knows nothing of how
 * the kind is chosen, or of what is computed.
 */
import { RuntimeError } from "../errors.js";
import type { Runtime } from "../runtime.js";
import { type RuntimeTarget, targetName } from "../target/target.js";
import type { OpenTarget, TrialDeps } from "../trial/trial.js";

/** How many devices are asked for, and of what. */
export interface Several {
  /** 1 at least. */
  readonly devices: number;
  /** The device that was asked for by name. */
  readonly device: RuntimeTarget["device"] | null;
  readonly allow_fallback: boolean;
}

/** Where to, and threads of the processor for all of them. */
interface Opening {
  readonly threads: number;
  readonly machine: TrialDeps;
  warn(line: string): void;
}

/**
 * As many devices as are asked for and can be had: the first in this thread, each other in one of its own, the processor's
 * threads divided among them. Warns where they are fewer; rejects with a `RuntimeError` where cards that were named are.
 */
export async function openSeveral(
  { target, runtime }: OpenTarget,
  asked: Several,
  opening: Opening,
): Promise<{ readonly runtimes: readonly [Runtime, ...Runtime[]]; readonly threads: number }> {
  const { machine } = opening;
  const count = countOf(target, asked, opening);
  if (count === 1) return { runtimes: [runtime], threads: opening.threads };
  const threads = Math.max(1, Math.floor(opening.threads / count));
  const others: Runtime[] = [];
  try {
    for (let at = 1; at < count; at++) others.push(await machine.openThread(target, { at, threads }));
    return { runtimes: [await machine.open(target, threads), ...others], threads };
  } catch (error) {
    await closeAll(others);
    throw error;
  }
}

/** Ends the threads of runtimes. */
export async function closeAll(runtimes: readonly Runtime[]): Promise<void> {
  await Promise.all(runtimes.map((runtime) => runtime.close?.()));
}

function countOf(
  target: RuntimeTarget,
  { devices, device, allow_fallback }: Several,
  { machine, warn }: Opening,
): number {
  if (devices === 1) return 1;
  const isNamed = device === target.device;
  if (target.several === "parts" && isNamed) return devices;
  if (target.several !== "cards") {
    warn(
      `env.devices ${devices}: ${targetName(target)} computes alone. Several are graphics cards (CUDA, TensorRT), or parts of the processor where env.override_device names it.`,
    );
    return 1;
  }
  const count = Math.max(1, Math.min(devices, machine.cards));
  if (count === devices) return devices;
  const found = `env.devices ${devices}: this training may use ${machine.cards} graphics card${machine.cards === 1 ? "" : "s"}`;
  if (isNamed && !allow_fallback) {
    throw new RuntimeError(`${found}. With env.allow_fallback it takes those that there are.`);
  }
  warn(`${found}, and takes no more.`);
  return count;
}
