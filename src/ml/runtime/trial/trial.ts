/**
 * Tries targets: whether one computes right, and whether it is faster than the processor at a training; verdicts are remembered.
 * It knows nothing of what is asked for or of what is chosen.
 */
import { canonicalJson, digestOf } from "../../../base/hash.js";
import { tensorsOf } from "../../program/walk.js";
import { messageOf } from "../errors.js";
import type { Runtime } from "../runtime.js";
import { type DeviceIndex, openTarget, type RuntimeTarget, targetName } from "../target/target.js";
import { openThread } from "../target/thread.js";
import { type Measured, probe, type Rejected } from "./probe.js";
import {
  driversDigest,
  grantedCards,
  mayHaveCard,
  type TrialResult,
  type TrialResults,
  userTrialResults,
} from "./results.js";
import { TEST_LIMIT, updateSeconds, type Work } from "./self-test.js";

export type { Work } from "./self-test.js";

/** What targets are tried on, which tests give otherwise: what was tried before, how a device is tried, whether it may have a card. */
export interface TrialDeps {
  readonly results: TrialResults;
  readonly mayHaveCard: boolean;
  /** How many NVIDIA cards it may use. */
  readonly cards: number;
  probe(target: RuntimeTarget): Promise<Measured | Rejected>;
  /** `threads`: fewer than all of them. */
  open(target: RuntimeTarget, threads?: number): Promise<Runtime>;
  /** In a thread of its own. */
  openThread(target: RuntimeTarget, place: DeviceIndex): Promise<Runtime>;
  /** Of one update. */
  seconds(runtime: Runtime, work: Work): Promise<number>;
}

/** This machine; `granted`: the engine granted an NVIDIA card. */
export function machineOf(threads: number, granted: boolean): TrialDeps {
  return {
    results: userTrialResults(),
    mayHaveCard: mayHaveCard(granted),
    cards: granted ? grantedCards() : 0,
    probe: (target) => probe(target, { threads, rateSeconds: 0, deep: false }),
    open: (target, fewer = threads) => openTarget(target, { at: 0, threads: fewer }),
    openThread,
    seconds: updateSeconds,
  };
}

/** A target whose runtime is open. */
export interface OpenTarget {
  readonly target: RuntimeTarget;
  readonly runtime: Runtime;
}

/** What a target's speed is compared on. */
export interface Comparing {
  readonly threads: number;
  /** An update of the training at hand. */
  readonly work: () => Work;
  log(line: string): void;
  readonly machine: TrialDeps;
}

/** Why a target is not to be trusted; null where a small update comes out right. Remembered. */
export async function trial(target: RuntimeTarget, machine: TrialDeps, trustsRejections = true): Promise<TrialResult> {
  const find = async () => verdictOf(await machine.probe(target));
  return await remembered(machine, trialKey(target), find, trustsRejections);
}

function verdictOf(shown: Measured | Rejected): TrialResult {
  if ("problem" in shown) return shown.problem;
  const { error } = shown;
  // No number is above NaN.
  if (error <= TEST_LIMIT) return null;
  return `it computes wrong: a small update is off by ${error.toExponential(1)} (limit ${TEST_LIMIT})`;
}

/** Remembers how a trial ended that was made for its own sake, and returns it. */
export function rememberTrial(results: TrialResults, target: RuntimeTarget, shown: Measured | Rejected): TrialResult {
  const verdict = verdictOf(shown);
  results.set(trialKey(target), verdict);
  return verdict;
}

/** Remembers that a target which had been trusted failed. */
export function distrust({ results }: TrialDeps, target: RuntimeTarget, reason: string): void {
  results.set(trialKey(target), reason);
}

/** Why a target was refused, with how to get it. */
export function rejectionOf(target: RuntimeTarget, problem: string): string {
  return `  ${targetName(target)}: ${problem.split("\n")[0]}. ${target.help}`;
}

/** Why a target that works is not worth it; null where it is faster than the processor. Remembered per program. */
export async function slowness(
  target: RuntimeTarget,
  processor: OpenTarget | undefined,
  given: Comparing,
): Promise<TrialResult> {
  if (processor === undefined) return null;
  const work = given.work();
  const key = `${trialKey(target)} ${targetName(processor.target)} ${given.threads} ${digestOfWork(work)}`;
  const { machine } = given;
  return await remembered(machine, key, async () => {
    try {
      const mine = await machine.seconds(await machine.open(target), work);
      const theirs = await machine.seconds(processor.runtime, work);
      given.log(
        `an update takes ${mine.toFixed(4)} s in ${targetName(target)}, ${theirs.toFixed(4)} s on the processor`,
      );
      return mine < theirs ? null : "it is slower than the processor at this training";
    } catch (error) {
      return messageOf(error);
    }
  });
}

async function remembered(
  { results }: TrialDeps,
  key: string,
  find: () => Promise<TrialResult>,
  trustsRejections = true,
): Promise<TrialResult> {
  const known = results.get(key);
  if (known === null) return null;
  if (known !== undefined && trustsRejections) return `${known} (tried before; "dag doctor" tries again)`;
  const found = await find();
  results.set(key, found);
  return found;
}

/** By what a verdict is remembered: the target, the product's way to compute on it, and the drivers. */
function trialKey(target: RuntimeTarget): string {
  return `${targetName(target)} ${VERSION} ${driversDigest()}`;
}

/** Raised when devices are to be tried again: another onnxruntime or TensorFlow.js, or other programs for them. */
const VERSION = "1: onnxruntime 1.30.0, TensorFlow.js 4.22.0";

function digestOfWork({ programs }: Work): string {
  const lines = programs.flatMap((program) =>
    tensorsOf(program).map(({ operation, inputs, shape }) => {
      const { kind } = operation;
      const said = kind === "constant" ? { kind } : operation;
      return `${canonicalJson(said)} ${inputs.map((input) => input.shape.join("x"))} ${shape}`;
    }),
  );
  return digestOf(lines.join("\n"));
}
