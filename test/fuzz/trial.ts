/**
 * One world on disk, cooked after every edit: what the engine comes to is compared with the model, with what a fresh store
 * comes to, and with what lies at the users' paths; what it cooked, with what the model says was needed.
 */
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { SessionReport } from "../../src/cook/session.js";
import type { Graph } from "../../src/graph/graph.js";
import type { Registry } from "../../src/nodetype/registry.js";
import type { WorkItem } from "../../src/workitem/item.js";
import { isGood } from "../../src/workitem/state.js";
import { type Edit, edited } from "./edits.js";
import { clockAhead, type Engine, graphOf, openEngine, registryOf } from "./engine.js";
import { Unmodelled } from "./expressions.js";
import type { Item } from "./items.js";
import { Model, type Recipe } from "./model.js";
import { textsOf } from "./texts.js";
import { cooks, WORKING } from "./works.js";
import { flat, type Placed, type World } from "./world.js";

/** What does not hold, in words. */
export class Broken extends Error {}

export interface TrialOptions {
  /** A folder of the trial's own; node code lies beside it, shared with other trials. */
  readonly folder: string;
  /** Turns of the event loop before a piece of work. */
  turns(): number;
  /** After how many edits a fresh store cooks the same graph; 0: never. */
  readonly cleanEvery: number;
  /** Whether the digests of files that have just been written are remembered. */
  readonly ahead: boolean;
}

/** `cooked`: the edit was made and all held; `refused`: it means nothing here, or makes a graph that is none. */
export type Step = "cooked" | "refused";

const WORKS = new URL("./works.js", import.meta.url).href;
const DAY = 86_400;

export class Trial {
  readonly #options: TrialOptions;
  readonly #folder: string;
  #world: World;
  #registry: Registry;
  #engine: Engine | undefined;
  #model: Model | undefined;
  #report: SessionReport | undefined;
  /** The last graph that was one. */
  #graph: { readonly text: string; readonly registry: Registry; readonly graph: Graph } | undefined;
  /** What was cooked and is in the store: what decided it, and the contents of its files. */
  readonly #kept = new Map<string, readonly string[]>();
  /** All that was ever cooked and may be in the store, by what decided it. */
  readonly #cooked = new Set<string>();
  /** Bytes of a user's own that were put over outputs, and must never be lost. */
  readonly #edits = new Map<string, string>();
  /** What items are, by the model's words, and the engine's keys of the same. */
  readonly #identities = new Map<string, number>();
  readonly #keys = new Map<number, string>();
  #steps = 0;
  #written = 0;
  /** Cooks of items that there were, and all results that were asked for. */
  readonly figures = { cooked: 0, items: 0 };

  constructor(world: World, options: TrialOptions) {
    this.#options = options;
    this.#folder = options.folder;
    this.#world = world;
    for (const type of WORKING) this.#writeCode(type);
    this.#writeSource("fuzz/grow", "growing()");
    this.#registry = registryOf(this.#folder);
  }

  get world(): World {
    return this.#world;
  }

