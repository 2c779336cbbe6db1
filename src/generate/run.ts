/**
 * A node at one place of a cook: its items so far, and what comes out of each of its outputs. Inside a loop a node has one
 * run for each iteration. It makes no items itself.
 */
import { NodeError } from "../base/error.js";
import type { Digest } from "../base/hash.js";
import { declaredFor, type GraphNode } from "../graph/graph.js";
import type { DiscoveredFile, GenerateContext, NodeDefinition } from "../nodetype/define.js";
import { upstreamParam } from "../nodetype/schema.js";
import type { ParentGroups, WorkItem } from "../workitem/item.js";
import { Keys } from "../workitem/keys.js";
import type { ItemSource } from "../workitem/maker.js";
import { readsName, UpstreamWork, waitsForCooks } from "./waits.js";

const BYPASSED: NodeDefinition = { description: "Bypassed.", version: 1, params: {} };

/** What comes out of one output of a run; the items grow while the run generates. */
export interface RunOutput {
  readonly run: NodeRun;
  /** As a graph names it: `split:rest`. */
  readonly name: string;
  readonly items: readonly WorkItem[];
}

/** The items to be made of a node whose others stand as they were (see `pieces`). */
export interface ChangedRows {
  /** Their places among all that the node has. */
  readonly places: readonly number[];
  /** Their files, in the same order. */
  readonly files: readonly DiscoveredFile[];
  /** By piece, in order: how many, and the digest of their keys. */
  readonly keys: readonly { readonly count: number; readonly digest: Digest }[];
}

/** Something else is made than what stands: only judging all items says what becomes of each. */
export class UnchangedConflict extends Error {}

export class NodeRun implements ItemSource {
  readonly node: GraphNode;
  /** By input. */
  readonly sources: readonly (readonly RunOutput[])[];
  /** Runs that this one feeds. */
  readonly downstream: NodeRun[] = [];
  readonly items: WorkItem[] = [];
  /** No more items will come. */
  complete = false;
  /** Why generation failed; then there are no more items. */
  failure: string | undefined;
  /** What to take next: an upstream item, counted over the merged sources of the only input; or a combination of them. */
  cursor = 0;
  /** What makes its items, where it has begun and is not done. */
  making: Iterator<unknown, void> | undefined;
  /** The combinations of upstream items that its items are made from, once they are known. */
  meetings: readonly ParentGroups[] | undefined;
  /** What its node type may ask of what is upstream; `asked`: it asked for other items. */
  around: (GenerateContext<never> & { readonly asked: boolean }) | undefined;
  /** Where others of its items stand as they were: which are made. */
  rows: ChangedRows | undefined;
  /** Items that are not done. */
  undone = 0;
  readonly keeps: ReadonlySet<string> | undefined;
  readonly main: number;
  /** What the cooks at and above it write. */
  readonly work: UpstreamWork;
  /** Whether its items can be known only when upstream items are cooked. */
  readonly waitsForCooks: boolean;
  /** Whether its items read how many they are: each waits until all are known. */
  readonly counts: boolean;
  readonly #outputs: ReadonlyMap<string, WorkItem[]>;
  readonly #keys = new Keys();
  /** Keys that came again before an ordinal told them apart, and how often. */
  readonly #again = new Map<string, number>();

  /** Whether its node type says of each item which of all upstream items it is made from. */
  readonly gathers: boolean;

  constructor(node: GraphNode, sources: readonly (readonly RunOutput[])[]) {
    this.node = node;
    this.sources = node.bypass ? sources.slice(0, 1) : sources;
    const [first, ...others] = Object.keys(node.type.definition.outputs ?? {});
    // The first output of a node that has no other, or is bypassed, is all that it makes.
    const alone = node.bypass || others.length === 0;
    const outputs = new Map<string, WorkItem[]>();
    if (first !== undefined) outputs.set(first, alone ? this.items : []);
    for (const name of others) outputs.set(name, []);
    this.#outputs = outputs;
    const { noCopy } = node.flags;
    this.keeps = noCopy.size === 0 ? undefined : noCopy;
    const inputs = Object.values(node.type.definition.inputs ?? {});
    this.main = Math.max(
      0,
      inputs.findIndex(({ main }) => main === true),
    );
    this.gathers = declaredFor<boolean>(this.definition.together ?? false, node.params) === true;
    const upstream = this.sources.flat().map(({ run }) => run.work);
    this.work = UpstreamWork.of(this.definition, node, upstream);
    this.waitsForCooks = waitsForCooks(this);
    this.counts = readsName(node, "pdg_workitemcount");
  }

