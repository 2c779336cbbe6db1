/**
 * Makes work items. Pure but for discoveries, which it asks for and waits for. A node takes its upstream items in order:
 * each by itself as it is generated (or cooked, where the node's parameters read what a cook writes), or all together
 * for partitions and for inputs that meet. So the items and their order never depend on which cook ended first.
 */
import { problemIn, yielded } from "../base/error.js";
import type { GeneratedItem } from "../nodetype/define.js";
import type { ParentGroups, WorkItem } from "../workitem/item.js";
import { advanceLoop, LoopRun } from "./loop.js";
import type { GenerationDoors } from "./make.js";
import { Arrivals, addFailing, addItem, RefusedError, surroundings } from "./make.js";
import type { NodeRun } from "./run.js";
import { HeldClash } from "./run.js";
import { meetingCount, meetings, sourcesReady, takeEach } from "./sources.js";

/** Generates what can be generated now. Call it again when a source gains items, completes, or an awaited item is done. */
export function advance(run: NodeRun, doors: GenerationDoors): void {
  if (run.complete) return;
  const before = run.items.length;
  try {
    if (run instanceof LoopRun) advanceLoop(run, doors);
    else if (run.together) advanceTogether(run, doors);
    else if (run.sources.every((group) => group.length === 0)) advanceAlone(run, doors);
    else advanceEach(run, doors);
  } catch (error) {
    if (error instanceof RefusedError || error instanceof HeldClash) throw error;
    run.failure = problemIn(error);
    run.complete = true;
    doors.failed(run, run.failure);
  }
  if (run.complete || run.items.length > before) doors.advanced(run);
}

function advanceEach(run: NodeRun, doors: GenerationDoors): void {
  run.complete = takeEach(run, doors, (upstream) => generateBelow(run, [[upstream]], upstream, doors));
}

function advanceAlone(run: NodeRun, doors: GenerationDoors): void {
  run.complete = generateFrom(run, [], undefined, doors);
}

function advanceTogether(run: NodeRun, doors: GenerationDoors): void {
  if (!sourcesReady(run)) return;
  if (run.definition.partition !== undefined) run.complete = goOn(run, doors, partitions);
  else if (run.gathers) run.complete = goOn(run, doors, gathered);
  else run.complete = advanceMeetings(run, doors);
}

function advanceMeetings(run: NodeRun, doors: GenerationDoors): boolean {
  if (run.meetings === undefined) {
    const groups = run.sources.map((merged) => merged.flatMap((source) => source.items));
    doors.requireRoom(run, meetingCount(run, groups));
    run.meetings = meetings(run, groups);
  }
  for (let parents = run.meetings[run.cursor]; parents !== undefined; parents = run.meetings[run.cursor]) {
    if (!generateBelow(run, parents, parents[0]?.[0], doors)) return false;
    run.cursor += 1;
    if (doors.pause(run)) return false;
  }
  return true;
}

/** Makes items one after another, a step each; a step is nothing but a place to rest at. */
type Making = Iterator<unknown, void>;

/** Goes on with what is made, or begins it. Returns false where there is more to come; `begin` returns nothing while it waits. */
function goOn(
  run: NodeRun,
  doors: GenerationDoors,
  begin: (run: NodeRun, doors: GenerationDoors) => Making | undefined,
): boolean {
  run.making ??= begin(run, doors);
  if (run.making === undefined) return false;
  while (run.making.next().done !== true) if (doors.pause(run)) return false;
  run.making = undefined;
  return true;
}

function* partitions(run: NodeRun, doors: GenerationDoors): Generator<unknown, void> {
  const arrivals = new Arrivals(run);
  const upstream = arrivals.all;
  if (upstream.length === 0) return;
  const params = doors.params(run, upstream[0] as WorkItem);
  const around = surroundings(run, doors, arrivals);
  for (const made of yielded(() => run.definition.partition?.(upstream, params as never, around))) {
    const attributes = { ...made.attributes, partitionsize: made.members.length };
    addItem(run, arrivals.parents(made.members), { ...made, attributes }, doors, { passes: made.outputs });
    yield;
  }
}

/** Makes items from all upstream items at once. */
function gathered(run: NodeRun, doors: GenerationDoors): Making | undefined {
  const { generate, discover } = run.definition;
  const arrivals = new Arrivals(run);
  const upstream = arrivals.all;
  const params = doors.params(run, upstream[0] as WorkItem | undefined);
  const found = discover === undefined ? null : doors.discovered(run, params, undefined);
  if (found === undefined) return undefined;
  const around = surroundings(run, doors, arrivals);
  const items = yielded(() => generate?.(upstream, params as never, found, around));
  return made(run, items, doors, ({ upstream: from = [] }) => arrivals.parents(from));
}

/**
 * The same for parents that are there: what goes wrong is theirs alone. The item that they lack is made all the same, and fails; those below the other
 * parents are not concerned.
 */
function generateBelow(
  run: NodeRun,
  parents: ParentGroups,
  upstream: WorkItem | undefined,
  doors: GenerationDoors,
): boolean {
  try {
    return generateFrom(run, parents, upstream, doors);
  } catch (error) {
    run.making = undefined;
    addFailing(run, parents, error, doors);
    return true;
  }
}

/** Generates the items below the given parents. Returns false where there is more to come. */
function generateFrom(
  run: NodeRun,
  parents: ParentGroups,
  upstream: WorkItem | undefined,
  doors: GenerationDoors,
): boolean {
  if (run.definition.generate !== undefined) return goOn(run, doors, () => fromOne(run, parents, upstream, doors));
  addItem(run, parents, { identity: null }, doors);
  return true;
}

function fromOne(
  run: NodeRun,
  parents: ParentGroups,
  upstream: WorkItem | undefined,
  doors: GenerationDoors,
): Making | undefined {
  const { generate, discover } = run.definition;
  const params = doors.params(run, upstream);
  const found = discover === undefined ? null : doors.discovered(run, params, upstream);
  if (found === undefined) return undefined;
  const given = upstream === undefined ? [] : [upstream];
  const around = surroundings(run, doors);
  const items = yielded(() => generate!(given, params as never, found, around));
  return made(run, items, doors, () => parents);
}

function* made(
  run: NodeRun,
  items: Iterable<GeneratedItem>,
  doors: GenerationDoors,
  parentsOf: (item: GeneratedItem) => ParentGroups,
): Generator<unknown, void> {
  for (const item of items) {
    addItem(run, parentsOf(item), item, doors);
    yield;
  }
}
