/**
 * One run's prediction: made before anything is cooked, kept with the run, held against the room on the disks, and compared
 * with what it took. Knows runs and figures; cooks nothing.
 */
import type { Files } from "../base/files.js";
import type { Ended } from "../cook/finish.js";
import type { CookPlan } from "../cook/request.js";
import type { OpenRunForecast, RunForecaster } from "../cook/session.js";
import { slotsOf } from "../cook/task.js";
import type { Machine } from "../executor/machine.js";
import { splitOutput } from "../fingerprint/manifest.js";
import type { NodeRuns } from "../generate/run.js";
import type { Graph } from "../graph/graph.js";
import { resolveSymbolic } from "../graph/paths.js";
import { pathsOf } from "../prepare/paths.js";
import type { Prepared } from "../prepare/prepare.js";
import { requestOf } from "../schedule/slots.js";
import type { Entry } from "../store/results.js";
import type { Store } from "../store/store.js";
import { type Actual, besideOf, type Forecast, forecastOf, isPending, type NodeActual, paramsOf } from "./forecast.js";
import { FreeSpace, type Need } from "./free-space.js";
import { Past } from "./past.js";

interface RunForecastParts {
  readonly store: Store;
  readonly machine: Machine;
  readonly graph: Graph;
  /** The graph as runs name it. */
  readonly name: string;
  readonly run: number;
  readonly files: Pick<Files, "stat">;
  /** Without it, room is not looked after. */
  readonly room: FreeSpace | undefined;
}

class RunForecast implements RunForecaster {
  readonly #parts: RunForecastParts;
  readonly #nodes = new Map<string, NodeActual>();
  #began: number | undefined;

  constructor(parts: RunForecastParts) {
    this.#parts = parts;
  }

  /** Throws a NoRoomError where the disks have too little room. */
  begins(plan: CookPlan): void {
    const { store, machine, name, run, room } = this.#parts;
    const forecast = forecastOf(plan, new Past(store.history), machine, besideOf(store.history, name));
    store.history.noteForecast(run, forecast);
    room?.begin(needsOf(plan, forecast, this.#parts));
    this.#began = performance.now();
  }

  ended({ run, item, params, fingerprint }: Prepared, { outcome, entry, seconds = 0 }: Ended): void {
    // One that waited for another with the same fingerprint took nothing.
    if (entry === undefined || outcome?.kind === "failed" || item.state === "waiting") return;
    const { cpu, gpu } = requestOf(slotsOf(run.node, params), this.#parts.machine);
    const made = madeBy(entry, fingerprint.manifest);
    const none = { node: item.node, items: 0, seconds: 0, cpu: 0, gpu: 0, bytes: 0, placed: 0 };
    const sum = this.#nodes.get(item.node) ?? none;
    this.#nodes.set(item.node, sum);
    sum.items += 1;
    sum.seconds += seconds;
    sum.cpu += seconds * cpu;
    sum.gpu += seconds * gpu;
    sum.bytes += made.bytes;
    sum.placed += made.placed;
  }

  /** Nothing is cooked any more. Answers what it took; undefined where nothing was foretold. */
  end(): Actual | undefined {
    this.#parts.room?.end();
    if (this.#began === undefined) return undefined;
    const nodes = [...this.#nodes.values()];
    const sum = (of: (node: NodeActual) => number): number => nodes.reduce((all, node) => all + of(node), 0);
    return {
      nodes,
      wall: (performance.now() - this.#began) / 1000,
      cpu: sum(({ cpu }) => cpu),
      gpu: sum(({ gpu }) => gpu),
      bytes: sum(({ bytes }) => bytes),
      placed: sum(({ placed }) => placed),
    };
  }
}

/** A file whose digest the manifest names was passed on, and not made: the history counts in the same way. */
function madeBy({ outputs }: Entry, manifest: string): { readonly bytes: number; readonly placed: number } {
  let bytes = 0;
  let placed = 0;
  for (const { path, digest, size, parameter } of outputs) {
    if (path === undefined && !manifest.includes(digest)) bytes += size;
    if (parameter !== undefined) placed += size;
  }
  return { bytes, placed };
}

/** What the store and each node's outputs need; a folder of outputs whose size is unknown needs 0, and is watched. */
function needsOf(plan: CookPlan, forecast: Forecast, { store, graph, files }: RunForecastParts): Need[] {
  const needs: Need[] = [{ path: store.folder, size: forecast.bytes?.p90 ?? 0 }];
  for (const { node, placed } of forecast.nodes) {
    const runs = plan.runs.get(node) as NodeRuns;
    const params = paramsOf(runs, plan);
    const folders = params === undefined ? [] : outputPaths(runs, params, graph).map(({ folder }) => folder);
    const size = placed?.p90 ?? 0;
    const replaces = (): number => replacedBy(runs, plan, graph, files);
    // Where a node has several, which files go where is known only when they are made.
    if (size > 0) needs.push({ path: folders[0] ?? graph.folder, size, replaces });
    for (const path of folders) needs.push({ path, size: 0 });
  }
  return needs;
}

/** Where outputs are put; `path`: of the file, where its name is known before it is made. */
function outputPaths({ definition }: NodeRuns, params: Prepared["params"], graph: Graph) {
  return pathsOf(definition.params, params, "output").map((path) => {
    const { folder, name } = splitOutput(path);
    const known = name !== "" && !name.includes("{");
    return { folder: resolveSymbolic(folder, graph), path: known ? resolveSymbolic(path, graph) : undefined };
  });
}

/** Bytes of the files that a node's items write over. */
function replacedBy(runs: NodeRuns, plan: CookPlan, graph: Graph, files: RunForecastParts["files"]): number {
  const paths = new Set<string>();
  for (const item of runs.items) {
    const params = plan.missed.get(item)?.params ?? runs.node.params.constant;
    if (params === null || !isPending(item, plan)) continue;
    for (const { path } of outputPaths(runs, params, graph)) if (path !== undefined) paths.add(path);
  }
  return [...paths].reduce((sum, path) => sum + (files.stat(path)?.size ?? 0), 0);
}

/** Foretells the runs of a session. `looksAfter`: whether the room on the disks is looked after. */
export function openForecast(looksAfter: boolean): OpenRunForecast {
  return ({ outside, pause, sink, ...about }) => {
    const { clock, space, files } = outside;
    const room = looksAfter ? new FreeSpace({ clock, space, sink, pause }) : undefined;
    return new RunForecast({ ...about, files, room });
  };
}
