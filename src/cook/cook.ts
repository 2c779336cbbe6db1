/**
 * The cook of a graph, in words: every node generates what it can. An item whose parents are done is ready. Ready items
 * are taken together: those without work are done; the others are fingerprinted and looked up at once; a hit is done, a
 * miss goes to the scheduler, and what comes back is published, and then done. What is done makes its children ready and
 * lets waiting nodes generate. It ends when nothing is ready, running or being found out. It decides all states; where
 * and when work runs, the scheduler decides.
 */
import { devNull } from "node:os";
import type { Digest } from "../base/hash.js";
import type { Entry, Store } from "../cache/store.js";
import type { EventSink, Failure } from "../event/event.js";
import { EvaluationError } from "../expression/index.js";
import { changes, describeChange } from "../fingerprint/reason.js";
import type { Graph, GraphNode } from "../graph/graph.js";
import { resolveSymbolic } from "../graph/paths.js";
import type { CodeReader } from "../nodetype/code.js";
import type { Json } from "../nodetype/define.js";
import type { Scheduler } from "../schedule/scheduler.js";
import { NOT_SCHEDULED, type WorkItem } from "../workitem/item.js";
import type { OutputFile } from "../workitem/output.js";
import { isDone, isGood, type State } from "../workitem/state.js";
import { Attempts, type Ending } from "./attempt.js";
import { Delivery } from "./deliver.js";
import { discover, type RunDiscovery } from "./discover.js";
import type { Flights } from "./flight.js";
import { advance, type GenerationDoors, NodeRun } from "./generate.js";
import { Listing } from "./listing.js";
import { type Prepared, Preparer } from "./prepare.js";
import { itemName, States } from "./state.js";

/** What the cook works with; a simulation gives its own. */
export interface CookDoors {
  readonly graph: Graph;
  readonly store: Store;
  readonly scheduler: Scheduler;
  readonly flights: Flights;
  readonly code: CodeReader;
  readonly sink: EventSink;
  /** Told the absolute path of all outside the graph that its items come from, and whether with what lies below. */
  readonly looked: (path: string, deep: boolean) => void;
}

export interface CookRequest {
  /** The run in the store; 0 for a dry one. */
  readonly run: number;
  /** Find out what would be cooked, and cook nothing. */
  readonly dry: boolean;
  /** Nodes whose items are cooked whatever the store holds. */
  readonly force: ReadonlySet<string>;
  /** Cook these nodes and what they need; undefined: all. */
  readonly nodes?: ReadonlySet<string> | undefined;
  /** Cook this item (its name, or a unique beginning of it) and what it needs. */
  readonly item?: string | undefined;
}

/** What is known after a cook. */
export interface CookReport {
  readonly runs: ReadonlyMap<string, NodeRun>;
  /** Items that were not in the store, and why. */
  readonly missed: ReadonlyMap<WorkItem, string>;
  readonly states: States;
  /** Whether all that was asked for is there. */
  readonly ok: boolean;
  readonly stopped: boolean;
}

/** A discovery, under way or ended; `value` and `failure` are undefined until then. */
interface Asked {
  readonly waiting: Set<NodeRun>;
  value: Json | undefined;
  failure: string | undefined;
}

/** How often an item is cooked again because an input changed under it. */
const MAX_DROPS = 3;

/** Items looked up in one go: large enough for one query to count as none, small enough to keep the signals heard. */
const BATCH = 4096;

