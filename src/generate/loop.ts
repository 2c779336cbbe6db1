/**
 * A loop during one cook: it opens an iteration after the other, each with runs of its own for the nodes inside, and feeds
 * what one made to the next. To those below, it is one node that makes one item a loop: the last iteration's result.
 */
import { callNode, iterateNode, problemIn } from "../base/error.js";
import type { Value } from "../expression/value.js";
import type { GraphNode } from "../graph/graph.js";
import type { GeneratedLoop, UpstreamItem } from "../nodetype/define.js";
import type { ParentGroups, WorkItem } from "../workitem/item.js";
import { isDone, isGood } from "../workitem/state.js";
import type { GenerationDeps } from "./make.js";
import { Arrivals, addFailing, addItem, generateContext } from "./make.js";
import { NodeRun, type RunOutput, runOf } from "./run.js";
import { sourcesReady, takeEach } from "./sources.js";

/** What a loop of the graph becomes for each iteration: runs of its nodes, of which the last closes it. */
export type OpenIteration = (begin: NodeRun, loop: LoopRun) => NodeRun;

interface Progress {
  readonly made: GeneratedLoop;
  readonly number: number;
  /** The runs that close its iterations. */
  readonly ends: NodeRun[];
  iteration: number;
  over: boolean;
  /** Why it could not be opened, or told whether it goes on: it is over, and its result fails with that. */
  failure: Error | undefined;
}

export class LoopRun extends NodeRun {
  /** Stands for the node that opens the loop: parameters are evaluated for it. */
  readonly begin: NodeRun;
  readonly loops: Progress[] = [];
  /** What the iterations of all loops made, in order: the second output of a node type that closes loops. */
  readonly iterations: WorkItem[] = [];
  readonly open: OpenIteration;
  /** Loops whose result was handed on, in order. */
  handed = 0;
  /** Why no more loops could be opened. */
  unopened: Error | undefined;

  constructor(begin: GraphNode, end: GraphNode, sources: readonly (readonly RunOutput[])[], open: OpenIteration) {
    // Its items are the results of iterations, which were judged and named inside of the loop.
    super({ ...end, scheduleWhen: null, label: "inherit", priority: "inherit" }, sources);
    this.begin = new NodeRun(begin, sources);
    this.open = open;
  }

  /** Every end of an iteration may be what it waits for. */
  override get listens(): boolean {
    return true;
  }

  override outlet(output: string | undefined, name: string): RunOutput {
    const [first] = Object.keys(this.node.type.definition.outputs ?? {});
    return { run: this, name, items: output === first ? this.items : this.iterations };
  }

  override get definition(): NodeRun["definition"] {
    const { description, version, params } = this.node.type.definition;
    return { description, version, params };
  }
}

/**
 * Opens, goes on with, and ends what loops can be. What fails in one ends that one alone. That loops could not be opened which are no upstream item's is
 * thrown when all are over: how far the others come must not depend on which cook ended first.
 */
export function advanceLoop(run: LoopRun, deps: GenerationDeps): void {
  if (!run.begin.complete) run.unopened = failureIn(() => begin(run, deps));
  if (run.unopened !== undefined) run.begin.complete = true;
  for (const progress of run.loops) while (!progress.over && goOn(run, progress, deps)) progress.iteration += 1;
  for (let next = run.loops[run.handed]; next?.over === true; next = run.loops[++run.handed]) handOn(run, next, deps);
  run.complete = run.begin.complete && run.handed === run.loops.length;
  if (run.complete && run.unopened !== undefined) throw run.unopened;
}

/** What is wrong with what the user wrote, where `work` finds it. */
function failureIn(work: () => void): Error | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    problemIn(error);
    return error as Error;
  }
}

function begin(run: LoopRun, deps: GenerationDeps): void {
  const { begin } = run;
  if (begin.gathers || begin.sources.flat().length === 0) {
    if (!sourcesReady(begin)) return;
    const arrivals = new Arrivals(begin);
    if (arrivals.all.length > 0 || !begin.gathers) openLoops(run, arrivals.all, deps, arrivals);
    begin.complete = true;
  } else {
    begin.complete = takeEach(begin, { pause: () => deps.pause(run) }, (upstream) => {
      const failure = failureIn(() => openLoops(run, [upstream], deps));
      if (failure !== undefined) run.loops.push({ ...opened(run, noLoopFor(upstream)), over: true, failure });
      return true;
    });
  }
}

