/**
 * One disk, one clock, and the shipped engine on them: session, scheduler, pool, store. An engine may meet faults, be
 * stopped, and die; the next one finds what is left. Knows how the parts are put together, not what is tried with them.
 */
import { join } from "node:path";
import { type Digest, digestOf } from "../../src/base/hash.js";
import type { Cook } from "../../src/cook/cook.js";
import { Session, type SessionReport } from "../../src/cook/session.js";
import type { CookEvent } from "../../src/event/event.js";
import type { Machine } from "../../src/executor/machine.js";
import { openForecast } from "../../src/forecast/run-forecast.js";
import { checkGraph } from "../../src/graph/check.js";
import type { Graph } from "../../src/graph/graph.js";
import { createRegistry } from "../../src/nodetype/registry.js";
import { StoreError } from "../../src/store/errors.js";
import { LOG_START, logFolder, readLog } from "../../src/store/log.js";
import { openStore } from "../../src/store/open.js";
import type { Store } from "../../src/store/store.js";
import { audit } from "../helpers/auditor.js";
import type { RandomGraph } from "../helpers/random-graph.js";
import { turn, VirtualClock } from "./clock.js";
import { Disk } from "./disk.js";
import { Tables } from "./entries.js";
import { Life, type Risk } from "./life.js";
import { FakeWorkers, type Mood } from "./workers.js";

export const FOLDER = "/sim";
const STORE = join(FOLDER, ".dag");
const HERE = import.meta.dirname;
const registry = createRegistry({ compiled: [join(HERE, "../../nodes"), join(HERE, "../helpers/random-nodes")] });

/** What happens to one engine, and to its workers. Times in milliseconds after its cook begins. */
export interface Fate extends Risk, Mood {
  readonly stop?: { readonly at: number; readonly how: "save" | "now" | "item" } | undefined;
  /** What others do meanwhile. */
  readonly meanwhile?: readonly { readonly at: number; readonly what: () => void }[];
}

export type Ended =
  | { readonly kind: "cooked"; readonly report: SessionReport }
  /** The store or the cook said, in words for the user, why it cannot go on. */
  | { readonly kind: "refused"; readonly message: string }
  | { readonly kind: "died" };

/** The engine that runs now. */
let running: Life | undefined;

/** Node's own answer to a promise that is rejected unheard ends the process: that must not happen to an engine. */
process.on("unhandledRejection", (reason) => {
  if (running === undefined) throw reason;
  if (!running.isDead) running.unheard.push(reason);
});

export class World {
  readonly clock = new VirtualClock();
  readonly disk = new Disk(() => this.clock.now());
  readonly problems: string[] = [];
  /** Changes of the disk that the last engine made. */
  changes = 0;
  /** The version of the node code, and of a package that it calls. */
  code = 0;
  packages = 0;
  /** Told the place of each item that begins to cook. */
  onBegun: (index: number) => void = () => {};
  readonly #machine: Machine;
  /** What engines told since the power was lost last. */
  #events: CookEvent[] = [];
  /** Work whose result was published, by all that decides it. */
  readonly #done = new Set<string>();
  /** Items that are worked on again: wrong where a result comes of it, and not where a file changed meanwhile. */
  readonly #again = new Set<string>();
  /** Of the items of source files, by node and file. */
  readonly #names = new Map<string, string>();
  #boot = 1;
  #pids = 1;

  constructor(machine: Machine) {
    this.#machine = machine;
    this.disk.makeDirectory(STORE);
    this.disk.settle();
  }

  /** Puts source files where they are. */
  write(files: RandomGraph["files"]): void {
    for (const [name, text] of Object.entries(files)) {
      this.disk.makeDirectory(join(FOLDER, name, ".."));
      this.disk.write(join(FOLDER, name), text);
      this.disk.keep(join(FOLDER, name));
    }
  }

  /** Time passes. */
  pass(milliseconds: number): Promise<void> {
    return this.clock.until(new Promise((resolve) => void this.clock.after(milliseconds, resolve)));
  }

