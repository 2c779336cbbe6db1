/**
 * Makes work items. Pure but for discoveries, which it asks for and waits for. A node takes its upstream items in order:
 * each by itself as it is generated (or cooked, where the node's parameters read what a cook writes), or all together
 * for partitions and for inputs that meet. So the items and their order never depend on which cook ended first.
 */
import type { GraphNode } from "../graph/graph.js";
import type { GeneratedItem, Json, NodeDefinition, Surroundings, UpstreamItem } from "../nodetype/define.js";
import { keyOf, type ParentGroups, WorkItem } from "../workitem/item.js";
import { isDone, isGood } from "../workitem/state.js";

const BYPASSED: NodeDefinition = { description: "Bypassed.", version: 1, params: {} };

/** A node during one cook: its items so far. */
export class NodeRun {
  readonly node: GraphNode;
  readonly sources: readonly (readonly NodeRun[])[];
  readonly items: WorkItem[] = [];
  /** No more items will come. */
  complete = false;
  /** Why generation failed; then there are no more items. */
  failure: string | undefined;
  /** What to take next: an upstream item, counted over the merged sources of the only input; or a combination of them. */
  cursor = 0;
  /** Items that are not done. */
  undone = 0;
  readonly occurrences = new Map<string, number>();
  readonly waitsForCooks: boolean;

  constructor(node: GraphNode, sources: readonly (readonly NodeRun[])[]) {
    this.node = node;
    this.sources = node.bypass ? sources.slice(0, 1) : sources;
    this.waitsForCooks = waitsForCooks(node, sources);
  }

  /** The node type's; a bypassed node passes the items of its first input on. */
  get definition(): NodeDefinition {
    return this.node.bypass ? BYPASSED : this.node.type.definition;
  }

  /** Partitions, inputs that meet, and types that say so take all upstream items at once. */
  get together(): boolean {
    const { partition, meet, together } = this.definition;
    return partition !== undefined || this.sources.length > 1 || meet === "all" || together === true;
  }
}

/** What generation needs from the cook. */
export interface GenerationDoors {
  /** Evaluates the node's parameters for an upstream item; answers the problems where it cannot. */
  params(run: NodeRun, upstream: WorkItem | undefined): Readonly<Record<string, unknown>>;
  /** A discovery's value, or undefined while it is under way (the node is advanced again when it is there). */
  discovered(run: NodeRun, params: Readonly<Record<string, unknown>>): Json | undefined;
  made(run: NodeRun, item: WorkItem): void;
  /** More items, or the last of them. */
  advanced(run: NodeRun): void;
  failed(run: NodeRun, message: string): void;
}

/** Generates what can be generated now. Call it again when a source gains items, completes, or an awaited item is done. */
export function advance(run: NodeRun, doors: GenerationDoors): void {
  if (run.complete) return;
  const before = run.items.length;
  try {
    if (run.together) advanceTogether(run, doors);
    else if (run.sources.every((group) => group.length === 0)) advanceAlone(run, doors);
    else advanceEach(run, doors);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    run.failure = error.message;
    run.complete = true;
    doors.failed(run, error.message);
  }
  if (run.complete || run.items.length > before) doors.advanced(run);
}

/** Takes the merged upstream items one after another. */
function advanceEach(run: NodeRun, doors: GenerationDoors): void {
  let start = 0;
  for (const source of run.sources[0] ?? []) {
    while (run.cursor < start + source.items.length) {
      const upstream = source.items[run.cursor - start] as WorkItem;
      if (run.waitsForCooks && !isDone(upstream.state)) return;
      const skipped = run.waitsForCooks && (!isGood(upstream.state) || upstream.notScheduled);
      if (!skipped && !generateFrom(run, [[upstream]], upstream, doors)) return;
      run.cursor += 1;
    }
    if (!source.complete) return;
    start += source.items.length;
  }
  run.complete = true;
}

function advanceAlone(run: NodeRun, doors: GenerationDoors): void {
  run.complete = generateFrom(run, [], undefined, doors);
}

function advanceTogether(run: NodeRun, doors: GenerationDoors): void {
  const sources = run.sources.flat();
  if (!sources.every((source) => source.complete && (!run.waitsForCooks || source.undone === 0))) return;
  const groups = run.sources.map((merged) => merged.flatMap((source) => source.items));
  if (run.definition.partition !== undefined) partition(run, groups.flat(), doors);
  else if (run.definition.together === true) {
    if (!generateTogether(run, groups.flat(), doors)) return;
  } else {
    for (const parents of meetings(run, groups).slice(run.cursor)) {
      if (!generateFrom(run, parents, parents[0]?.[0], doors)) return;
      run.cursor += 1;
    }
  }
  run.complete = true;
}

/** The combinations of upstream items that an item each is made from. */
function meetings(run: NodeRun, groups: readonly (readonly WorkItem[])[]): ParentGroups[] {
  const meet = run.definition.meet ?? "each";
  if (meet === "all") return groups.some((group) => group.length > 0) ? [groups] : [];
  const present = groups.map((group, place) => ({ group, absent: (run.sources[place] ?? []).length === 0 }));
  if (typeof meet === "object") return joined(present, meet.by);
  let pairs: WorkItem[][][] = [[]];
  for (const { group, absent } of present) {
    pairs = pairs.flatMap((pair) => (absent ? [[...pair, []]] : group.map((item) => [...pair, [item]])));
  }
  return pairs;
}