export class Cook {
  readonly #doors: CookDoors;
  readonly #request: CookRequest;
  readonly #runs = new Map<string, NodeRun>();
  readonly #states: States;
  readonly #preparer: Preparer;
  readonly #delivery: Delivery;
  readonly #listing: Listing;
  readonly #generation: GenerationDoors;
  readonly #toAdvance = new Set<NodeRun>();
  readonly #discoveries = new Map<string, Asked>();
  readonly #missed = new Map<WorkItem, string>();
  readonly #attempts: Attempts;
  readonly #drops = new Map<WorkItem, number>();
  #ready: WorkItem[] = [];
  /** Discoveries and attempts under way, and retries that wait. */
  #busy = 0;
  #order = 0;
  #discovering = 0;
  #wake: () => void = () => {};
  #wanted: ReadonlySet<WorkItem> | undefined;
  #failed = false;
  #stopped = false;
  #left = false;
  #known: ReadonlySet<string> | undefined;

  constructor(doors: CookDoors, request: CookRequest) {
    this.#doors = doors;
    this.#request = request;
    const resolve = (path: string): string => resolveSymbolic(path, doors.graph);
    this.#states = new States(doors.sink);
    this.#preparer = new Preparer({ ...doors, resolve });
    this.#delivery = new Delivery(doors.store, resolve);
    this.#listing = new Listing(doors.store, resolve, doors.looked);
    for (const node of chosen(doors.graph, request.nodes)) {
      const sources = [...node.inputs.values()].map((group) =>
        group.map((from) => this.#runs.get(from.name) as NodeRun),
      );
      this.#runs.set(node.name, new NodeRun(node, sources));
    }
    this.#attempts = new Attempts({
      ...doors,
      run: request.run,
      preparer: this.#preparer,
      states: this.#states,
      ended: (prepared, ending) => this.#ended(prepared, ending),
    });
    this.#generation = {
      params: (run, upstream) => this.#preparer.params(run, upstream),
      discovered: (run, params) => this.#discovered(run, params),
      made: (run, item) => this.#made(run, item),
      advanced: (run) => this.#advanced(run),
      failed: (run, message) => {
        this.#failed = true;
        doors.sink({ type: "node_failed", node: run.node.name, message });
      },
    };
  }

  /** Cooks. Resolves when all that can be done is done. */
  async cook(): Promise<CookReport> {
    for (const run of this.#runs.values()) this.#toAdvance.add(run);
    for (;;) {
      this.#generate();
      this.#restrict();
      const batch = this.#take();
      if (batch.length > 0) await this.#process(batch);
      else if (this.#left) break;
      else if (this.#busy > 0) await this.#wait();
      else if (this.#toAdvance.size === 0) break;
    }
    this.#requireWhole();
    if (this.#left) this.#attempts.leave();
    else if (!this.#request.dry) this.#cancelRest();
    const ok = !(this.#failed || this.#stopped || this.#left);
    return { runs: this.#runs, missed: this.#missed, states: this.#states, ok, stopped: this.#stopped };
  }

  /** A node that never made its items must not pass for done: only what is blocked, or was not asked for, may be left. */
  #requireWhole(): void {
    if (this.#left || this.#stopped || this.#wanted !== undefined || this.#request.dry) return;
    const runs = [...this.#runs.values()];
    if (runs.some((run) => run.items.some((item) => item.state === "waiting"))) return;
    const left = runs.find((run) => !run.complete);
    if (left !== undefined) throw new Error(`the node "${left.node.name}" was never generated`);
  }

  /** Ends this cook and leaves what runs to the next one of the session, since what is to be cooked has changed. */
  leave(): void {
    this.#left = true;
    this.#ready.length = 0;
    this.#wake();
  }

  async #wait(): Promise<void> {
    // Once all items are known, nobody will want what an earlier cook left for others.
    const { flights } = this.#doors;
    if (flights.anyLeft && [...this.#runs.values()].every((run) => run.complete)) {
      flights.endLeft((id) => this.#ids().has(id));
    }
    await new Promise<void>((wake) => {
      this.#wake = wake;
    });
  }

  #ids(): ReadonlySet<string> {
    this.#known ??= new Set([...this.#runs.values()].flatMap((run) => run.items.map((item) => item.id)));
    return this.#known;
  }

  /** Starts nothing more. `save`: running items may save and stop; `now`: they are ended. */
  stop(how: "save" | "now"): void {
    this.#stopped = true;
    void this.#doors.scheduler.stop(how);
    this.#wake();
  }

  // Generation

  #generate(): void {
    for (const run of this.#toAdvance) {
      this.#toAdvance.delete(run);
      advance(run, this.#generation);
    }
  }

  #made(run: NodeRun, item: WorkItem): void {
    this.#states.add(item);
    item.order = this.#order++;
    this.#states.move(item, "waiting");
    run.undone += 1;
    for (const group of item.parents) {
      for (const parent of group) {
        if (isDone(parent.state)) continue;
        item.pending += 1;
        parent.children.push(item);
      }
    }
    if (item.pending === 0) this.#ready.push(item);
  }

  #advanced(run: NodeRun): void {
    this.#doors.sink({
      type: "node_generated",
      node: run.node.name,
      items: run.items.length,
      complete: run.complete,
    });
    for (const consumer of run.node.consumers) {
      const below = this.#runs.get(consumer.name);
      if (below !== undefined) this.#toAdvance.add(below);
    }
  }

  #discovered(run: NodeRun, params: Readonly<Record<string, unknown>>): Json | undefined {
    const key = `${run.node.type.name} ${JSON.stringify(params)}`;
    const known = this.#discoveries.get(key);
    if (known?.failure !== undefined) throw new Error(known.failure);
    if (known?.value !== undefined) return known.value;
    // Nodes that ask for the same wait for the same.
    if (known !== undefined) known.waiting.add(run);
    else this.#discover(run, params, key);
    return undefined;
  }

  #discover(run: NodeRun, params: Readonly<Record<string, unknown>>, key: string): void {
    const { type, name } = run.node;
    const { store, code, scheduler, sink } = this.#doors;
    const asked: Asked = { waiting: new Set([run]), value: undefined, failure: undefined };
    this.#discoveries.set(key, asked);
    this.#busy += 1;
    this.#discovering += 1;
    const digest = code.codeOf(type.module).digest;
    discover(
      type,
      digest,
      params,
      this.#listing,
      store,
      runsOn(scheduler, () => this.#order++, digest),
    )
      .then(
        ({ value, warnings }) => {
          asked.value = value;
          for (const message of warnings) sink({ type: "warning", node: name, message });
        },
        (error: Error) => {
          asked.failure = error.message;
        },
      )
      .finally(() => {
        for (const waiting of asked.waiting) this.#toAdvance.add(waiting);
        this.#discovering -= 1;
        this.#settle();
      });
  }

  /** Narrows the cook to the item that was asked for, as soon as it exists. Throws where it never will. */
  #restrict(): void {
    const { item: asked } = this.#request;
    if (asked === undefined || this.#wanted !== undefined) return;
    const found = findItem(this.#runs, asked);
    if (found !== undefined) this.#wanted = withAncestors(found);
    else if (this.#runs.get(nodeOfItem(asked))?.complete !== false) throw new UnknownItemError(asked);
  }

  /** Nothing is cooked for an item that the discoveries under way may still bring. */
  #mayStillFind(): boolean {
    return this.#request.item !== undefined && this.#wanted === undefined && this.#discovering > 0;
  }

  #take(): WorkItem[] {
    if (this.#mayStillFind()) return [];
    const batch = this.#ready.splice(0, BATCH);
    return this.#wanted === undefined ? batch : batch.filter((item) => this.#wanted?.has(item));
  }

  // Ready items

  async #process(batch: readonly WorkItem[]): Promise<void> {
    const prepared: Prepared[] = [];
    for (const item of batch) {
      const run = this.#runOf(item);
      if (this.#judge(run, item)) continue;
      const preparation = await this.#preparer.prepare(run, item);
      if (preparation.kind === "failed") this.#fail(item, preparation.message);
      else prepared.push(preparation.prepared);
    }
    const asked = prepared.map(({ item, fingerprint }) => ({ item: item.id, fingerprint: fingerprint.digest }));
    const answers = this.#doors.store.lookup(asked);
    for (const [place, one] of prepared.entries()) {
      const clash = this.#delivery.claim(one);
      const answer = answers[place];
      if (clash !== undefined) this.#fail(one.item, clash);
      else if (answer?.entry !== undefined && this.#mayRead(one)) await this.#hit(one, answer.entry);
      else this.#miss(one, answer?.previous);
    }
  }

  /** Settles what needs no work. Answers whether the item is done with. */
  #judge(run: NodeRun, item: WorkItem): boolean {
    this.#label(run, item);
    if (this.#stopped) return this.#end(item, "cooked_cancel", "the cook was stopped");
    const broken = this.#brokenParent(item);
    if (broken !== undefined) return this.#end(item, "cooked_cancel", `${broken.name} is ${broken.state}`);
    if (item.parents.some((group) => group.length > 0 && group.every((parent) => parent.notScheduled))) {
      return this.#end(item, "cooked_success", NOT_SCHEDULED);
    }
    try {
      if (this.#excluded(run, item)) return this.#end(item, "cooked_success", NOT_SCHEDULED);
    } catch (error) {
      return this.#fail(item, (error as Error).message);
    }
    return item.hasWork ? false : this.#end(item, "cooked_success");
  }

  #brokenParent(item: WorkItem): WorkItem | undefined {
    for (const group of item.parents) {
      for (const parent of group) {
        if (isGood(parent.state)) continue;
        const ignored = parent.state === "cooked_fail" && this.#runOf(parent).node.onFailure === "ignore";
        if (!ignored) return parent;
      }
    }
    return undefined;
  }

  /** Labels an item. One whose label has no value keeps its name: it is failed, or ended, for a reason of its own. */
  #label(run: NodeRun, item: WorkItem): void {
    const { label } = run.node;
    if (label === "inherit") item.label = item.parents[0]?.[0]?.label ?? item.label;
    if (typeof label !== "object") return;
    try {
      item.label = String(label.evaluate(this.#preparer.environment(run, item)));
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error;
    }
  }

  /** Evaluates what decides whether, and when, the item is scheduled. Throws with a message for the user. */
  #excluded(run: NodeRun, item: WorkItem): boolean {
    const { scheduleWhen, priority, label } = run.node;
    const environment = this.#preparer.environment(run, item);
    if (typeof label === "object" && item.label === undefined) label.evaluate(environment);
    if (priority === "inherit") item.priority = item.parents[0]?.[0]?.priority ?? 0;
    else if (typeof priority === "object") item.priority = Number(priority.evaluate(environment));
    return scheduleWhen !== null && !Number(scheduleWhen.evaluate(environment));
  }

  #mayRead({ run }: Prepared): boolean {
    const { cacheMode, name, type } = run.node;
    if (this.#request.force.has(name) || type.definition.cache === "never") return false;
    return cacheMode === "automatic" || cacheMode === "always_read";
  }

  async #hit(prepared: Prepared, entry: Entry): Promise<void> {
    this.#adopt(prepared, entry);
    if (!this.#request.dry) {
      const problem = await this.#place(prepared, entry.outputs);
      if (problem !== undefined) return void this.#fail(prepared.item, problem);
    }
    this.#end(prepared.item, "cooked_cache");
  }

  #miss(prepared: Prepared, previous: Digest | undefined): void {
    const { item, run } = prepared;
    const why = this.#why(prepared, previous);
    this.#missed.set(item, why);
    this.#doors.sink({ type: "item_missed", item: itemName(item), why });
    if (run.node.cacheMode === "always_read") {
      this.#fail(item, `Nothing is in the cache for it (${why}), and cache_mode is always_read.`);
    } else if (!this.#request.dry) {
      this.#busy += 1;
      this.#attempts.start(prepared);
    }
  }

  #why({ run, fingerprint }: Prepared, previous: Digest | undefined): string {
    if (this.#request.force.has(run.node.name)) return "forced";
    if (run.node.cacheMode === "always_write" || run.node.cacheMode === "never")
      return `cache_mode is ${run.node.cacheMode}`;
    if (run.definition.cache === "never") return "its node type is never cached";
    if (previous === undefined) return "never cooked";
    if (previous === fingerprint.digest) return "its result is no longer in the store";
    const manifest = this.#doors.store.manifest(previous);
    if (manifest === undefined) return "changed, and the record of what it was is gone";
    const changed = changes(manifest, fingerprint.manifest).map(describeChange).join("; ");
    return changed === "" ? "its last result was partial, or was not kept" : changed;
  }

  // Ends

  async #ended(prepared: Prepared, ending: Ending): Promise<void> {
    const { item } = prepared;
    if (ending.kind === "published") await this.#published(prepared, ending);
    else if (ending.kind === "partial") {
      await this.#place(prepared, ending.entry.outputs);
      this.#end(item, "cooked_cancel", "stopped; what it has so far was saved, and the next cook goes on from there");
    } else if (ending.kind === "cancelled") this.#end(item, "cooked_cancel", ending.message);
    else if (ending.kind === "dropped") await this.#again(item);
    else this.#failWith(item, ending.failure);
    this.#settle();
  }

  async #published(prepared: Prepared, { entry, seconds }: Extract<Ending, { kind: "published" }>): Promise<void> {
    const { item } = prepared;
    this.#adopt(prepared, entry);
    const problem = await this.#place(prepared, entry.outputs);
    if (problem !== undefined) this.#fail(item, problem);
    else if (item.state === "waiting") this.#end(item, "cooked_cache");
    else this.#end(item, "cooked_success", undefined, seconds);
  }

  /** An input changed while the item was cooked: what came of it is nobody's result. */
  async #again(item: WorkItem): Promise<void> {
    const drops = (this.#drops.get(item) ?? 0) + 1;
    this.#drops.set(item, drops);
    if (drops > MAX_DROPS) return void this.#fail(item, `Its input files changed ${drops} times while they were read.`);
    try {
      await this.#preparer.refresh(item);
    } catch (error) {
      return void this.#fail(item, (error as Error).message);
    }
    this.#states.move(item, "waiting", "an input changed while it was cooked");
    this.#ready.push(item);
  }

  #adopt({ item, outside }: Prepared, entry: Entry): void {
    // A file that was passed on lies where the present input with its content lies: folders are in no key.
    const present = ({ digest, path }: OutputFile) => outside.find((file) => file.digest === digest)?.symbolic ?? path;
    item.outputs = entry.outputs.map((output) => {
      const path = output.path === undefined ? undefined : present(output);
      return path === undefined ? output : { ...output, path };
    });
    for (const [name, value] of Object.entries(entry.attributes)) {
      item.own ??= new Map();
      item.own.set(name, value);
    }
  }

  /** Puts outputs at the user's paths. Answers the problem where that fails. */
  async #place(prepared: Prepared, outputs: Entry["outputs"]): Promise<string | undefined> {
    try {
      for (const { path, how } of await this.#delivery.place(prepared, outputs)) {
        if (how !== "kept") this.#doors.sink({ type: "output_placed", item: itemName(prepared.item), path, how });
      }
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  }

  #fail(item: WorkItem, message: string): true {
    const attributes = Object.fromEntries([...item.attributeNames()].map((name) => [name, item.attribute(name)]));
    return this.#failWith(item, { message, attributes, tail: [], log: "", attempts: 0 });
  }

  #failWith(item: WorkItem, failure: Failure): true {
    this.#failed = true;
    this.#doors.sink({ type: "item_failed", item: itemName(item), failure });
    return this.#end(item, "cooked_fail", failure.message);
  }

  /** Ends an item: its children may be ready, and nodes that wait for it may generate. */
  #end(item: WorkItem, state: State, reason?: string, seconds?: number): true {
    this.#states.move(item, state, reason, seconds);
    const run = this.#runOf(item);
    run.undone -= 1;
    const blocked = state === "cooked_fail" && run.node.onFailure === "block";
    if (!blocked) {
      for (const child of item.children) {
        child.pending -= 1;
        if (child.pending === 0) this.#ready.push(child);
      }
    }
    item.children.length = 0;
    for (const consumer of run.node.consumers) {
      const below = this.#runs.get(consumer.name);
      if (below?.waitsForCooks === true && !below.complete) this.#toAdvance.add(below);
    }
    return true;
  }

  /** What still waits waits for something that will not come. */
  #cancelRest(): void {
    if (this.#wanted !== undefined) return;
    for (const run of this.#runs.values()) {
      for (const item of run.items) {
        if (item.state === "waiting") this.#states.move(item, "cooked_cancel", "blocked");
      }
    }
  }

  #settle(): void {
    this.#busy -= 1;
    this.#wake();
  }

  #runOf(item: WorkItem): NodeRun {
    return this.#runs.get(item.node) as NodeRun;
  }
}

