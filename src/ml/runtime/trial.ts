/**
 * Tries targets: whether one computes right, and whether it is faster than the processor at a training; verdicts are remembered.
 * It knows nothing of what is asked for or of what is chosen.
 */
import { canonicalJson, digestOf } from "../../base/hash.js";
import { tensorsOf } from "../program/walk.js";
import { messageOf } from "./errors.js";
import { probe, type Refused, type Shown } from "./probe.js";
import type { Runtime } from "./runtime.js";
import { TEST_LIMIT, updateSeconds, type Work } from "./self-test.js";
import { openTarget, type Place, type Target, targetName } from "./target.js";
import { openThread } from "./thread.js";
import { driversDigest, grantedCards, mayHaveCard, userVerdicts, type Verdict, type Verdicts } from "./verdicts.js";

export type { Work } from "./self-test.js";

/** What targets are tried on, which tests give otherwise: what was tried before, how a device is tried, whether it may have a card. */
export interface Machine {
  readonly verdicts: Verdicts;
  readonly mayHaveCard: boolean;
  /** How many NVIDIA cards it may use. */
  readonly cards: number;
  probe(target: Target): Promise<Shown | Refused>;
  /** `threads`: fewer than all of them. */
  open(target: Target, threads?: number): Promise<Runtime>;
  /** In a thread of its own. */
  openThread(target: Target, place: Place): Promise<Runtime>;
  /** Of one update. */
  seconds(runtime: Runtime, work: Work): Promise<number>;
}

/** This machine; `granted`: the engine granted an NVIDIA card. */
export function machineOf(threads: number, granted: boolean): Machine {
  return {
    verdicts: userVerdicts(),
    mayHaveCard: mayHaveCard(granted),
    cards: granted ? grantedCards() : 0,
    probe: (target) => probe(target, { threads, rateSeconds: 0, deep: false }),
    open: (target, fewer = threads) => openTarget(target, { at: 0, threads: fewer }),
    openThread,
    seconds: updateSeconds,
  };
}

/** A target whose runtime is open. */
export interface Opened {
  readonly target: Target;
  readonly runtime: Runtime;
}

/** What a target's speed is compared on. */
export interface Comparing {
  readonly threads: number;
  /** An update of the training at hand. */
  readonly work: () => Work;
  log(line: string): void;
  readonly machine: Machine;
}

/** Why a target is not to be trusted; null where a small update comes out right. Remembered. */
export async function trial(target: Target, machine: Machine, trustsRefusals = true): Promise<Verdict> {
  const find = async () => verdictOf(await machine.probe(target));
  return await remembered(machine, keyOf(target), find, trustsRefusals);
}

function verdictOf(shown: Shown | Refused): Verdict {
  if ("problem" in shown) return shown.problem;
  const { error } = shown;
  // No number is above NaN.
  if (error <= TEST_LIMIT) return null;
  return `it computes wrong: a small update is off by ${error.toExponential(1)} (limit ${TEST_LIMIT})`;
}

/** Remembers how a trial ended that was made for its own sake, and returns it. */
export function rememberTrial(verdicts: Verdicts, target: Target, shown: Shown | Refused): Verdict {
  const verdict = verdictOf(shown);
  verdicts.set(keyOf(target), verdict);
  return verdict;
}

/** Remembers that a target which had been trusted failed. */
export function distrust({ verdicts }: Machine, target: Target, reason: string): void {
  verdicts.set(keyOf(target), reason);
}

/** Why a target was refused, with how to get it. */
export function refusalOf(target: Target, problem: string): string {
  return `  ${targetName(target)}: ${problem.split("\n")[0]}. ${target.help}`;
}

/** Why a target that works is not worth it; null where it is faster than the processor. Remembered per program. */
export async function slowness(target: Target, processor: Opened | undefined, given: Comparing): Promise<Verdict> {
  if (processor === undefined) return null;
  const work = given.work();
  const key = `${keyOf(target)} ${targetName(processor.target)} ${given.threads} ${digestOfWork(work)}`;
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
  { verdicts }: Machine,
  key: string,
  find: () => Promise<Verdict>,
  trustsRefusals = true,
): Promise<Verdict> {
  const known = verdicts.get(key);
  if (known === null) return null;
  if (known !== undefined && trustsRefusals) return `${known} (tried before; "dag doctor" tries again)`;
  const found = await find();
  verdicts.set(key, found);
  return found;
}

/** By what a verdict is remembered: the target, the product's way to compute on it, and the drivers. */
function keyOf(target: Target): string {
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
