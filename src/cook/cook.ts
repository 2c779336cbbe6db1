/**
 * The cook of a graph, in words: every node generates what it can. An item whose parents are done is ready. Ready items
 * are taken together: those without work are done; the others are fingerprinted and looked up at once; a hit is done, a
 * miss goes to the scheduler, and what comes back is published, and then done. What is done makes its children ready and
 * lets waiting nodes generate. Misses are held until all is known that can be without cooking, and whoever asked for the cook
 * is told of it. It ends when nothing is ready, running or being found out. It decides all states; where and when work runs,
 * the scheduler decides.
 */

import { Activity } from "../base/activity.js";
import { TimeSlice } from "../base/time-slice.js";
import type { EventSink } from "../event/event.js";
import type { DiscoveryView } from "../generate/discover.js";
import { Discoveries } from "../generate/discoveries.js";
import { Listing } from "../generate/listing.js";
import { openRuns } from "../generate/open.js";
import { allIds, allRuns, type Runs, runOf, UnchangedConflict } from "../generate/run.js";
import { Bounds } from "../graph/bounds.js";
import type { GraphNode } from "../graph/graph.js";
import { neededNodes } from "../graph/live.js";
import { loopBlockOf } from "../graph/loops.js";
import { resolveSymbolic } from "../graph/paths.js";
import { type Prepared, Preparer } from "../prepare/prepare.js";
import type { NodeRecord } from "../unchanged/pieces.js";
import { CookNotes } from "../unchanged/records.js";
import { Unchanged } from "../unchanged/unchanged.js";
import type { WorkItem } from "../workitem/item.js";
import { stoppedAt } from "../workitem/outcome.js";
import { Attempts } from "./attempts.js";
import { CodeNotes } from "./codenotes.js";
import { Delivery } from "./deliver.js";
import { evaluateItem, leftOut } from "./evaluate.js";
import { Finish } from "./finish.js";
import { Generation } from "./generation.js";
import { mayRead } from "./miss.js";
import { Misses } from "./misses.js";
import { Readiness } from "./readiness.js";
import { type CookDeps, type CookReport, type CookRequest, MOST_ITEMS } from "./request.js";
import { type Counts, States } from "./state.js";
import { type Stopped, Stops } from "./stops.js";
import { Wanted } from "./wanted.js";

const NONE: ReadonlyMap<string, NodeRecord> = new Map();

export class Cook {
  /** Those that are cooked, in topological order. */
  readonly nodes: readonly GraphNode[];
  readonly #deps: CookDeps;
  readonly #request: CookRequest;
  readonly #runs: Runs;
  readonly #states: States;
  readonly #preparer: Preparer;
  readonly #delivery: Delivery;
  readonly #listing: Listing;
  readonly #readiness = new Readiness();
  readonly #wanted: Wanted;
  readonly #activity = new Activity();
  readonly #timeSlice: TimeSlice;
  readonly #unchanged: Unchanged | undefined;
  readonly #notes: CookNotes | undefined;
  readonly #discoveries: Discoveries;
  readonly #finish: Finish;
  readonly #attempts: Attempts;
  readonly #generation: Generation;
  readonly #misses: Misses;
  readonly #stops: Stops;
  #order = 0;
  #stopped = false;
  #left = false;
  #ids: ReadonlySet<string> | undefined;