/** Discovery in a worker. */
function runsOn(scheduler: Scheduler, order: () => number, code: Digest): RunDiscovery {
  return (type, params, doors, warn) =>
    new Promise((resolve, reject) => {
      scheduler.submit({
        order: order(),
        priority: Number.MAX_VALUE,
        slots: { cpu: 1 },
        task: { kind: "discover", module: type.module, code, params, log: devNull },
        timeout: null,
        batch: 1,
        doors,
        started() {},
        progress() {},
        warn,
        settled(outcome) {
          if (outcome.kind === "discovered") resolve(outcome.value);
          else
            reject(new Error(outcome.kind === "failed" ? outcome.message : "The worker cooked and did not discover."));
        },
      });
    });
}

/** The nodes to cook and all that they need, in topological order. */
function chosen(graph: Graph, names: ReadonlySet<string> | undefined): GraphNode[] {
  const all = [...graph.nodes.values()];
  if (names === undefined) return all;
  const needed = new Set<GraphNode>();
  const need = (node: GraphNode): void => {
    if (needed.has(node)) return;
    needed.add(node);
    for (const sources of node.inputs.values()) sources.forEach(need);
  };
  for (const name of names) need(graph.nodes.get(name) as GraphNode);
  return all.filter((node) => needed.has(node));
}

