/**
 * Makes work items. Pure but for discoveries, which it asks for and waits for. A node takes its upstream items in order:
 * each by itself as it is generated (or cooked, where the node's parameters read what a cook writes), or all together
 * for partitions and for inputs that meet. So the items and their order never depend on which cook ended first.
 */
import { iterateNode, problemIn } from "../base/error.js";
import type { GeneratedItem } from "../nodetype/define.js";
import type { ParentGroups, WorkItem } from "../workitem/item.js";
import { advanceLoop, LoopRun } from "./loop.js";
import type { GenerationDeps } from "./make.js";
import { Arrivals, addFailing, addItem, generateContext, RejectedItemError } from "./make.js";
import type { NodeRun } from "./run.js";
import { UnchangedConflict } from "./run.js";
import { meetingCount, meetings, sourcesReady, takeEach } from "./sources.js";

/** Generates what can be generated now. Call it again when a source gains items, completes, or an awaited item is done. */
export function advance(run: NodeRun, deps: GenerationDeps): void {
  if (run.complete) return;
  const before = run.items.length;
  try {
    if (run instanceof LoopRun) advanceLoop(run, deps);
    else if (run.together) advanceTogether(run, deps);
    else if (run.sources.every((group) => group.length === 0)) advanceAlone(run, deps);
    else advanceEach(run, deps);
  } catch (error) {
    if (error instanceof RejectedItemError || error instanceof UnchangedConflict) throw error;
    run.failure = problemIn(error);
    run.complete = true;
    deps.failed(run, run.failure);
  }
  if (run.complete || run.items.length > before) deps.advanced(run);
}

function advanceEach(run: NodeRun, deps: GenerationDeps): void {
  run.complete = takeEach(run, deps, (upstream) => generateDownstream(run, [[upstream]], upstream, deps));
}

function advanceAlone(run: NodeRun, deps: GenerationDeps): void {
  run.complete = generateFrom(run, [], undefined, deps);
}

function advanceTogether(run: NodeRun, deps: GenerationDeps): void {
  if (!sourcesReady(run)) return;
  if (run.definition.partition !== undefined) run.complete = goOn(run, deps, partitions);
  else if (run.gathers) run.complete = goOn(run, deps, gathered);
  else run.complete = advanceMeetings(run, deps);
}

function advanceMeetings(run: NodeRun, deps: GenerationDeps): boolean {
  if (run.meetings === undefined) {
    const groups = run.sources.map((merged) => merged.flatMap((source) => source.items));
    deps.requireRoom(run, meetingCount(run, groups));
    run.meetings = meetings(run, groups);
  }
  for (let parents = run.meetings[run.cursor]; parents !== undefined; parents = run.meetings[run.cursor]) {
    if (!generateDownstream(run, parents, parents[0]?.[0], deps)) return false;
    run.cursor += 1;
    if (deps.pause(run)) return false;
  }
  return true;
}

/** Makes items one after another, a step each; a step is nothing but a place to rest at. */
type Making = Iterator<unknown, void>;

/** Goes on with what is made, or begins it. Returns false where there is more to come; `begin` returns nothing while it waits. */
function goOn(
  run: NodeRun,
  deps: GenerationDeps,
  begin: (run: NodeRun, deps: GenerationDeps) => Making | undefined,
): boolean {
  run.making ??= begin(run, deps);
  if (run.making === undefined) return false;
  while (run.making.next().done !== true) if (deps.pause(run)) return false;
  run.making = undefined;
  return true;
}

function* partitions(run: NodeRun, deps: GenerationDeps): Generator<unknown, void> {
  const arrivals = new Arrivals(run);
  const upstream = arrivals.all;
  if (upstream.length === 0) return;
  const params = deps.params(run, upstream[0] as WorkItem);
  const around = generateContext(run, deps, arrivals);
  for (const made of iterateNode(() => run.definition.partition?.(upstream, params as never, around))) {
    const attributes = { ...made.attributes, partitionsize: made.members.length };
    addItem(run, arrivals.parents(made.members), { ...made, attributes }, deps, { passes: made.outputs });
    yield;
  }
}

/** Makes items from all upstream items at once. */
function gathered(run: NodeRun, deps: GenerationDeps): Making | undefined {
  const { generate, discover } = run.definition;
  const arrivals = new Arrivals(run);
  const upstream = arrivals.all;
  const params = deps.params(run, upstream[0] as WorkItem | undefined);
  const found = discover === undefined ? null : deps.discovered(run, params, undefined);
  if (found === undefined) return undefined;
  const around = generateContext(run, deps, arrivals);
  const items = iterateNode(() => generate?.(upstream, params as never, found, around));
  return made(run, items, deps, ({ upstream: from = [] }) => arrivals.parents(from));
}

/**
 * The same for parents that are there: what goes wrong is theirs alone. The item that they lack is made all the same, and fails; those below the other
 * parents are not concerned.
 */
function generateDownstream(
  run: NodeRun,
  parents: ParentGroups,
  upstream: WorkItem | undefined,
  deps: GenerationDeps,
): boolean {
  try {
    return generateFrom(run, parents, upstream, deps);
  } catch (error) {
    run.making = undefined;
    addFailing(run, parents, error, deps);
    return true;
  }
}

/** Generates the items below the given parents. Returns false where there is more to come. */
function generateFrom(
  run: NodeRun,
  parents: ParentGroups,
  upstream: WorkItem | undefined,
  deps: GenerationDeps,
): boolean {
  if (run.definition.generate !== undefined) return goOn(run, deps, () => fromOne(run, parents, upstream, deps));
  addItem(run, parents, { identity: null }, deps);
  return true;
}

function fromOne(
  run: NodeRun,
  parents: ParentGroups,
  upstream: WorkItem | undefined,
  deps: GenerationDeps,
): Making | undefined {
  const { generate, discover } = run.definition;
  const params = deps.params(run, upstream);
  const found = discover === undefined ? null : deps.discovered(run, params, upstream);
  if (found === undefined) return undefined;
  const given = upstream === undefined ? [] : [upstream];
  const around = generateContext(run, deps);
  const items = iterateNode(() => generate!(given, params as never, found, around));
  return made(run, items, deps, () => parents);
}

function* made(
  run: NodeRun,
  items: Iterable<GeneratedItem>,
  deps: GenerationDeps,
  parentsOf: (item: GeneratedItem) => ParentGroups,
): Generator<unknown, void> {
  for (const item of items) {
    addItem(run, parentsOf(item), item, deps);
    yield;
  }
}
