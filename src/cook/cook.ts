/**
 * The cook of a graph, in words: every node generates what it can. An item whose parents are done is ready. Ready items
 * are taken together: those without work are done; the others are fingerprinted and looked up at once; a hit is done, a
 * miss goes to the scheduler, and what comes back is published, and then done. What is done makes its children ready and
 * lets waiting nodes generate. Misses are held until all is known that can be without cooking, and whoever asked for the cook
 * is told of it. It ends when nothing is ready, running or being found out. It decides all states; where and when work runs,
 * the scheduler decides.
 */
import type { Lookup } from "../cache/store.js";
import { blockOf } from "../graph/loops.js";
import { resolveSymbolic } from "../graph/paths.js";
import type { WorkItem } from "../workitem/item.js";
import { Attempts } from "./attempt.js";
import { Bounds } from "./bounds.js";
import { CodeNotes } from "./codenotes.js";
import { Delivery } from "./deliver.js";
import { Discoveries } from "./discoveries.js";
import { Finish } from "./finish.js";
import { advance, type GenerationDoors } from "./generate.js";
import { judge, leftOut } from "./judge.js";
import { Listing } from "./listing.js";
import { mayRead, partOf, whyMissed } from "./miss.js";
import { openRuns } from "./open.js";
import { type Prepared, Preparer } from "./prepare.js";
import { Pulse } from "./pulse.js";
import { Readiness } from "./readiness.js";
import { type CookDoors, type CookReport, type CookRequest, MOST_ITEMS, RefusedError } from "./request.js";
import { runOf } from "./run.js";
import { allRuns, type NodeRuns, type Runs } from "./runs.js";
import { itemName, States } from "./state.js";
import { type Stopped, Stops } from "./stops.js";
import { chosenNodes, Wanted } from "./wanted.js";

/** What is known of an item that the store has never heard of. */
const UNKNOWN: Lookup = { entry: undefined, previous: undefined, dirty: false };

export class Cook {
  readonly #doors: CookDoors;
  readonly #request: CookRequest;
  readonly #runs: Runs;
  readonly #states: States;
  readonly #preparer: Preparer;
  readonly #delivery: Delivery;
  readonly #readiness = new Readiness();
  readonly #wanted: Wanted;
  readonly #pulse = new Pulse();
  readonly #discoveries: Discoveries;
  readonly #finish: Finish;
  readonly #attempts: Attempts;
  readonly #generation: GenerationDoors;
  readonly #missed = new Map<WorkItem, string>();
  readonly #partial = new Set<WorkItem>();
  /** Misses until the work begins; undefined from then on. */
  #held: Map<WorkItem, Prepared> | undefined = new Map();
  readonly #codeNotes: CodeNotes;
  readonly #stops: Stops;
  #order = 0;
  #made = 0;
  #ungenerated = false;
  #stopped = false;
  #left = false;
  #known: ReadonlySet<string> | undefined;

