/**
 * What a cook is expected to take, from past cooks of its nodes: time, compute, bytes, and the whole's wall time: sums
 * over the machine's slots, and the longest chain. Where there is no history there is no number. Decides nothing.
 */
import { NodeError } from "../base/error.js";
import type { CookPlan } from "../cook/request.js";
import { slotsOf } from "../cook/task.js";
import type { Machine } from "../executor/machine.js";
import type { NodeRuns } from "../generate/run.js";
import { pathsOf } from "../prepare/paths.js";
import { requestOf } from "../schedule/slots.js";
import type { History } from "../store/history.js";
import type { WorkItem } from "../workitem/item.js";
import type { Past, PastSamples, Quantiles } from "./past.js";

/** What is expected of one node: all that is cooked, and all that may be. */
export interface NodeForecast {
  readonly node: string;
  /** Items with work that are not in the store, as far as they are known. */
  readonly items: number;
  /** Past cooks that the figures come from; 0: there are none, and no figures. */
  readonly samples: number;
  readonly basis: "node" | "type" | null;
  /** Seconds of work. */
  readonly seconds: Quantiles | null;
  /** Slot seconds. */
  readonly cpu: Quantiles | null;
  readonly gpu: Quantiles | null;
  /** What comes into the store. */
  readonly bytes: Quantiles | null;
  /** What is put at the user's paths. */
  readonly placed: Quantiles | null;
}

export interface Forecast {
  readonly nodes: readonly NodeForecast[];
  /** False: some nodes have no history, or not all items are known; all figures are then lower bounds. */
  readonly complete: boolean;
  /** Seconds from the first start to the last end; null where nothing is known of any node. */
  readonly wall: Quantiles | null;
  /** Seconds of it that are no node's: the start of workers, above all. */
  readonly beside: number;
  readonly cpu: Quantiles | null;
  readonly gpu: Quantiles | null;
  readonly bytes: Quantiles | null;
  readonly placed: Quantiles | null;
}

/** What a run took, in the units of its forecast. */
export interface Actual {
  readonly nodes: readonly NodeActual[];
  readonly wall: number;
  readonly cpu: number;
  readonly gpu: number;
  readonly bytes: number;
  readonly placed: number;
}

export interface NodeActual {
  readonly node: string;
  /** Items whose work was done. */
  items: number;
  seconds: number;
  cpu: number;
  gpu: number;
  bytes: number;
  placed: number;
}

/** What is pending of one node. */
interface PendingNode {
  readonly runs: NodeRuns;
  readonly items: readonly WorkItem[];
  readonly request: Machine;
  /** Whether none of its outputs has a place among the user's files, as far as its parameters are known. */
  readonly placesNone: boolean;
  readonly samples: PastSamples | undefined;
}

/** Runs of a graph that are asked what they took beside their work. */
const LOOKED_AT = 10;

/** The least that the last runs of a graph took beyond what was expected of their work: what the next one takes, too. */
export function besideOf(history: Pick<History, "runs">, graph: string): number {
  const past = history.runs(10 * LOOKED_AT).flatMap((run) => {
    const { wall = null, beside = 0, complete = false } = (run.forecast ?? {}) as Partial<Forecast>;
    const actual = run.actual as Actual | null;
    if (run.graph !== graph || run.exit !== 0 || !complete || wall === null || actual === null) return [];
    return [Math.max(0, actual.wall - (wall.p50 - beside))];
  });
  return past.length === 0 ? 0 : Math.min(...past.slice(0, LOOKED_AT));
}

export function forecastOf(plan: CookPlan, past: Past, machine: Machine, beside: number): Forecast {
  const pending = new Map<string, PendingNode>();
  for (const [name, runs] of plan.runs) {
    const items = runs.items.filter((item) => item.hasWork && isPending(item, plan));
    if (items.length === 0) continue;
    const params = paramsOf(runs, plan);
    const request = requestOf(slotsFor(runs, params), machine);
    const placesNone = params !== undefined && pathsOf(runs.definition.params, params, "output").length === 0;
    pending.set(name, { runs, items, request, placesNone, samples: past.of(runs.node.type.name, name) });
  }
  const nodes = [...pending.values()].map(nodeForecast);
  const known = nodes.filter(({ seconds }) => seconds !== null);
  const wall = (part: keyof Quantiles): number => beside + wallOf(plan, nodes, machine, part);
  return {
    nodes,
    complete: known.length === nodes.length && [...plan.runs.values()].every(({ complete }) => complete),
    wall: known.length === 0 ? null : { p50: wall("p50"), p90: wall("p90") },
    beside,
    cpu: total(nodes.map(({ cpu }) => cpu)),
    gpu: total(nodes.map(({ gpu }) => gpu)),
    bytes: total(nodes.map(({ bytes }) => bytes)),
    placed: total(nodes.map(({ placed }) => placed)),
  };
}