/** Items that have the same value of an attribute, in the order of the first input. */
function joined(inputs: readonly { group: readonly WorkItem[]; absent: boolean }[], name: string): ParentGroups[] {
  const valueIn = (item: WorkItem): string => JSON.stringify(item.attribute(name) ?? null);
  const values = [...new Set((inputs[0]?.group ?? []).map(valueIn))];
  return values
    .map((value) => inputs.map(({ group }) => group.filter((item) => valueIn(item) === value)))
    .filter((groups) => groups.every((group, place) => group.length > 0 || inputs[place]?.absent));
}

function partition(run: NodeRun, upstream: readonly WorkItem[], doors: GenerationDoors): void {
  if (upstream.length === 0) return;
  const params = doors.params(run, upstream[0]);
  for (const made of run.definition.partition?.(upstream, params as never, surroundings(run, doors)) ?? []) {
    const attributes = { ...made.attributes, partitionsize: made.members.length };
    add(run, byInput(run, made.members), { ...made, attributes }, doors).passes = made.outputs ?? "all";
  }
}

/** Generates from all upstream items at once. Answers false while a discovery is under way. */
function generateTogether(run: NodeRun, upstream: readonly WorkItem[], doors: GenerationDoors): boolean {
  const { generate, discover } = run.definition;
  const params = doors.params(run, upstream[0]);
  const found = discover === undefined ? null : doors.discovered(run, params);
  if (found === undefined) return false;
  for (const made of generate?.(upstream, params as never, found, surroundings(run, doors)) ?? []) {
    add(run, byInput(run, made.upstream ?? []), made, doors);
  }
  return true;
}

/** The upstream items as generation knows them: they are work items. */
function asItems(items: readonly UpstreamItem[]): readonly WorkItem[] {
  return items as readonly WorkItem[];
}

/** Parents grouped by the input that they came through. */
function byInput(run: NodeRun, members: readonly UpstreamItem[]): ParentGroups {
  if (members.length === 0) return [];
  if (run.sources.length <= 1) return [asItems(members)];
  const nodes = run.sources.map((sources) => new Set(sources.map((source) => source.node.name)));
  return nodes.map((names) => asItems(members).filter((item) => names.has(item.node)));
}

function surroundings(run: NodeRun, doors: GenerationDoors): Surroundings<never> {
  const names = [...run.node.inputs.keys()];
  const inputs = run.sources.map((sources, place) => {
    const all = sources.map((source) => ({ node: source.node.name, items: source.items }));
    return [names[place] ?? "main", all] as const;
  });
  return {
    inputs: Object.fromEntries(inputs),
    paramsOf: (item) => doors.params(run, item as WorkItem) as never,
  };
}

/** Generates the items below the given parents. Answers false while a discovery is under way. */
function generateFrom(
  run: NodeRun,
  parents: ParentGroups,
  upstream: WorkItem | undefined,
  doors: GenerationDoors,
): boolean {
  const { generate, discover } = run.definition;
  if (generate === undefined) {
    add(run, parents, { identity: null }, doors);
    return true;
  }
  const params = doors.params(run, upstream);
  const found = discover === undefined ? null : doors.discovered(run, params);
  if (found === undefined) return false;
  const given = upstream === undefined ? [] : [upstream];
  const around = surroundings(run, doors);
  for (const item of generate(given, params as never, found, around)) add(run, parents, item, doors);
  return true;
}

function add(run: NodeRun, parents: ParentGroups, made: GeneratedItem, doors: GenerationDoors): WorkItem {
  // Two siblings that nothing distinguishes get an ordinal: the only place where an order enters a key.
  const plain = keyOf(parents, made.identity, 0);
  const occurrence = run.occurrences.get(plain) ?? 0;
  run.occurrences.set(plain, occurrence + 1);
  const attributes = made.attributes;
  const item = new WorkItem({
    node: run.node.name,
    key: occurrence === 0 ? plain : keyOf(parents, made.identity, occurrence),
    index: run.items.length,
    parents,
    hasWork: run.definition.cook !== undefined,
    own: attributes === undefined ? undefined : new Map(Object.entries(attributes)),
    files: made.files?.map((file) => ({ ...file, digest: file.digest as never })),
  });
  item.label = made.label;
  if (made.removes !== undefined) item.removed = new Set(made.removes);
  run.items.push(item);
  doors.made(run, item);
  return item;
}

/** Whether the node's items can be known only when upstream items are cooked: what they are made from is written then. */
function waitsForCooks(node: GraphNode, sources: readonly (readonly NodeRun[])[]): boolean {
  if (node.generateWhen === "all_upstream_generated") return false;
  if (node.generateWhen !== "automatic") return true;
  const { generate, partition: groups, attributes } = node.type.definition;
  if (generate === undefined && groups === undefined) return false;
  const declared = resolved<readonly string[]>(attributes?.reads ?? [], node);
  const read = declared && new Set([...node.params.reads.attributes, ...declared]);
  if (read?.has("pdg_state")) return true;
  return read?.size !== 0 && sources.flat().some((source) => cooksWrite(source, read));
}

/** Whether a cook at or above a node writes one of these names; `undefined`: any name counts. */
function cooksWrite(run: NodeRun, names: ReadonlySet<string> | undefined): boolean {
  const { cook, attributes } = run.definition;
  const written = resolved<Readonly<Record<string, unknown>> | "any">(attributes?.writes ?? {}, run.node) ?? "any";
  const counts = (name: string): boolean => names === undefined || names.has(name);
  if (cook !== undefined && (written === "any" || Object.keys(written).some(counts))) return true;
  return run.sources.flat().some((source) => cooksWrite(source, names));
}

/** A declaration that may depend on the parameters; undefined where those vary by item, so that it is not known. */
function resolved<T>(declared: T | ((params: never) => T), node: GraphNode): T | undefined {
  if (typeof declared !== "function") return declared;
  const params = node.params.constant;
  return params === null ? undefined : (declared as (params: unknown) => T)(params);
}