  constructor(doors: CookDoors, request: CookRequest) {
    const { store, sink } = doors;
    this.#doors = doors;
    this.#request = request;
    const resolve = (path: string): string => resolveSymbolic(path, doors.graph);
    const nodes = chosenNodes(doors.graph, request.nodes);
    const block = blockOf(new Map(nodes.map((node) => [node.name, node])));
    this.#runs = openRuns(block, nodes, (run) => this.#readiness.advance(run));
    this.#states = new States(sink);
    this.#preparer = new Preparer({ ...doors, resolve });
    this.#delivery = new Delivery(store, doors.graph, new Bounds(doors.files, doors.graph.roots));
    this.#codeNotes = new CodeNotes(doors.code, store);
    this.#stops = new Stops(this.#runs, (item) => this.#attempts.stopItem(item));
    this.#wanted = new Wanted(this.#runs, request.item);
    this.#discoveries = new Discoveries({
      ...doors,
      listing: new Listing({ ...doors, resolve }),
      pulse: this.#pulse,
      order: () => this.#order++,
      found: (run) => this.#readiness.advance(run),
    });
    const parts = { sink, states: this.#states, preparer: this.#preparer, delivery: this.#delivery };
    this.#finish = new Finish({ ...parts, readiness: this.#readiness });
    this.#attempts = new Attempts({
      ...doors,
      ...parts,
      run: request.run,
      resolve,
      ended: (prepared, ending) => {
        request.ended?.(prepared, ending);
        return this.#finish.ended(prepared, ending).finally(() => this.#pulse.end());
      },
    });
    this.#generation = this.#generationDoors();
  }

  /** Cooks. Resolves when all that can be done is done. */
  async cook(): Promise<CookReport> {
    for (;;) {
      for (const run of this.#readiness.growable()) advance(run, this.#generation);
      this.#wanted.narrow();
      const batch = this.#take();
      if (batch.length > 0) await this.#process(batch);
      else if (this.#left) break;
      else if (this.#held !== undefined && !this.#discoveries.anyUnderWay) this.#begin(this.#held);
      else if (this.#pulse.busy) await this.#wait();
      else if (!this.#readiness.growing) break;
    }
    this.#requireWhole();
    if (this.#left) this.#attempts.leave();
    else if (!this.#request.dry) this.#cancelRest();
    // What nobody took over by now is not wanted any more.
    if (!this.#left && !this.#request.dry) this.#doors.flights.endLeft();
    const failed = this.#ungenerated || this.#finish.failed;
    const stopped = this.#stopped || ((this.#stops.any || this.#left) && !failed);
    const ok = !(failed || stopped || this.#left);
    return { runs: this.#runs, missed: this.#missed, partial: this.#partial, states: this.#states, ok, stopped };
  }

  /** Ends this cook and leaves what runs to the next one of the session, since what is to be cooked has changed. */
  leave(): void {
    this.#left = true;
    this.#readiness.clear();
    this.#pulse.wake();
  }

  /** Starts nothing more. `save`: running items may save and stop; `now`: they are ended. */
  stop(how: "save" | "now"): void {
    this.#stopped = true;
    this.#attempts.stop();
    void this.#doors.scheduler.stop(how);
    this.#pulse.wake();
  }

  /** One running item may save and stop; the rest of the cook goes on. */
  stopItem(asked: string): Stopped {
    return this.#stops.stop(asked);
  }

  /** All is known that can be before something is cooked: tells it, and lets the work begin. */
  #begin(held: ReadonlyMap<WorkItem, Prepared>): void {
    const { dry, begins } = this.#request;
    this.#held = undefined;
    const outlook = { runs: this.#runs, missed: held, wants: (item: WorkItem) => this.#wanted.has(item) };
    if (dry || (held.size > 0 && !this.#stopped)) begins?.(outlook);
    if (!dry) for (const prepared of held.values()) this.#start(prepared);
  }

  #start(prepared: Prepared): void {
    this.#codeNotes.note(prepared.run.node.type.module);
    this.#pulse.begin();
    this.#attempts.start(prepared);
  }

  #generationDoors(): GenerationDoors {
    const { sink } = this.#doors;
    return {
      params: (run, upstream, given) => this.#preparer.params(run, upstream, given),
      discovered: (run, params, upstream) => this.#discoveries.of(run, params, upstream),
      requireRoom: (run, items) => {
        const { maxItems = MOST_ITEMS } = this.#request;
        if (this.#made + items > maxItems) throw new RefusedError(tooManyText(run.name, maxItems));
      },
      made: (item) => {
        this.#made += 1;
        this.#states.add(item);
        item.order = this.#order++;
        this.#states.move(item, "waiting");
        this.#readiness.add(item);
      },
      advanced: (run) => {
        const { items, complete } = this.#runs.get(run.name) as NodeRuns;
        sink({ type: "node_generated", node: run.name, items: items.length, complete });
        this.#readiness.grown(run);
      },
      failed: (run, message) => {
        this.#ungenerated = true;
        sink({ type: "node_failed", node: run.node.name, message });
      },
    };
  }

  #take(): WorkItem[] {
    // Nothing is cooked for an item that the discoveries under way may still bring.
    if (this.#wanted.sought && this.#discoveries.anyUnderWay) return [];
    return this.#wanted.of(this.#readiness.take());
  }

  async #wait(): Promise<void> {
    // Once all items are known, nobody will want what an earlier cook left for others.
    const { flights } = this.#doors;
    if (flights.anyLeft && [...this.#runs.values()].every((run) => run.complete)) {
      flights.endLeft((id) => this.#ids().has(id));
    }
    await this.#pulse.wait();
  }

  #ids(): ReadonlySet<string> {
    this.#known ??= new Set(allRuns(this.#runs).flatMap((run) => run.items.map((item) => item.id)));
    return this.#known;
  }

  async #process(batch: readonly WorkItem[]): Promise<void> {
    const prepared: Prepared[] = [];
    for (const item of batch) {
      if (this.#settle(item)) continue;
      const preparing = this.#preparer.prepare(runOf(item), item);
      const preparation = preparing instanceof Promise ? await preparing : preparing;
      if (preparation.kind === "failed") this.#finish.fail(item, preparation.message);
      else prepared.push(preparation.prepared);
    }
    const asked = prepared.map(({ item, fingerprint }) => ({ item: item.id, fingerprint: fingerprint.digest }));
    const answers = this.#doors.store.lookup(asked);
    const { dry, force } = this.#request;
    for (const [place, one] of prepared.entries()) {
      const clash = this.#delivery.claim(one);
      const answer = answers[place];
      if (clash !== undefined) this.#finish.fail(one.item, clash);
      else if (answer?.entry !== undefined && mayRead(one, force)) {
        this.#request.found?.({ prepared: one, entry: answer.entry });
        const placing = this.#finish.hit(one, answer.entry, !dry);
        if (placing !== undefined) await placing;
      } else this.#miss(one, answer ?? UNKNOWN);
    }
  }

  /** Settles what needs no work. Answers whether the item is done with. */
  #settle(item: WorkItem): boolean {
    const verdict = judge(item);
    if (this.#stopped) this.#finish.end(item, "cooked_cancel", "the cook was stopped");
    else if (verdict === undefined) return false;
    else if ("problem" in verdict) this.#finish.fail(item, verdict.problem);
    else this.#finish.end(item, verdict.state, verdict.reason);
    const message = this.#request.dry ? undefined : leftOut(item);
    if (message !== undefined) this.#doors.sink({ type: "warning", node: item.node, message });
    return true;
  }

  #miss(prepared: Prepared, known: Lookup): void {
    const { item, run } = prepared;
    const why = whyMissed(prepared, known, this.#request.force, this.#doors.store);
    this.#missed.set(item, why);
    const part = partOf(prepared, known.previous, this.#doors.store);
    if (part !== undefined) this.#partial.add(item);
    // It is cooked on from there all the same.
    if (part !== undefined && this.#request.dry) this.#finish.show(prepared, part);
    this.#doors.sink({ type: "item_missed", item: itemName(item), why });
    if (run.node.cacheMode === "always_read") {
      this.#finish.fail(item, `Nothing is in the cache for it (${why}), and cache_mode is always_read.`);
    } else if (this.#held !== undefined) this.#held.set(item, prepared);
    else if (!this.#request.dry) this.#start(prepared);
  }

  /** A node that never made its items must not pass for done: only what is blocked, or was not asked for, may be left. */
  #requireWhole(): void {
    if (this.#left || this.#stopped || this.#wanted.narrowed || this.#request.dry) return;
    const runs = allRuns(this.#runs);
    if (runs.some((run) => run.items.some((item) => item.state === "waiting"))) return;
    const left = runs.find((run) => !run.complete);
    if (left !== undefined) throw new Error(`the node "${left.node.name}" was never generated`);
  }

  /** What still waits waits for something that will not come. */
  #cancelRest(): void {
    if (this.#wanted.narrowed) return;
    for (const run of allRuns(this.#runs)) {
      for (const item of run.items) {
        if (item.state === "waiting") this.#states.move(item, "cooked_cancel", "blocked");
      }
    }
  }
}

function tooManyText(node: string, most: number): string {
  return (
    `The graph makes more than ${most} work items; node "${node}" would make the next. Where that is meant, raise it with ` +
    "--max-items N; an item takes about 1 kB of memory (NODE_OPTIONS=--max-old-space-size=MB gives Node more)."
  );
}
