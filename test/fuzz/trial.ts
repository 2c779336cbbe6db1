/**
 * One world on disk, cooked after every edit: what the engine comes to is compared with the model, with what a fresh store
 * comes to, and with what lies at the users' paths; what it cooked, with what the model says was needed.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { SessionReport } from "../../src/cook/session.js";
import type { Graph } from "../../src/graph/graph.js";
import { isGood } from "../../src/workitem/state.js";
import { type Edit, edited } from "./edits.js";
import { clockAhead, type Database, databaseIn, type Engine, openEngine } from "./engine.js";
import { Ledger } from "./ledger.js";
import type { Model } from "./model.js";
import { Judge } from "./oracle.js";
import { Keys, requireHeld, requireSame, rowsOfEngine, rowsOfModel } from "./rows.js";
import { Site } from "./site.js";
import { cooks } from "./works.js";
import { flat, type World } from "./world.js";

export interface TrialOptions {
  /** A folder of the trial's own; node code lies beside it, shared with other trials. */
  readonly folder: string;
  /** Turns of the event loop before a piece of work. */
  turns(): number;
  /** After how many edits a fresh store cooks the same graph; 0: never. */
  readonly cleanEvery: number;
  /** Whether the digests of files that have just been written are remembered. */
  readonly ahead: boolean;
  /** Whether the store's database is the shipped one, and not one in memory. */
  readonly inFile: boolean;
  /** Whether each cook holds what stands, and is followed by one that judges every item. */
  readonly holds: boolean;
}

/** `cooked`: the edit was made and all held; `refused`: it means nothing here, or makes a graph that is none. */
export type Step = "cooked" | "refused";

type Disturbance = Extract<Edit, { kind: "meanwhile" | "amid" }>;

const DAY = 86_400_000;

export class Trial {
  readonly #options: TrialOptions;
  readonly #site: Site;
  readonly #database: Database;
  readonly #ledger = new Ledger();
  readonly #keys = new Keys();
  readonly #judge: Judge;
  #world: World;
  #engine: Engine | undefined;
  #model: Model | undefined;
  #report: SessionReport | undefined;
  #steps = 0;

  constructor(world: World, options: TrialOptions) {
    this.#options = options;
    this.#site = new Site(options.folder);
    this.#database = databaseIn(join(options.folder, ".dag"), options.inFile);
    this.#world = world;
    this.#judge = new Judge(this.#site, (seen) => this.#ledger.has(seen));
  }

  get world(): World {
    return this.#world;
  }

  get figures(): Ledger["figures"] {
    return this.#ledger.figures;
  }

  /** The first cook. Answers `refused` where the world is no graph. Throws Broken. */
  async start(): Promise<Step> {
    const found = await this.#judge.of(this.#world);
    if (found === undefined) return "refused";
    this.#site.furnish(this.#world.files);
    this.#engine = await this.#open(".dag", this.#database);
    await this.#cook(found.graph, found.model);
    return "cooked";
  }

  /** One edit, and the cook after it. Throws Broken. */
  async step(edit: Edit): Promise<Step> {
    const next = edited(this.#world, edit);
    if (next === undefined || (changesStore(edit) && readsAlways(next))) return "refused";
    if (edit.kind === "comment") this.#site.comment(edit.type);
    if (edit.kind === "code" || edit.kind === "comment") this.#judge.renew(edit.type, next);
    const found = await this.#judge.of(next);
    if (found === undefined) {
      if (edit.kind === "code") this.#judge.renew(edit.type, this.#world);
      return "refused";
    }
    if (edit.kind === "meanwhile" || edit.kind === "amid") await this.#cookDisturbed(edit, found.graph);
    else await this.#happen(edit);
    this.#world = next;
    await this.#cook(found.graph, found.model, edit.kind === "dirty" ? this.#resultsOf(edit.id) : new Set());
    return "cooked";
  }

  async close(): Promise<void> {
    await this.#engine?.close();
    this.#site.remove();
  }

  #open(store: string, database: Database): Promise<Engine> {
    const { ahead, turns, folder } = this.#options;
    const clock = clockAhead(ahead ? DAY : 0);
    return openEngine({ folder: join(folder, store), clock, database: database.open, turns });
  }