/** The graph makes no such item; the message is for the user. */
export class UnknownItemError extends Error {
  constructor(asked: string) {
    super(`The graph makes no work item "${asked}". dag items lists those that it makes.`);
  }
}

/** The node that an item's name, or `node:index`, is of. */
export function nodeOfItem(asked: string): string {
  return /^(.*):\d+$/.exec(asked)?.[1] ?? asked.slice(0, Math.max(0, asked.lastIndexOf("_")));
}

/** An item by its name, a unique beginning of it, or `node:index`. */
export function findItem(runs: ReadonlyMap<string, NodeRun>, asked: string): WorkItem | undefined {
  const place = /^(.*):(\d+)$/.exec(asked);
  if (place !== null) return runs.get(place[1] ?? "")?.items[Number(place[2])];
  const found: WorkItem[] = [];
  for (const run of runs.values()) {
    for (const item of run.items) if (item.name.startsWith(asked)) found.push(item);
  }
  return found.length === 1 ? found[0] : found.find((item) => item.name === asked);
}

function withAncestors(item: WorkItem): Set<WorkItem> {
  const wanted = new Set<WorkItem>();
  const queue = [item];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (wanted.has(next)) continue;
    wanted.add(next);
    for (const group of next.parents) queue.push(...group);
  }
  return wanted;
}