function openLoops(
  run: LoopRun,
  upstream: readonly UpstreamItem[],
  deps: GenerationDeps,
  arrivals?: Pick<Arrivals, "inputs">,
): void {
  const { begin } = run;
  const params = deps.params(begin, upstream[0] as WorkItem | undefined);
  const around = generateContext(begin, deps, arrivals);
  for (const made of iterateNode(() => begin.definition.loops?.(upstream, params as never, around))) {
    run.loops.push(opened(run, made));
  }
}

function opened({ loops }: LoopRun, made: GeneratedLoop): Progress {
  return { made, number: loops.length, ends: [], iteration: 0, over: false, failure: undefined };
}

/** Stands for the loop that could not be opened for an upstream item. */
function noLoopFor(upstream: WorkItem): GeneratedLoop {
  return { identity: null, iterations: 0, upstream: () => upstream, feedsBack: () => false, feedsFiles: false };
}

/** Opens an iteration where it is time to. Answers whether it did. */
function goOn(run: LoopRun, progress: Progress, deps: GenerationDeps): boolean {
  const { made, iteration } = progress;
  const end = progress.ends.at(-1);
  const result = end?.items[0];
  if (end !== undefined && (result === undefined ? !end.complete : !isDone(result.state))) return false;
  const ended = result !== undefined && (!isGood(result.state) || result.notScheduled);
  progress.over =
    end !== undefined &&
    (result === undefined || ended || iteration >= made.iterations || !again(run, progress, result, deps));
  if (progress.over) return false;
  const opening = new NodeRun(run.begin.node, run.begin.sources);
  progress.ends.push(run.open(opening, run));
  addIteration(opening, progress, result, deps);
  opening.complete = true;
  deps.advanced(opening);
  return true;
}

function again(run: LoopRun, progress: Progress, result: WorkItem, deps: GenerationDeps): boolean {
  let goesOn = true;
  progress.failure = failureIn(() => {
    const params = deps.params(runOf(result), result);
    goesOn = callNode(() => run.node.type.definition.again?.(result, params as never)) ?? true;
  });
  return goesOn && progress.failure === undefined;
}

function addIteration(
  opening: NodeRun,
  { made, number, iteration }: Progress,
  result: WorkItem | undefined,
  deps: GenerationDeps,
): void {
  const upstream = made.upstream(iteration) as WorkItem | undefined;
  const attributes: Record<string, Value> = {
    ...(result === undefined ? {} : fedBack(made, result)),
    loopiter: iteration,
    loopnum: number,
    loopsize: made.iterations,
    loopdepth: Number(upstream?.attribute("loopdepth") ?? 0) + 1,
  };
  const parents: ParentGroups = [upstream === undefined ? [] : [upstream], ...(result === undefined ? [] : [[result]])];
  const takes = { attributes: 0, files: result !== undefined && made.feedsFiles ? 1 : 0 };
  addItem(opening, parents, { identity: { loop: made.identity, iteration }, attributes }, deps, { takes });
}

function fedBack(made: GeneratedLoop, result: UpstreamItem): Record<string, Value> {
  const fed = [...result.attributeNames()].filter((name) => made.feedsBack(name));
  return Object.fromEntries(
    fed.flatMap((name) => {
      const value = result.attribute(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

const LOOP_ATTRIBUTES = ["loopiter", "loopnum", "loopsize", "loopdepth"];

/** The result, for those below the loop: what told the loop's iterations apart is again what it was before the loop. */
function handOn(run: LoopRun, { made, ends, failure }: Progress, deps: GenerationDeps): void {
  const results = ends.flatMap(({ items }) => items);
  for (const result of results) run.iterations.push(result);
  const result = ends.at(-1)?.items[0];
  const before = made.upstream(0);
  const last = result ?? (before as WorkItem | undefined);
  if (failure !== undefined && last !== undefined) addFailing(run, [[last]], failure, deps);
  if (failure !== undefined || result === undefined) return;
  const attributes: Record<string, Value> = {};
  const removes: string[] = [];
  for (const name of LOOP_ATTRIBUTES) {
    const value = before?.attribute(name);
    if (value === undefined) removes.push(name);
    else attributes[name] = value;
  }
  addItem(run, [[result]], { identity: "result", attributes, removes }, deps);
}
