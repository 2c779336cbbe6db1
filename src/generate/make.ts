/** Makes one work item of what a node type yielded, and shows node types what is upstream. Decides not when. */
import { callNode, problemIn, UserError } from "../base/error.js";
import type { Digest } from "../base/hash.js";
import type { GenerateContext, GeneratedItem, Json, UpstreamItem } from "../nodetype/define.js";
import { itemKey, type ParentGroups, WorkItem } from "../workitem/item.js";
import type { Special } from "../workitem/maker.js";
import type { OutputFile } from "../workitem/output.js";
import type { NodeRun } from "./run.js";
import { UnchangedConflict } from "./run.js";

/** What was asked for cannot be cooked; the message is for the user. */
export class RejectedItemError extends UserError {
  constructor(message: string) {
    super(message, 2);
  }
}

/** What making items needs from the cook. */
export interface GenerationDeps {
  /** Evaluates the node's parameters for an upstream item; answers the problems where it cannot. */
  params(
    run: NodeRun,
    upstream: WorkItem | undefined,
    given?: Readonly<Record<string, number>>,
  ): Readonly<Record<string, unknown>>;
  /** A discovery's value, or undefined while it is under way (the node is advanced again when it is there). */
  discovered(run: NodeRun, params: Readonly<Record<string, unknown>>, upstream: WorkItem | undefined): Json | undefined;
  /** Whether the rest is to be made later: the node is then advanced again. */
  pause(run: NodeRun): boolean;
  /** Throws a RefusedError where the graph may not make so many more items. */
  requireRoom(run: NodeRun, items: number): void;
  made(item: WorkItem): void;
  /** More items, or the last of them. */
  advanced(run: NodeRun): void;
  failed(run: NodeRun, message: string): void;
}

/** What a run's sources offer now, as its node type sees it. */
export class Arrivals {
  readonly inputs: readonly (readonly { readonly node: string; readonly items: readonly UpstreamItem[] }[])[];
  /** Of several inputs: where each came through, and what it is. */
  readonly #origins: ReadonlyMap<UpstreamItem, { readonly item: WorkItem; readonly input: number }> | undefined;

  constructor({ sources }: NodeRun) {
    if (sources.length <= 1) {
      this.inputs = sources.map((outlets) => outlets.map(({ name, items }) => ({ node: name, items })));
      return;
    }
    const origins = new Map<UpstreamItem, { item: WorkItem; input: number }>();
    const arrived = (item: WorkItem, input: number): UpstreamItem => {
      // One that comes through two inputs is seen as two, so that a node type can say which of them it means.
      const seen = origins.has(item) ? (Object.create(item) as WorkItem) : item;
      origins.set(seen, { item, input });
      return seen;
    };
    this.inputs = sources.map((outlets, input) =>
      outlets.map(({ name, items }) => ({ node: name, items: items.map((item) => arrived(item, input)) })),
    );
    this.#origins = origins;
  }

  /** Of all inputs, in order. */
  get all(): readonly UpstreamItem[] {
    return this.inputs.flatMap((sources) => sources.flatMap(({ items }) => items));
  }

  /** Parents, grouped by the input that they came through. */
  parents(members: readonly UpstreamItem[]): ParentGroups {
    if (members.length === 0) return [];
    const origins = this.#origins;
    if (origins === undefined) return [members as readonly WorkItem[]];
    const groups: WorkItem[][] = this.inputs.map(() => []);
    for (const member of members) {
      const { item, input } = origins.get(member)!;
      groups[input]!.push(item);
    }
    return groups;
  }
}

/** What a node type may ask of what is upstream; what it does not ask for is not made. */
export function generateContext(
  run: NodeRun,
  deps: GenerationDeps,
  given?: Pick<Arrivals, "inputs">,
): NonNullable<NodeRun["around"]> {
  run.around ??= new Upstream(run, deps, given);
  return run.around;
}