  constructor(given: CookDeps, request: CookRequest) {
    const findsUnchanged = request.findUnchanged === true && request.item === undefined;
    this.#notes = findsUnchanged && !request.dry ? new CookNotes() : undefined;
    const deps = { ...given, sink: this.#observed(given.sink) };
    const { store, sink } = deps;
    this.#deps = deps;
    this.#request = request;
    const resolve = (path: string): string => resolveSymbolic(path, deps.graph);
    this.nodes = neededNodes(deps.graph, request.nodes);
    const block = loopBlockOf(new Map(this.nodes.map((node) => [node.name, node])));
    this.#runs = openRuns(block, this.nodes, (run) => this.#readiness.advance(run));
    this.#states = new States(sink);
    this.#timeSlice = new TimeSlice(deps.clock);
    this.#preparer = new Preparer({ ...deps, resolve });
    const bounds = new Bounds(deps.files, deps.graph.roots);
    const listing = new Listing({ ...deps, remembered: store.files, resolve });
    this.#listing = listing;
    this.#delivery = new Delivery(store, deps.graph, bounds, this.#notes);
    const shared = async ({ name }: GraphNode): Promise<string | undefined> => {
      const [run] = this.#runs.get(name)!.runs;
      return run && this.#preparer.manifest(run);
    };
    const unchanged = { ...deps, nodes: this.nodes, listing, bounds, resolve, shared };
    this.#unchanged = findsUnchanged ? new Unchanged(unchanged, request.nodes) : undefined;
    this.#stops = new Stops(this.#runs, (item) => this.#attempts.stopItem(item));
    this.#wanted = new Wanted(this.#runs, request.item);
    const readiness = this.#readiness;
    const order = (): number => this.#order++;
    this.#discoveries = new Discoveries({
      ...deps,
      listing,
      activity: this.#activity,
      order,
      found: (run) => readiness.advance(run),
    });
    const parts = { sink, states: this.#states, preparer: this.#preparer, delivery: this.#delivery };
    this.#generation = new Generation({
      ...parts,
      runs: this.#runs,
      discoveries: this.#discoveries,
      readiness,
      timeSlice: this.#timeSlice,
      order,
      unchangedItems: (node) => this.#unchanged?.nodes.get(node)?.items ?? 0,
      maxItems: request.maxItems,
    });
    this.#finish = new Finish({ ...parts, readiness });
    this.#attempts = new Attempts({
      ...deps,
      ...parts,
      run: request.run,
      resolve,
      fault: (error) => this.#activity.fail(error),
      ended: (prepared, ended) => {
        request.ended?.(prepared, ended);
        const over = this.#finish.ended(prepared, ended);
        if (over !== undefined) return over.finally(() => this.#activity.end());
        this.#activity.end();
      },
    });
    const started = {
      attempts: this.#attempts,
      codeNotes: new CodeNotes(deps.code, store.history),
      activity: this.#activity,
    };
    this.#misses = new Misses({ store, sink, finish: this.#finish, request, ...started });
  }

  /** Cooks. Resolves when all that can be done is done. */
  async cook(): Promise<CookReport> {
    await this.#takeUnchanged();
    await this.#advance();
    const { dry } = this.#request;
    if (!(this.#left || this.#stopped || this.#wanted.narrowed || dry)) this.#generation.requireWhole();
    if (this.#left) this.#attempts.leave();
    else if (!dry) {
      if (!this.#wanted.narrowed) this.#finish.cancelWaiting(allRuns(this.#runs));
      // What nobody took over by now is not wanted any more.
      this.#deps.left.end();
    }
    if (!(this.#left || this.#stopped)) await this.#keep();
    const failed = this.#generation.failed || this.#finish.failed;
    const stopped = this.#stopped || ((this.#stops.any || this.#left) && !failed);
    const ok = !(failed || stopped || this.#left);
    const { reasons: missed, partial } = this.#misses;
    const unchanged = this.#unchanged?.nodes ?? NONE;
    return { runs: this.#runs, unchanged, missed, partial, states: this.#states, ok, stopped };
  }

  /** Takes in the parts of the graph that stand as they were. */
  async #takeUnchanged(): Promise<void> {
    const { force, evaluateAll = false, maxItems = MOST_ITEMS } = this.#request;
    await this.#unchanged?.find(force, evaluateAll ? 0 : maxItems);
    for (const node of this.#unchanged?.nodes.values() ?? []) {
      const rows = this.#unchanged?.rows.get(node.node);
      for (const run of this.#runs.get(node.node)!.runs) {
        run.rows = rows;
        run.complete = rows === undefined;
      }
      this.#states.addUnchanged(node);
      this.#generation.addUnchanged(node.items);
      this.#deps.sink({ type: "node_held", ...node });
      if (rows !== undefined) continue;
      this.#deps.sink({ type: "node_generated", node: node.node, items: node.items, complete: true });
    }
    this.#timeSlice.begin();
  }

  async #keep(): Promise<void> {
    const notes = this.#notes;
    if (notes === undefined) return;
    const views = (node: string): readonly DiscoveryView[] => this.#discoveries.views(node);
    const resolve = (path: string): string => resolveSymbolic(path, this.#deps.graph);
    const deps = { runs: this.#runs, files: this.#deps.store.files, resolve, views, size: this.#request.piece };
    await this.#unchanged?.keep((nodes, before) => notes.part(nodes, before, deps));
  }

  /** Notes what users are warned of: it is to be said again in the next cook. */
  #observed(sink: EventSink): EventSink {
    const notes = this.#notes;
    if (notes === undefined) return sink;
    return (event) => {
      if (event.type === "warning") notes.warned(event.node);
      sink(event);
    };
  }

  /** Throws where an item claims what a part that stands has; once work has begun, answers what is wrong. */
  #clash({ item, outputs, outside }: Prepared): string | undefined {
    const claims = outputs.map(([, path]) => path);
    const clash = this.#unchanged?.clash(
      claims,
      outside.map(({ path }) => path),
    );
    if (clash === undefined) return undefined;
    if (this.#misses.waiting) throw new UnchangedConflict();
    if (!claims.includes(clash)) return undefined;
    return `${item.name} would write over "${clash}", which another node reads or writes. Put its outputs into another folder.`;
  }

  /** Goes on until nothing is ready, running or being found out, or the cook is left. */
  async #advance(): Promise<void> {
    for (;;) {
      this.#activity.check();
      if (!this.#stopped) this.#generation.advance();
      this.#wanted.narrow();
      const isGrowing = this.#readiness.growing && !this.#stopped;
      const batch = this.#take(isGrowing);
      if (batch.length > 0) await this.#process(batch);
      // Whoever wants to stop it must be heard, however much there is to do.
      await this.#timeSlice.next();
      if (batch.length > 0) continue;
      if (this.#left) return;
      if (isGrowing) continue;
      if (this.#misses.waiting && !this.#discoveries.anyUnderWay) this.#begin();
      else if (this.#activity.busy) await this.#wait();
      else if (this.#stopped || !this.#readiness.growing) return;
    }
  }

  /** All runs, by node. */
  get runs(): Runs {
    return this.#runs;
  }

  /** How many items are in each state. */
  counts(): Counts {
    return this.#states.counts();
  }

  /** Ends this cook and leaves what runs to the next one of the session, since what is to be cooked has changed. */
  leave(): void {
    this.#left = true;
    this.#readiness.clear();
    this.#activity.wake();
  }

  /** Starts nothing more. `save`: running items may save and stop; `now`: they are ended. */
  stop(how: "save" | "now"): void {
    this.#stopped = true;
    this.#listing.stop();
    this.#attempts.stop();
    void this.#deps.scheduler.stop(how);
    this.#activity.wake();
  }

  /** Whether it was asked to stop. */
  get isStopped(): boolean {
    return this.#stopped;
  }

  /** One running item may save and stop; the rest of the cook goes on. */
  stopItem(asked: string): Stopped {
    return this.#stops.stop(asked);
  }

  #begin(): void {
    this.#misses.begin({ runs: this.#runs, wants: (item: WorkItem) => this.#wanted.has(item) }, !this.#stopped);
  }

  /** `isGrowing`: nodes are about to make more items. */
  #take(isGrowing: boolean): WorkItem[] {
    // Nothing is cooked for an item that may still come.
    if (this.#wanted.sought && (isGrowing || this.#discoveries.anyUnderWay)) return [];
    for (let batch = this.#readiness.take(); batch.length > 0; batch = this.#readiness.take()) {
      const wanted = this.#wanted.of(batch);
      if (wanted.length > 0) return wanted;
    }
    return [];
  }

  async #wait(): Promise<void> {
    const { left } = this.#deps;
    // Once all items are known, nobody will want what an earlier cook left for others.
    if (left.any) this.#ids ??= allIds(this.#runs);
    const known = this.#ids;
    if (left.any && known !== undefined) left.end((id) => known.has(id));
    await this.#activity.wait();
    this.#timeSlice.begin();
  }

  async #process(batch: readonly WorkItem[]): Promise<void> {
    const prepared: Prepared[] = [];
    for (const item of batch) {
      if (this.#timeSlice.isOver) await this.#timeSlice.next();
      if (this.#settle(item)) continue;
      const preparing = this.#preparer.prepare(runOf(item), item);
      const preparation = preparing instanceof Promise ? await preparing : preparing;
      if (preparation.kind === "failed") this.#finish.fail(item, preparation.message);
      else prepared.push(preparation.prepared);
    }
    const asked = prepared.map(({ item, fingerprint }) => ({ item: item.id, fingerprint: fingerprint.digest }));
    const lookups = this.#deps.store.results.lookup(asked);
    const { dry, force } = this.#request;
    for (const [place, one] of prepared.entries()) {
      if (this.#timeSlice.isOver) await this.#timeSlice.next();
      const clash = this.#clash(one) ?? this.#delivery.claim(one);
      this.#notes?.reads(one);
      const found = lookups[place];
      if (clash !== undefined) this.#finish.fail(one.item, clash);
      else if (found?.entry !== undefined && mayRead(one, force)) {
        this.#request.found?.({ prepared: one, entry: found.entry });
        const placing = this.#finish.hit(one, found.entry, !dry);
        if (placing !== undefined) await placing;
      } else this.#misses.add(one, found);
    }
  }

  /** Settles what needs no work. Answers whether the item is done with. */
  #settle(item: WorkItem): boolean {
    const evaluation = evaluateItem(item);
    if (this.#stopped) this.#finish.end(item, stoppedAt("ready"));
    else if (evaluation === undefined) return false;
    else if (evaluation.kind === "problem") this.#finish.fail(item, evaluation.message);
    else this.#finish.end(item, evaluation);
    const message = this.#request.dry ? undefined : leftOut(item);
    if (message !== undefined) this.#deps.sink({ type: "warning", node: item.node, message });
    return true;
  }
}
