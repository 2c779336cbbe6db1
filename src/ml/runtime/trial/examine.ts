/** What each runtime shows on each device of this machine, in words for people. It knows no command and no graph. */
import { availableParallelism } from "node:os";
import { type RuntimeTarget, TARGETS, targetName } from "../target/target.js";
import { type Measured, type ProbeOptions, probe, type Rejected } from "./probe.js";
import { type TrialResult, type TrialResults, userTrialResults } from "./results.js";
import { TEST_LIMIT } from "./self-test.js";
import { rememberTrial } from "./trial.js";

/** How a target is: `optional` where it is absent and nothing is amiss without it. */
export interface TargetReport {
  readonly name: string;
  readonly ok: boolean;
  readonly optional?: boolean;
  readonly detail: string;
}

/** How long products of matrices are timed on each. */
const RATE_SECONDS = 1;

/** Tries every target anew, one after the other so that their rates mean something, and remembers how that ended. */
export async function examine(
  deep: boolean,
  results: TrialResults = userTrialResults(),
  tryTarget: (target: RuntimeTarget, options: ProbeOptions) => Promise<Measured | Rejected> = probe,
): Promise<readonly TargetReport[]> {
  const threads = availableParallelism();
  const found: TargetReport[] = [];
  for (const target of TARGETS) {
    const shown = await tryTarget(target, { threads, rateSeconds: RATE_SECONDS, deep });
    const verdict = rememberTrial(results, target, shown);
    found.push({ name: targetName(target), ...described(target, shown, verdict, threads) });
    if (!("problem" in shown)) found.push(...describedOperations(target, shown));
  }
  const usable = found.some(({ ok, optional }) => ok && !optional);
  return usable ? found : found.map((each) => ({ ...each, optional: false }));
}

function described(
  target: RuntimeTarget,
  shown: Measured | Rejected,
  verdict: TrialResult,
  threads: number,
): Omit<TargetReport, "name"> {
  if ("problem" in shown) {
    return { ok: false, optional: true, detail: `${shown.problem.split("\n")[0]}. ${target.help}` };
  }
  const { version, rate } = shown;
  const on = target.accelerator || target.device === "wasm" ? "" : `, ${threads} threads`;
  const said = `${version}${on}, ${(rate ?? 0).toPrecision(3)} GFLOP/s in matrix products`;
  return verdict === null ? { ok: true, detail: said } : { ok: false, detail: `${said}, but ${verdict}` };
}

function describedOperations(target: RuntimeTarget, { operations }: Measured): readonly TargetReport[] {
  if (operations === undefined) return [];
  const wrong = operations.filter(({ error }) => error === null || error > TEST_LIMIT);
  const most = operations.reduce((a, b) => ((b.error ?? 0) > (a.error ?? 0) ? b : a));
  const summary = {
    name: `${targetName(target)}, operations`,
    ok: wrong.length === 0,
    detail: `${operations.length - wrong.length} of ${operations.length} within ${TEST_LIMIT} of the referee; most off: ${most.name}, ${most.error?.toExponential(1)}`,
  };
  return [
    summary,
    ...wrong.map(({ name, error, reason }) => ({
      ...{ name: `${targetName(target)}, ${name}`, ok: false },
      detail: error === null ? (reason ?? "it answers no numbers") : `off by ${error.toExponential(1)}`,
    })),
  ];
}