class Upstream implements GenerateContext<never> {
  readonly paramsOf: GenerateContext<never>["paramsOf"];
  readonly #run: NodeRun;
  readonly #given: Pick<Arrivals, "inputs"> | undefined;
  #inputs: GenerateContext<never>["inputs"] | undefined;

  constructor(run: NodeRun, deps: GenerationDeps, given: Pick<Arrivals, "inputs"> | undefined) {
    this.#run = run;
    this.#given = given;
    this.paramsOf = (item, numbers) => deps.params(run, item as WorkItem | undefined, numbers) as never;
  }

  get asked(): boolean {
    return this.#inputs !== undefined;
  }

  get inputs(): GenerateContext<never>["inputs"] {
    // There are others, which stand.
    if (this.#run.rows !== undefined) throw new UnchangedConflict();
    if (this.#inputs === undefined) {
      const names = [...this.#run.node.inputs.keys()];
      const { inputs } = this.#given ?? new Arrivals(this.#run);
      this.#inputs = Object.fromEntries(inputs.map((sources, place) => [names[place] ?? "main", sources]));
    }
    return this.#inputs;
  }
}

/** Makes an item, and hands it to the cook. */
export function addItem(
  run: NodeRun,
  parents: ParentGroups,
  made: GeneratedItem,
  deps: GenerationDeps,
  special?: Special,
): WorkItem {
  deps.requireRoom(run, 1);
  // Two siblings that nothing distinguishes get an ordinal: the only place where an order enters a key.
  const plain = callNode(() => itemKey(parents, made.identity, 0));
  // Copied: the node type may go on with what it yielded.
  const own = made.attributes === undefined ? undefined : { ...made.attributes };
  const files = made.files === undefined ? undefined : locatedFiles(made.files, parents);
  const occurrence = run.occurrence(plain);
  const row = run.add(occurrence === 0 ? plain : itemKey(parents, made.identity, occurrence));
  const item = new WorkItem({ maker: run, row, parents, special: specialOf(made, special), own, files });
  item.label = made.label;
  run.put(item, made.output);
  deps.made(item);
  return item;
}

/** Makes the item that some parents have where their node type made none, since `error` was thrown: it fails when it is ready. */
export function addFailing(run: NodeRun, parents: ParentGroups, error: unknown, deps: GenerationDeps): void {
  if (error instanceof RejectedItemError) throw error;
  addItem(run, parents, { identity: null }, deps, { problem: problemIn(error) });
}

/** Of files that are passed on, where they lie: a node type is told no place of those that lie outside the store. */
function locatedFiles(files: NonNullable<GeneratedItem["files"]>, parents: ParentGroups): readonly OutputFile[] {
  const made = files as readonly OutputFile[];
  if (parents.length === 0 || made.every(({ path }) => path !== undefined)) return made;
  const places = placesOf(parents);
  return made.map((file) => {
    const path = file.path ?? places.get(file.digest);
    return path === undefined ? file : { ...file, path };
  });
}

/** Paths of what lies outside the store among the files that parents offer, by content; asked for once for all of their children. */
const placesByParents = new WeakMap<ParentGroups, ReadonlyMap<Digest, string>>();

function placesOf(parents: ParentGroups): ReadonlyMap<Digest, string> {
  const known = placesByParents.get(parents);
  if (known !== undefined) return known;
  const places = new Map<Digest, string>();
  for (const parent of parents.flat()) {
    for (const { digest, path } of parent.offered()) if (path !== undefined) places.set(digest, path);
  }
  placesByParents.set(parents, places);
  return places;
}

function specialOf({ files, removes, work }: GeneratedItem, special: Special | undefined): Special | undefined {
  if (files?.length !== 0 && removes === undefined && work !== false) return special;
  return {
    ...special,
    ...(files?.length === 0 && { passes: "none" as const }),
    ...(removes !== undefined && { removed: new Set(removes) }),
    ...(work === false && { work }),
  };
}