/** Whether an item is, or may be, still to come. */
export function isPending(item: WorkItem, plan: Pick<CookPlan, "wants">): boolean {
  return item.state === "waiting" && plan.wants(item);
}

/** Parameters of a node's items, where they are known: of all from the graph, else of the first that is cooked. */
export function paramsOf(
  { node, items }: NodeRuns,
  { missed }: CookPlan,
): Readonly<Record<string, unknown>> | undefined {
  const first = node.params.constant === null ? items.find((item) => missed.has(item)) : undefined;
  return node.params.constant ?? (first && missed.get(first)?.params);
}

function nodeForecast({ runs, items, request, placesNone, samples }: PendingNode): NodeForecast {
  const { seconds = null, bytes = null, placed = null } = samples?.sums(items.length) ?? {};
  return {
    node: runs.node.name,
    items: items.length,
    samples: samples?.cooks.length ?? 0,
    basis: samples?.basis ?? null,
    seconds,
    cpu: seconds && times(seconds, request.cpu),
    gpu: seconds && times(seconds, request.gpu),
    bytes,
    placed: placesNone && samples !== undefined ? NOTHING : placed,
  };
}

const NOTHING: Quantiles = { p50: 0, p90: 0 };

function times({ p50, p90 }: Quantiles, factor: number): Quantiles {
  return { p50: p50 * factor, p90: p90 * factor };
}

/** All at their 90th percentile at once, as where the whole machine is slow. Null where none is known. */
function total(ranges: readonly (Quantiles | null)[]): Quantiles | null {
  const known = ranges.filter((range) => range !== null);
  if (known.length === 0) return null;
  return {
    p50: known.reduce((sum, { p50 }) => sum + p50, 0),
    p90: known.reduce((sum, { p90 }) => sum + p90, 0),
  };
}

/** The slots of a node's items; one CPU slot where they follow from parameters that are not known. */
function slotsFor({ node }: NodeRuns, params: Readonly<Record<string, unknown>> | undefined) {
  if (params === undefined && node.slots === null && typeof node.type.definition.slots === "function")
    return { cpu: 1 };
  try {
    return slotsOf(node, params ?? {});
  } catch (error) {
    // Its items will fail of it, and say so.
    if (error instanceof NodeError) return { cpu: 1 };
    throw error;
  }
}

/**
 * Seconds until all is done: of what bounds them from below, the largest. The slots, each kept busy; and the longest chain of
 * items below one another (R. L. Graham, "Bounds on multiprocessing timing anomalies", 1969: no schedule that leaves no slot idle
 * takes more than both together).
 */
export function wallOf(
  plan: Pick<CookPlan, "runs" | "wants">,
  nodes: readonly Pick<NodeForecast, "node" | "items" | "seconds" | "cpu" | "gpu">[],
  machine: Machine,
  part: keyof Quantiles,
): number {
  const sum = (slots: keyof Machine): number => nodes.reduce((all, node) => all + (node[slots]?.[part] ?? 0), 0);
  const each = new Map(nodes.map(({ node, seconds, items }) => [node, (seconds?.[part] ?? 0) / items]));
  return Math.max(longestChain(plan, each), sum("cpu") / machine.cpu, sum("gpu") / Math.max(1, machine.gpu));
}

/** The longest sum along items that are below one another, of what is pending. `seconds`: what an item of a node takes. */
function longestChain(plan: Pick<CookPlan, "runs" | "wants">, seconds: ReadonlyMap<string, number>): number {
  const items = [...plan.runs.values()].flatMap((runs) => runs.items.filter((item) => isPending(item, plan)));
  // Generated later is below: an item comes after its parents.
  items.sort((a, b) => a.order - b.order);
  const ends = new Map<WorkItem, number>();
  let last = 0;
  for (const item of items) {
    let begin = 0;
    for (const group of item.parents) for (const parent of group) begin = Math.max(begin, ends.get(parent) ?? 0);
    const end = begin + (item.hasWork ? (seconds.get(item.node) ?? 0) : 0);
    ends.set(item, end);
    last = Math.max(last, end);
  }
  return last;
}