  /** One engine's life: it opens the store, cooks, and closes it. */
  async cook(nodes: RandomGraph["nodes"], fate: Fate): Promise<Ended> {
    const graph = await checked(nodes);
    const life = new Life(this.clock, this.disk, fate);
    const workers = this.#workers(graph, fate, life);
    this.#again.clear();
    running = life;
    try {
      const died = life.death.then((): Ended => ({ kind: "died" }));
      return await this.clock.until(Promise.race([this.#live(graph, fate, life, workers), died]));
    } catch (error) {
      this.problems.push(`the engine broke: ${(error as Error).stack}`);
      return { kind: "refused", message: (error as Error).message };
    } finally {
      await turn();
      for (const reason of life.unheard) this.problems.push(`rejected unheard: ${(reason as Error).stack}`);
      life.end();
      workers.abandon();
      await turn();
      running = undefined;
      this.changes = life.changes;
      if (fate.death?.kind === "machine") this.#losePower(fate);
    }
  }

  /** What the store finds wrong with itself. */
  async verify(risk: Risk): Promise<string[]> {
    const store = await this.#open(new Life(this.clock, this.disk, risk));
    const { damaged, lost, database } = await store.verify();
    await store.close();
    return [...damaged, ...lost, ...database];
  }

  /** The database is gone; a new one is built from the manifests. */
  loseDatabase(): void {
    this.disk.remove(join(STORE, "store.db"));
  }

  /** Fingerprints of the results that are committed, in the tables or in the log alone, with when each was made. */
  committed(): ReadonlyMap<Digest, number> {
    const { entries, logged } = this.disk.database(join(STORE, "store.db"), () => new Tables());
    const whole = [...entries.values()].filter(({ members }) => members !== null);
    const committed = new Map(whole.map(({ fingerprint, created }) => [fingerprint, created]));
    const files = this.disk.files({ change: () => {}, look: () => {} });
    for (const line of readLog(files, logFolder(STORE), logged ?? LOG_START)) {
      if ("drop" in line) committed.delete(line.drop);
      else committed.set(line.fingerprint, line.created);
    }
    return committed;
  }

  /** Closes the book of what engines told: what its audit finds is among this world's problems. */
  audit(): void {
    this.problems.push(...audit(this.#events));
    this.#events = [];
  }

  async #live(graph: Graph, fate: Fate, life: Life, workers: FakeWorkers): Promise<Ended> {
    const { files, clock } = life;
    let store: Store | undefined;
    try {
      store = await this.#open(life);
      const codes = () => ({
        codeOf: (module: string) => ({ digest: codeOf(module, this.code), packages: [`tool@${this.packages}`] }),
        filesOf: (module: string) => ({ digest: codeOf(module, this.code) }),
      });
      const space = () => ({ volume: "sim", free: 2 ** 40, size: 2 ** 41 });
      const outside = { files, clock, space, start: workers.start, codes };
      const sink = (event: CookEvent) => this.#receive(event, graph, life, workers);
      const session = new Session({ store, slots: this.#machine, sink, outside, openForecast: openForecast(false) });
      const started = (cook: Cook) => this.#disturb(cook, fate, life);
      const report: SessionReport = await session.cook(graph, FOLDER, { dry: false, force: new Set() }, { started });
      await session.close();
      this.#requireNames(report);
      return { kind: "cooked", report };
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      return { kind: "refused", message: error.message };
    } finally {
      if (!life.isDead) await store?.close();
    }
  }

  /** The item of a file is called the same, whatever files lie beside it. */
  #requireNames({ runs }: SessionReport): void {
    for (const item of [...runs.values()].flatMap(({ items }) => items)) {
      const [file] = item.files;
      if (file === undefined || item.parents.length > 0) continue;
      const known = this.#names.get(`${item.node}/${file.name}`) ?? item.name;
      if (known !== item.name) this.problems.push(`${item.name}: the item of ${file.name} was ${known}`);
      this.#names.set(`${item.node}/${file.name}`, known);
    }
  }

  #open({ files, entries, clock }: Life): Promise<Store> {
    const pid = this.#pids++;
    const host = {
      pid,
      started: "",
      boot: `boot ${this.#boot}`,
      host: "sim",
      isAlive: (other: number) => other === pid,
    };
    return openStore({ folder: STORE, files, entries, clock, host });
  }

  #receive(event: CookEvent, graph: Graph, life: Life, workers: FakeWorkers): void {
    if (life.isDead) return;
    // Read at once, as by one who writes it down.
    this.#events.push({ ...event });
    if (event.type === "item_state" && event.to === "cooking") this.onBegun(event.item.index);
    if (event.type === "item_state" && event.from === "cooking") this.#judgeAgain(event);
    if (event.type === "item_failed" && event.failure.cause === "crash" && !workers.crashed.has(event.item.name))
      this.problems.push(`${event.item.name}: failed with a worker that others had ended`);
    if (event.type !== "item_published" || event.partial) return;
    if (graph.nodes.get(event.item.node)?.cacheMode === "never") return;
    const work = workers.work.get(event.item.name);
    if (work !== undefined) this.#done.add(work);
  }

  #workers(graph: Graph, fate: Fate, life: Life): FakeWorkers {
    const versions = new Map([...graph.nodes.values()].map(({ type }) => [codeOf(type.module, 0), true]));
    return new FakeWorkers({
      clock: this.clock,
      disk: this.disk,
      dice: fate.dice.apart("workers"),
      mood: fate,
      types: new Map([...graph.nodes.values()].map(({ type }) => [type.module, type.definition])),
      mayHang: (item) => graph.nodes.get(nodeOf(item))?.timeout !== null,
      salt: (code) => {
        const own = versions.has(code as Digest) ? "" : ` version ${this.code}`;
        return this.packages === 0 ? own : `${own} with tool ${this.packages}`;
      },
      wrong: (problem) => this.problems.push(problem),
      worked: (item, work) => {
        const mode = graph.nodes.get(nodeOf(item))?.cacheMode;
        if (mode === "automatic" && !life.isDead && this.#done.has(work)) this.#again.add(item);
      },
    });
  }

  #judgeAgain({ item, to }: Extract<CookEvent, { type: "item_state" }>): void {
    if (this.#again.delete(item.name) && to === "cooked_success")
      this.problems.push(`${item.name}: was worked on again, and nothing that it depends on has changed`);
  }

  #disturb(cook: Cook, { stop, meanwhile = [], dice }: Fate, life: Life): void {
    for (const { at, what } of meanwhile) life.clock.after(at, what);
    if (stop === undefined) return;
    life.clock.after(stop.at, () => {
      if (stop.how !== "item") return cook.stop(stop.how);
      const busy = this.#events.filter(
        (event) => event.type === "item_state" && (event.to === "cooking" || event.to === "scheduled"),
      );
      const chosen = busy.length === 0 ? undefined : dice.pick(busy);
      if (chosen?.type === "item_state") cook.stopItem(chosen.item.name);
    });
  }

  /** Whether the power was ever lost. */
  get wasDark(): boolean {
    return this.#boot > 1;
  }

  #losePower({ dice }: Fate): void {
    this.audit();
    this.#done.clear();
    this.#boot += 1;
    this.disk.lose(dice.apart("power"));
  }
}

/** The graph that was checked last, by its text: it is cooked again and again. */
const last = { text: "", graph: undefined as Graph | undefined };

/** The graph of some nodes; throws where the check finds anything. */
async function checked(nodes: RandomGraph["nodes"]): Promise<Graph> {
  const text = JSON.stringify({ version: 1, nodes });
  if (last.text === text && last.graph !== undefined) return last.graph;
  const options = { file: `${FOLDER}/g.json`, folder: FOLDER, job: FOLDER, registry, environment: new Map() };
  const { graph, diagnostics } = await checkGraph(text, options);
  if (graph === undefined) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
  Object.assign(last, { text, graph });
  return graph;
}

function codeOf(module: string, version: number): Digest {
  return digestOf(`${module} ${version}`);
}

function nodeOf(item: string): string {
  return item.slice(0, item.lastIndexOf("_"));
}