  async #happen(edit: Edit): Promise<void> {
    switch (edit.kind) {
      case "write":
      case "touch":
      case "remove":
      case "move":
      case "swap":
        if (edit.kind === "write" && edit.output !== undefined)
          this.#site.disturb(this.#model!.placed, "remove", edit.output);
        return this.#site.happen(edit);
      case "dirty":
        return this.#forget(edit.id);
      case "output":
        return this.#site.disturb(this.#model!.placed, edit.how, edit.pick);
      case "blob":
        return this.#loseBlob(edit.pick);
      case "gc":
        await this.#engine!.store.gc({ days: 0, last: true });
        return this.#ledger.collect(this.#model!);
      case "restart":
      case "rebuild":
        await this.#engine!.close();
        if (edit.kind === "rebuild") this.#database.lose();
        this.#engine = await this.#open(".dag", this.#database);
    }
  }

  #loseBlob(pick: number): void {
    const lost = this.#site.loseBlob(pick);
    if (lost !== undefined) this.#ledger.loseBlob(lost);
  }

  /** The last result of an item that failed, or whose results are not kept, is of something else. */
  #forget(id: number): void {
    const node = flat(this.#world).nodes.find((each) => each.id === id);
    if (node === undefined || node.settings.cache_mode === "never") return;
    const items = [...(this.#report!.runs.get(node.name)?.items ?? [])];
    const made = items.filter(({ hasWork, state, notScheduled }) => hasWork && isGood(state) && !notScheduled);
    this.#engine!.store.results.forget(made.map((item) => item.id));
  }

  #resultsOf(id: number): ReadonlySet<string> {
    return new Set(this.#model!.recipes.flatMap(({ node, fails, seen }) => (node.id === id && !fails ? [seen] : [])));
  }

  /**
   * A cook under which a file, an output or a blob changes. Its results may be of what was, or of what is; they must not be of
   * anything else.
   */
  async #cookDisturbed(edit: Disturbance, graph: Graph): Promise<void> {
    this.#ledger.forget(this.#resultsOf(edit.id));
    this.#forget(edit.id);
    const { begins, ends } = this.#disturbing(edit);
    let hasBegun = false;
    cooks.clear();
    cooks.meanwhile = (number) => {
      if (number !== edit.at) return () => {};
      hasBegun = true;
      begins();
      return ends;
    };
    await this.#engine!.cook(graph, this.#options.holds);
    this.#ledger.mayHave(cooks.saw);
    cooks.clear();
    if (!hasBegun) {
      begins();
      ends();
    }
  }

  #disturbing(edit: Disturbance): { begins(): void; ends(): void } {
    if (edit.kind === "amid") {
      const { how, pick } = edit;
      const { placed } = this.#model!;
      const begins = () => (how === "blob" ? this.#loseBlob(pick) : this.#site.disturb(placed, how, pick));
      return { begins, ends: () => {} };
    }
    const { path, content, back } = edit;
    const before = this.#world.files[path]!;
    return {
      begins: () => this.#site.write(path, content),
      ends: () => {
        if (back) this.#site.write(path, before);
      },
    };
  }

  /** `renewed`: results that must be cooked. */
  async #cook(graph: Graph, model: Model, renewed: ReadonlySet<string> = new Set()): Promise<void> {
    this.#steps += 1;
    this.#model = model;
    cooks.clear();
    const engine = this.#engine!;
    let report = await engine.cook(graph, this.#options.holds);
    this.#ledger.requireNeeded(model, cooks.saw, renewed);
    this.#site.requirePlaced(model.placed);
    if (this.#options.holds) {
      // What stood then is what it is when each item is judged.
      const held = [...engine.held];
      this.#ledger.figures.held += held.length;
      const made = held.filter(({ node }) => report.runs.get(node)?.items.length !== 0);
      this.#ledger.figures.rows += made.length;
      cooks.clear();
      const before = report;
      report = await engine.cook(graph);
      requireHeld(held, before, report);
      this.#ledger.requireNeeded(model, cooks.saw, new Set());
    }
    this.#report = report;
    const rows = rowsOfEngine(report, model);
    requireSame("the model", rows, rowsOfModel(model), { model, report });
    this.#keys.require(model, report);
    this.#site.requirePlaced(model.placed);
    const { cleanEvery } = this.#options;
    // In a fresh store there is nothing to be read.
    if (cleanEvery === 0 || this.#steps % cleanEvery !== 0 || readsAlways(this.#world)) return;
    const name = `fresh-${this.#steps}`;
    const folder = join(this.#site.folder, name);
    const fresh = await this.#open(name, databaseIn(folder, this.#options.inFile));
    cooks.clear();
    const clean = rowsOfEngine(await fresh.cook(graph), model);
    await fresh.close();
    rmSync(folder, { recursive: true });
    requireSame("a fresh store", rows, clean, { model, report });
  }
}

/** Whether an edit takes something out of the store, of which it is not known beforehand what. */
function changesStore({ kind }: Edit): boolean {
  return kind === "dirty" || kind === "meanwhile" || kind === "amid" || kind === "blob" || kind === "gc";
}

/** Whether some node may take its results from the store alone. */
function readsAlways({ nodes }: World): boolean {
  return nodes.some(({ settings }) => settings.cache_mode === "always_read");
}