  /** From now on it is told when its sources have more items. */
  listen(): void {
    for (const run of new Set(this.sources.flat().map((source) => source.run))) run.downstream.push(this);
  }

  /**
   * Whether it waits until all items above it are known, and cooked where it waits for cooks: a folder is looked at once all is in it, files of an
   * upstream item once that is cooked. A count must not depend on when it is asked for.
   */
  get waitsForAll(): boolean {
    if (this.counts) return true;
    const { generateWhen, type, params } = this.node;
    if (generateWhen !== "automatic") return generateWhen !== "each_upstream_cooked";
    const { discover, params: schemas } = type.definition;
    return this.waitsForCooks && discover !== undefined && upstreamParam(schemas, params.known) === undefined;
  }

  /** Whether it may generate when an item above it is done. */
  get listens(): boolean {
    return this.waitsForCooks;
  }

  get name(): string {
    return this.node.name;
  }

  get hasWork(): boolean {
    return this.definition.cook !== undefined;
  }

  /** The node type's; a bypassed node passes the items of its first input on. */
  get definition(): NodeDefinition {
    return this.node.bypass ? BYPASSED : this.node.type.definition;
  }

  /** Partitions, inputs that meet, and types that say so take all upstream items at once. */
  get together(): boolean {
    const { partition, meet } = this.definition;
    return partition !== undefined || this.sources.length > 1 || meet === "all" || this.gathers;
  }

  outlet(output: string | undefined, name: string): RunOutput {
    return { run: this, name, items: output === undefined ? this.items : (this.#outputs.get(output) ?? []) };
  }

  keyOf(row: number): Digest {
    return this.#keys.at(row);
  }

  placeOf(row: number): number {
    return this.rows?.places[row] ?? row;
  }

  /** How many items of this key came before the one that is made now. */
  occurrence(key: Digest): number {
    if (!this.#keys.has(key)) return 0;
    const again = (this.#again.get(key) ?? 0) + 1;
    this.#again.set(key, again);
    return again;
  }

  /** Takes in the key of the next item. Returns its row. */
  add(key: Digest): number {
    this.#keys.add(key);
    return this.items.length;
  }

  /** Takes a new item in, at one of its outputs. Throws with a message for the node's author where there is none such. */
  put(item: WorkItem, output: string | undefined): void {
    const [first] = this.#outputs.keys();
    const name = output ?? first;
    const out = name === undefined ? this.items : this.#outputs.get(name);
    if (out === undefined) throw new NodeError(`the node type "${this.node.type.name}" declares no output "${name}"`);
    this.items.push(item);
    if (out !== this.items) out.push(item);
  }
}

/** The run that made an item. */
export function runOf(item: WorkItem): NodeRun {
  return item.maker as NodeRun;
}

/** What a node makes during one cook: in one run, or, inside a loop, in one for each iteration. */
export class NodeRuns {
  readonly node: GraphNode;
  /** In the order in which they were opened. */
  readonly runs: NodeRun[] = [];
  /** The loop around it: until that is complete, further runs may be opened. */
  readonly #loop: NodeRuns | undefined;

  constructor(node: GraphNode, loop: NodeRuns | undefined) {
    this.node = node;
    this.#loop = loop;
  }

  get definition(): NodeDefinition {
    return this.runs[0]?.definition ?? this.node.type.definition;
  }

  get items(): readonly WorkItem[] {
    const [only] = this.runs;
    return this.runs.length === 1 && only !== undefined ? only.items : this.runs.flatMap((run) => run.items);
  }

  get complete(): boolean {
    return (this.#loop === undefined || this.#loop.complete) && this.runs.every((run) => run.complete);
  }
}

/** By the name of the node, in topological order. */
export type Runs = ReadonlyMap<string, NodeRuns>;

/** Every run there is. */
export function allRuns(runs: Runs): NodeRun[] {
  return [...runs.values()].flatMap((each) => each.runs);
}

/** The ids of all items; undefined until all of them are known. */
export function allIds(runs: Runs): ReadonlySet<string> | undefined {
  if (![...runs.values()].every(({ complete }) => complete)) return undefined;
  return new Set(allRuns(runs).flatMap(({ items }) => items.map(({ id }) => id)));
}
