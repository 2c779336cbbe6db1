/** `dag runs`: past cooks, what each was expected to take, and how far off that was. */

import { UserError } from "../../base/error.js";
import { formatBytes } from "../../base/size.js";
import type { Actual, Forecast } from "../../forecast/forecast.js";
import { counted, duration } from "../../report/text.js";
import type { Run } from "../../store/history.js";
import { type Flags, nearestStore } from "../open.js";
import { print } from "../print.js";
import { table } from "../table.js";
import { rangeText } from "./plan.js";

export interface RunsOptions extends Flags {
  readonly json?: boolean;
  readonly limit: number;
}

/** More runs than anyone has. */
const ALL = 1e9;

export async function runsCommand(which: string | undefined, options: RunsOptions): Promise<number> {
  const { store } = await nearestStore(options);
  const runs = store.history.runs(which === undefined ? options.limit : ALL);
  await store.close();
  const one = which === undefined ? undefined : runs.find(({ id }) => id === Number(which));
  if (which !== undefined && one === undefined)
    throw new UserError(`There is no run ${which}. dag runs lists them.`, 2);
  const shown = one === undefined ? allRuns(runs) : oneRun(one);
  print(`${options.json === true ? JSON.stringify(one ?? runs, null, 2) : shown}\n`);
  return 0;
}

function allRuns(runs: readonly Run[]): string {
  const rows = runs.map((run) => [
    String(run.id),
    new Date(run.started).toISOString().slice(0, 19).replace("T", " "),
    tookText(run),
    run.exit === null ? "" : String(run.exit),
    // Partial ones are among the successes, for those below them.
    String((run.counts.cooked_success ?? 0) - (run.counts.partial ?? 0)),
    ...["cooked_cache", "partial", "cooked_fail", "cooked_cancel"].map((state) => String(run.counts[state] ?? 0)),
    predicted(run),
    off(run),
    run.graph,
  ]);
  const states = ["success", "cached", "partial", "failed", "cancelled"];
  const header = ["run", "started (UTC)", "took", "exit", ...states, "predicted", "off", "graph"];
  return [table(header, rows), ...summary(runs)].join("\n");
}

/** Codes of cooks that could not be as they were asked for, or not here. */
const REJECTED: ReadonlySet<number | null> = new Set([2, 3]);

function tookText({ started, ended, exit }: Run): string {
  if (ended === null) return "ended unfinished";
  return REJECTED.has(exit) ? "refused" : duration((ended - started) / 1000);
}

function predicted(run: Run): string {
  const { wall, complete } = forecastOf(run) ?? { wall: null, complete: false };
  return wall === null ? "" : `${complete ? "" : "≥ "}${rangeText(wall, duration)}`;
}

/** How much longer than predicted; nothing where the run did not come to its end. */
function off(run: Run): string {
  const wall = forecastOf(run)?.wall;
  const actual = actualOf(run);
  return wall === undefined || wall === null || actual === undefined || run.exit !== 0
    ? ""
    : difference(actual.wall, wall.p50, duration);
}

function difference(actual: number, expected: number, words: (figure: number) => string): string {
  const sign = actual < expected ? "−" : "+";
  const percent = expected > 0 ? ` (${sign}${Math.round((Math.abs(actual - expected) / expected) * 100)} %)` : "";
  return `${sign}${words(Math.abs(actual - expected))}${percent}`;
}

/** How good the predictions were, of runs that came to their end and of which all was foretold. */
function summary(runs: readonly Run[]): string[] {
  const errors: number[] = [];
  let within = 0;
  for (const run of runs) {
    const { wall = null, complete = false } = forecastOf(run) ?? {};
    const actual = actualOf(run);
    if (wall === null || !complete || actual === undefined || run.exit !== 0 || wall.p50 === 0) continue;
    errors.push(Math.abs(actual.wall - wall.p50) / wall.p50);
    if (actual.wall <= wall.p90) within += 1;
  }
  if (errors.length === 0) return [];
  const median = errors.sort((a, b) => a - b)[Math.floor((errors.length - 1) / 2)] as number;
  return [
    `Of ${counted(errors.length, "prediction")} in full, half were off by ${Math.round(median * 100)} % or less; ` +
      `${within} ended within their p90.`,
  ];
}

/** A run node by node: what was expected beside what it took. */
function oneRun(run: Run): string {
  const forecast = forecastOf(run);
  if (REJECTED.has(run.exit))
    return `Run ${run.id} was refused with code ${run.exit}: it could not be cooked as it was asked for, or not here.`;
  if (forecast === undefined)
    return `Nothing was foretold of run ${run.id}: nothing was to be cooked, or it is of an older dag.`;
  const actual = actualOf(run);
  const rows = forecast.nodes.map(({ node, items, samples, seconds, bytes: size }) => {
    const took = actual?.nodes.find((each) => each.node === node);
    return [
      node,
      String(items),
      took === undefined ? "" : String(took.items),
      String(samples),
      seconds === null ? "" : rangeText(seconds, duration),
      took === undefined ? "" : duration(took.seconds),
      seconds === null || took === undefined ? "" : difference(took.seconds, seconds.p50, duration),
      size === null ? "" : rangeText(size, formatBytes),
      took === undefined ? "" : formatBytes(took.bytes),
    ];
  });
  const header = ["node", "items", "cooked", "from", "predicted work", "took", "off", "predicted size", "made"];
  const wall = forecast.wall === null ? "not known, as nothing of it had been cooked before" : predicted(run);
  const took = actual === undefined ? "" : `; it took ${duration(actual.wall)}`;
  return `${table(header, rows)}\nPredicted for all: ${wall}${took}.`;
}

/** What runs hold is written by the cook alone. */
function forecastOf({ forecast }: Run): Forecast | undefined {
  return forecast === null ? undefined : (forecast as Forecast);
}

function actualOf({ actual }: Run): Actual | undefined {
  return actual === null ? undefined : (actual as Actual);
}