  /** The first cook. Answers `refused` where the world is no graph. Throws Broken. */
  async start(): Promise<Step> {
    for (const folder of ["data/a", "data/b", "extra", "more", "out"])
      mkdirSync(join(this.#folder, folder), { recursive: true });
    const found = await this.#judged(this.#world);
    if (found === undefined) return "refused";
    for (const [path, content] of Object.entries(this.#world.files)) this.#write(path, content);
    this.#engine = await this.#open(".dag");
    await this.#cook(found.graph, found.model);
    return "cooked";
  }

  /** One edit, and the cook after it. Throws Broken. */
  async step(edit: Edit): Promise<Step> {
    const next = edited(this.#world, edit);
    if (next === undefined) return "refused";
    if (edit.kind === "code") {
      this.#writeCode(edit.type, edit.variant);
      this.#registry = registryOf(this.#folder);
    }
    const found = await this.#judged(next);
    if (found === undefined) return "refused";
    if (edit.kind === "meanwhile") await this.#cookDisturbed(edit);
    else await this.#happen(edit);
    this.#world = next;
    await this.#cook(found.graph, found.model, edit.kind === "dirty" ? this.#resultsOf(edit.id) : new Set());
    return "cooked";
  }

  async close(): Promise<void> {
    await this.#engine?.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #open(store: string): Promise<Engine> {
    const { ahead, turns } = this.#options;
    return openEngine(join(this.#folder, store), clockAhead(ahead ? DAY * 1000 : 0), turns);
  }

  async #judged(world: World): Promise<{ readonly graph: Graph; readonly model: Model } | undefined> {
    const texts = textsOf(world);
    if (texts === undefined) return undefined;
    const text = JSON.stringify(texts);
    const known = this.#graph?.text === text && this.#graph.registry === this.#registry;
    const graph = known ? this.#graph!.graph : await graphOf(texts, this.#folder, this.#registry);
    if (graph === undefined) return undefined;
    this.#graph = { text, registry: this.#registry, graph };
    try {
      return { graph, model: new Model(flat(world), this.#identities) };
    } catch (error) {
      if (error instanceof Unmodelled) return undefined;
      throw error;
    }
  }

  #writeCode(type: string, variant = 0): void {
    this.#writeSource(type, `working("${type.slice("fuzz/".length)}", ${variant})`);
  }

  #writeSource(type: string, made: string): void {
    const path = join(this.#folder, "nodes", `${type}.js`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `import * as works from "${WORKS}";\nexport default works.${made};\n`);
  }

  /** No two files have the same time, as those that a person writes. */
  #write(path: string, content: string): void {
    writeFileSync(join(this.#folder, path), content, "latin1");
    this.#stamp(path);
  }

  #stamp(path: string): void {
    this.#written += 1;
    const time = 1_700_000_000 + this.#written;
    utimesSync(join(this.#folder, path), time, time);
  }

  async #happen(edit: Edit): Promise<void> {
    const at = (path: string) => join(this.#folder, path);
    if (edit.kind === "write") this.#write(edit.path, edit.content);
    else if (edit.kind === "touch") this.#stamp(edit.path);
    else if (edit.kind === "remove") rmSync(at(edit.path));
    else if (edit.kind === "move") renameSync(at(edit.path), at(edit.to));
    else if (edit.kind === "swap") {
      renameSync(at(edit.path), at("aside"));
      renameSync(at(edit.to), at(edit.path));
      renameSync(at("aside"), at(edit.to));
    } else if (edit.kind === "dirty") this.#forget(edit.id);
    else if (edit.kind === "output") this.#touchOutput(edit);
    else if (edit.kind === "blob") this.#loseBlob(edit.pick);
    else if (edit.kind === "gc") {
      await this.#engine!.store.gc({ days: 0, last: true });
      const current = new Set(this.#model!.recipes.filter(isStored).map(({ seen }) => seen));
      for (const seen of this.#kept.keys()) if (!current.has(seen)) this.#kept.delete(seen);
    } else if (edit.kind === "restart" || edit.kind === "rebuild") {
      await this.#engine!.close();
      if (edit.kind === "rebuild")
        for (const end of ["", "-wal", "-shm"]) rmSync(at(`.dag/store.db${end}`), { force: true });
      this.#engine = await this.#open(".dag");
    }
  }

  #touchOutput({ how, pick }: Extract<Edit, { kind: "output" }>): void {
    const placed = this.#model!.placed;
    if (placed.length === 0) return;
    const { path } = placed[pick % placed.length]!;
    if (how === "touch") {
      this.#stamp(path);
      return;
    }
    this.#edits.delete(path);
    if (how === "remove") rmSync(join(this.#folder, path));
    else {
      const own = `my own ${this.#steps}`;
      this.#write(path, own);
      this.#edits.set(path, own);
    }
  }

  #loseBlob(pick: number): void {
    const folder = join(this.#folder, ".dag/blobs");
    if (!existsSync(folder)) return;
    const blobs = readdirSync(folder).flatMap((shard) =>
      readdirSync(join(folder, shard)).map((name) => join(shard, name)),
    );
    const lost = blobs.sort()[pick % blobs.length];
    if (lost === undefined) return;
    rmSync(join(folder, lost));
    const digest = lost.replace("/", "");
    for (const [seen, contents] of this.#kept)
      if (contents.some((content) => digestOf(content) === digest)) this.#kept.delete(seen);
  }

  #forget(id: number): void {
    const name = flat(this.#world).nodes.find((node) => node.id === id)!.name;
    const items = [...(this.#report!.runs.get(name)?.items ?? [])].filter(({ hasWork }) => hasWork);
    this.#engine!.store.forget(items.map((item) => item.id));
  }

  #resultsOf(id: number): ReadonlySet<string> {
    return new Set(this.#model!.recipes.flatMap(({ node, fails, seen }) => (node.id === id && !fails ? [seen] : [])));
  }

  /** A cook under which a file changes. Its results may be of what was, or of what is; they must not be of anything else. */
  async #cookDisturbed({ id, path, content, back, at }: Extract<Edit, { kind: "meanwhile" }>): Promise<void> {
    for (const seen of this.#resultsOf(id)) this.#kept.delete(seen);
    this.#forget(id);
    const before = this.#world.files[path]!;
    const put = (text: string | null) => (text === null ? rmSync(join(this.#folder, path)) : this.#write(path, text));
    let isPut = false;
    cooks.clear();
    cooks.meanwhile = (number) => {
      if (number !== at) return () => {};
      put(content);
      isPut = !back;
      return () => back && put(before);
    };
    await this.#engine!.cook(this.#graph!.graph);
    for (const seen of cooks.saw) this.#cooked.add(seen);
    cooks.clear();
    if (!back && !isPut) put(content);
  }

  /** `renewed`: results that must be cooked. */
  async #cook(graph: Graph, model: Model, renewed: ReadonlySet<string> = new Set()): Promise<void> {
    this.#steps += 1;
    this.#model = model;
    cooks.clear();
    const report = await this.#engine!.cook(graph);
    this.#report = report;
    for (const seen of renewed) {
      this.#kept.delete(seen);
      if (!cooks.saw.includes(seen)) throw new Broken(`was forgotten, and believed: ${seen}`);
    }
    this.#requireNeeded(model, cooks.saw);
    const rows = this.#rowsOf(report);
    this.#requireSame("the model", rows, this.#modelled(model), report);
    this.#requireKeys(model, report);
    this.#requirePlaced(model);
    const { cleanEvery } = this.#options;
    if (cleanEvery > 0 && this.#steps % cleanEvery === 0) {
      const fresh = await this.#open(`fresh-${this.#steps}`);
      cooks.clear();
      const clean = this.#rowsOf(await fresh.cook(graph));
      await fresh.close();
      rmSync(fresh.store.folder, { recursive: true });
      this.#requireSame("a fresh store", rows, clean, report);
    }
  }

  /** Every cook was needed, and there was one of each; what fails, or is to be cooked always, is tried for every item. */
  #requireNeeded(model: Model, saw: readonly string[]): void {
    const needed = new Map<string, number>();
    const always = new Set<string>();
    for (const { node, seen, fails, attempts } of model.recipes) {
      const known = needed.get(seen) ?? 0;
      const mode = node.settings.cache_mode;
      if (!fails && mode !== undefined) always.add(seen);
      if (fails || mode !== undefined) needed.set(seen, known + attempts);
      else if (!this.#kept.has(seen)) needed.set(seen, Math.max(known, attempts));
    }
    for (const seen of saw) {
      const left = needed.get(seen) ?? 0;
      if (left === 0) throw new Broken(`cooked without need (${this.#why(model, seen)}): ${seen}`);
      needed.set(seen, left - 1);
      always.delete(seen);
    }
    for (const seen of always) throw new Broken(`is to be cooked always, and was not: ${seen}`);
    const passing = new Set(model.recipes.filter((recipe) => !isStored(recipe)).map(({ seen }) => seen));
    for (const { seen, fails, contents } of model.recipes) {
      if (fails) continue;
      if (!saw.includes(seen) && !this.#cooked.has(seen)) throw new Broken(`was believed, and never cooked: ${seen}`);
      if (passing.has(seen)) continue;
      this.#kept.set(seen, contents);
      this.#cooked.add(seen);
    }
    this.figures.cooked += saw.length;
    this.figures.items += model.recipes.length;
  }

  #why({ recipes }: Model, seen: string): string {
    if (!recipes.some((recipe) => recipe.seen === seen)) return "the graph asks for no such result";
    return this.#kept.has(seen) ? "the store has it" : "it was cooked twice";
  }

  #requireSame(other: string, rows: Rows, expected: Rows, report: SessionReport): void {
    for (const node of this.#model!.nodes) {
      const [ours, theirs] = [rows.get(node.id)!, expected.get(node.id)!];
      const count = Math.max(ours.length, theirs.length);
      for (let place = 0; place < count; place++) {
        if (ours[place] === theirs[place]) continue;
        const messages = [...(report.runs.get(node.name)?.items ?? [])]
          .map(({ reason }) => reason)
          .filter((each) => each !== undefined);
        throw new Broken(
          `item ${place} of ${node.name} is\n  ${ours[place]}\n  for ${other} it is\n  ${theirs[place]}\n  ${messages.join("; ")}`,
        );
      }
    }
  }

  /** An item has the same key in every cook, and no other of its node has it. */
  #requireKeys(model: Model, report: SessionReport): void {
    for (const node of this.#model!.nodes) {
      if (model.isRepeated(node)) continue;
      const found = new Set<string>();
      for (const [place, { key, name }] of report.runs.get(node.name)!.items.entries()) {
        const { identity } = model.items(node.id)[place]!;
        const before = this.#keys.get(identity) ?? key;
        this.#keys.set(identity, key);
        if (before !== key) throw new Broken(`${name} is what it was, and has another key`);
        if (found.has(key)) throw new Broken(`two items have the name ${name}`);
        found.add(key);
      }
    }
  }

  #rowsOf(report: SessionReport): Rows {
    return this.#rows((node) => (report.runs.get(node.name)?.items ?? []).map(rowOfEngine));
  }

  #modelled(model: Model): Rows {
    return this.#rows((node) => model.items(node.id).map(rowOfModel));
  }

  #rows(rowsOf: (node: Placed) => string[]): Rows {
    const { nodes } = this.#model!;
    return new Map(nodes.map((node) => [node.id, this.#model!.isRepeated(node) ? rowsOf(node).sort() : rowsOf(node)]));
  }

  #requirePlaced(model: Model): void {
    for (const { path, content } of model.placed) {
      const full = join(this.#folder, path);
      if (!existsSync(full)) throw new Broken(`${path} is not there`);
      if (readFileSync(full, "latin1") !== content) throw new Broken(`${path} does not hold its item's bytes`);
      const own = this.#edits.get(path);
      if (own === undefined) continue;
      const [folder, name] = [dirname(full), path.slice(path.lastIndexOf("/") + 1)];
      const saved = readdirSync(folder).filter((each) => each.startsWith(`${name}.edited`));
      if (!saved.some((each) => readFileSync(join(folder, each), "latin1") === own))
        throw new Broken(`what a user made of ${path} is lost`);
      this.#edits.delete(path);
    }
  }
}

/** Whether a result may be found again. */
function isStored({ node }: Recipe): boolean {
  return node.settings.cache_mode !== "never";
}

type Rows = ReadonlyMap<number, readonly string[]>;

function rowOfModel(item: Item): string {
  const files = item.offered().map(({ name, tag, content }) => [name, tag, digestOf(content)]);
  return rowText(item.state, item.attributeNames(), (name) => item.attribute(name), files);
}

function rowOfEngine(item: WorkItem): string {
  const good = item.notScheduled ? "skipped" : "good";
  const state = isGood(item.state)
    ? good
    : item.state === "cooked_fail"
      ? "failed"
      : item.state.replace("cooked_cancel", "cancelled");
  const files = item.offered().map(({ name, tag, digest }) => [name, tag, digest]);
  return rowText(state, item.attributeNames(), (name) => item.attribute(name), files);
}

function rowText(
  state: string,
  names: Iterable<string>,
  value: (name: string) => unknown,
  files: readonly unknown[],
): string {
  const attributes = [...names]
    .sort()
    .map((name) => [name, value(name)])
    .filter(([, each]) => each !== undefined);
  return JSON.stringify([state, attributes, files]);
}

const digests = new Map<string, string>();

function digestOf(content: string): string {
  const known = digests.get(content) ?? createHash("sha256").update(Buffer.from(content, "latin1")).digest("hex");
  if (digests.size > 100_000) digests.clear();
  digests.set(content, known);
  return known;
}
