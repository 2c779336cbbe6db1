/** What each runtime shows on each device of this machine, in words for people. It knows no command and no graph. */
import { availableParallelism } from "node:os";
import { type ProbeOptions, probe, type Refused, type Shown } from "./probe.js";
import { TEST_LIMIT } from "./self-test.js";
import { TARGETS, type Target, targetName } from "./target.js";
import { rememberTrial } from "./trial.js";
import { userVerdicts, type Verdict, type Verdicts } from "./verdicts.js";

/** How a target is: `optional` where it is absent and nothing is amiss without it. */
export interface Finding {
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
  verdicts: Verdicts = userVerdicts(),
  tryTarget: (target: Target, options: ProbeOptions) => Promise<Shown | Refused> = probe,
): Promise<readonly Finding[]> {
  const threads = availableParallelism();
  const found: Finding[] = [];
  for (const target of TARGETS) {
    const shown = await tryTarget(target, { threads, rateSeconds: RATE_SECONDS, deep });
    const verdict = rememberTrial(verdicts, target, shown);
    found.push({ name: targetName(target), ...described(target, shown, verdict, threads) });
    if (!("problem" in shown)) found.push(...describedOperations(target, shown));
  }
  const usable = found.some(({ ok, optional }) => ok && !optional);
  return usable ? found : found.map((each) => ({ ...each, optional: false }));
}

function described(target: Target, shown: Shown | Refused, verdict: Verdict, threads: number): Omit<Finding, "name"> {
  if ("problem" in shown) {
    return { ok: false, optional: true, detail: `${shown.problem.split("\n")[0]}. ${target.help}` };
  }
  const { version, rate } = shown;
  const on = target.accelerator || target.device === "wasm" ? "" : `, ${threads} threads`;
  const said = `${version}${on}, ${(rate ?? 0).toPrecision(3)} GFLOP/s in matrix products`;
  return verdict === null ? { ok: true, detail: said } : { ok: false, detail: `${said}, but ${verdict}` };
}

function describedOperations(target: Target, { operations }: Shown): readonly Finding[] {
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
