/**
 * The second, independent calculation: what a graph must come to, item by item, and what each item's result follows from.
 * A plain recursion over the world: no store, no schedule, no fingerprint, nothing remembered from the world before. Longer
 * than other files, so that it can be read as one.
 */
import { evaluated, NoValue, namesIn, textOf, Unmodelled } from "./expressions.js";
import { Item } from "./items.js";
import { type Around, KINDS, type Kind, type Making, meetings } from "./kinds.js";
import { liveNodes, usedOf } from "./live.js";
import { known, seenBy } from "./sight.js";
import { madeOf, seenText } from "./works.js";
import { loopsOf, type Placed, type World } from "./world.js";

/** The items of a node at one place: inside a loop, of one iteration. */
interface Run {
  readonly node: Placed;
  readonly items: Item[];
  readonly outlets: ReadonlyMap<string, Item[]>;
  /** By input. */
  readonly sources: readonly (readonly Source[])[];
  /** How many items were the same by all that makes them. */
  readonly twins: Map<string, number>;
  /** Whether all its items were made: not where that waits for one that is stuck. */
  complete: boolean;
}

interface Source {
  readonly run: Run;
  readonly items: readonly Item[];
}

/** The runs of an iteration of a loop, or of the graph. */
interface Scope {
  /** The node that opens the loop. */
  readonly loop: number | undefined;
  readonly around: Scope | undefined;
  readonly runs: Map<number, Run>;
}

/** What an item's result follows from, and what it is. */
export interface Recipe {
  readonly node: Placed;
  readonly seen: string;
  readonly fails: boolean;
  /** How often its work is begun until it ends. */
  readonly attempts: number;
  /** Contents of the files, those that are passed on among them. */
  readonly contents: readonly string[];
}

/** An output at a user's path, relative to the graph's folder. */
export interface PlacedFile {
  readonly path: string;
  readonly content: string;
}

/** What the store has of a result, by what decides it; undefined: that is not known. */
export type Stored = (seen: string) => boolean | undefined;

/** A larger case shows no more than a small one. */
const MOST_ITEMS = 40;

const LOOP_ATTRIBUTES = ["loopiter", "loopnum", "loopsize", "loopdepth"];

export class Model {
  readonly #world: World;
  readonly #nodes: ReadonlyMap<number, Placed>;
  readonly #live: ReadonlySet<number>;
  /** The begin of the innermost loop around a node; a loop's own begin and end lie around it. */
  readonly #loopOf = new Map<number, number>();
  readonly #runs = new Map<number, Run[]>();
  readonly #identities: Map<string, number>;
  readonly #stored: Stored;
  /** What was to be read from the store, and is not there. */
  readonly #missing = new Set<string>();
  #count = 0;
  /** Of every item that is hit or cooked. */
  readonly recipes: Recipe[] = [];
  readonly placed: PlacedFile[] = [];

  /** `identities`: numbers of what items are, kept from world to world. Throws Unmodelled for a world without words. */
  constructor(world: World, identities: Map<string, number>, stored: Stored) {
    this.#world = world;
    this.#identities = identities;
    this.#stored = stored;
    this.#nodes = new Map(world.nodes.map((node) => [node.id, node]));
    this.#live = liveNodes(world);
    const loops = [...loopsOf(world)].sort(([, a], [, b]) => b.size - a.size);
    for (const [begin, inside] of loops)
      for (const id of inside) if (this.#nodes.get(id)?.closes !== begin) this.#loopOf.set(id, begin);
    const top: Scope = { loop: undefined, around: undefined, runs: new Map() };
    for (const node of world.nodes) {
      const within = this.#loopOf.get(node.id) !== undefined || opensLoop(node);
      if (!within && this.#live.has(node.id)) this.#run(node, top);
    }
    // Whether that comes in time is nobody's promise.
    if (this.recipes.some(({ seen }) => this.#missing.has(seen))) throw new Unmodelled("made here, and read there");
  }

  get nodes(): readonly Placed[] {
    return this.#world.nodes;
  }

  /** The items of a node; those of a node in a loop in no order that counts. */
  items(id: number): readonly Item[] {
    return (this.#runs.get(id) ?? []).flatMap(({ items }) => items);
  }

  /** Whether a node has items for each iteration of a loop. */
  isRepeated(node: Placed): boolean {
    return node.closes !== undefined || opensLoop(node) || this.#loopOf.get(node.id) !== undefined;
  }

  /** A node's run as it is seen from a scope. */
  #run(node: Placed, from: Scope): Run {
    const home = this.#loopOf.get(node.id);
    let scope: Scope | undefined = from;
    while (scope !== undefined && scope.loop !== home && scope.loop !== node.id) scope = scope.around;
    const known = scope?.runs.get(node.id);
    if (known !== undefined) return known;
    if (scope === undefined || opensLoop(node)) throw new Unmodelled(`${node.name} is read from outside of its loop`);
    const run = node.closes === undefined ? this.#make(node, scope) : this.#loop(node, scope);
    scope.runs.set(node.id, run);
    return run;
  }

  #begun(node: Placed, sources: Run["sources"], outlets: ReadonlyMap<string, Item[]>, items: Item[] = []): Run {
    const run = { node, items, outlets, sources, twins: new Map<string, number>(), complete: true };
    this.#runs.set(node.id, [...(this.#runs.get(node.id) ?? []), run]);
    return run;
  }

  #sources(node: Placed, scope: Scope): Source[][] {
    const inputs = kindOf(node).inputs.map((name) => {
      const refs = node.inputs[name] ?? [];
      const used = usedOf(node, refs);
      return refs.map((ref) => {
        if (!used.includes(ref)) return { run: nothingOf(this.#nodes.get(ref.id)!), items: [] };
        const run = this.#run(this.#nodes.get(ref.id)!, scope);
        return { run, items: ref.output === undefined ? firstOutlet(run) : run.outlets.get(ref.output)! };
      });
    });
    return node.settings.bypass ? inputs.slice(0, 1) : inputs;
  }

  #make(node: Placed, scope: Scope): Run {
    const outlets = new Map((kindOf(node).outputs ?? []).map((name) => [name, [] as Item[]]));
    const run = this.#begun(node, this.#sources(node, scope), outlets);
    try {
      this.#generate(run);
    } catch (error) {
      // What was made before stays, and there is no more.
      if (!(error instanceof NoValue)) throw error;
      run.complete = true;
    }
    return run;
  }

  #generate(run: Run): void {
    const { node, sources } = run;
    const kind = node.settings.bypass ? BYPASSED : kindOf(node);
    const isEach = sources.length <= 1 && kind.all === undefined && kind.meet !== "all";
    if (isEach && sources.flat().length === 0) this.#below(run, kind, []);
    else if (isEach) {
      for (const item of this.#taken(run)) this.#below(run, kind, [[item]]);
    } else {
      run.complete = this.#isReady(run);
      if (run.complete) this.#together(run, kind);
    }
  }

  #together(run: Run, kind: Kind): void {
    const { node, sources } = run;
    const groups = sources.map((group) => group.flatMap(({ items }) => items));
    const upstream = groups[0] ?? [];
    if (kind.all === undefined) {
      const absent = sources.map((group) => group.length === 0);
      for (const parents of meetings(kind, groups, absent)) this.#below(run, kind, parents);
      return;
    }
    if (kind.partition && upstream.length === 0) return;
    for (const making of kind.all(node.params, this.#around(run, upstream[0]), upstream)) {
      const members = making.members ?? [];
      const size = kind.partition ? { partitionsize: members.length } : {};
      this.#add(run, [members], { ...making, attributes: { ...making.attributes, ...size } });
    }
  }

  /** Whether all upstream items come to be there, and done where the node waits for that. */
  #isReady(run: Run): boolean {
    const waits = this.#waits(run);
    return run.sources
      .flat()
      .every(({ run: above }) => above.complete && !(waits && above.items.some(({ stuck }) => stuck)));
  }

  /** The upstream items that a node takes by themselves, in order, as far as it comes. */
  *#taken(run: Run): Iterable<Item> {
    const waits = this.#waits(run);
    run.complete = false;
    for (const { run: above, items } of run.sources[0] ?? []) {
      for (const item of items) {
        if (waits && item.stuck) return;
        if (!waits || item.state === "good") yield item;
      }
      if (!above.complete) return;
    }
    run.complete = true;
  }

  #below(run: Run, kind: Kind, parents: Item["parents"]): void {
    const upstream = parents[0]?.[0];
    try {
      const makings = kind.each?.(run.node.params, this.#around(run, upstream), upstream) ?? [{ identity: null }];
      for (const making of makings) this.#add(run, parents, making);
    } catch (error) {
      // What goes wrong with an upstream item fails the item that it lacks.
      if (!(error instanceof NoValue) || upstream === undefined) throw error;
      this.#add(run, parents, { identity: null }, undefined, true);
    }
  }

  #around({ node, sources }: Run, upstream: Item | undefined): Around {
    return {
      files: this.#world.files,
      sources: (sources[0] ?? []).map(({ items }) => items),
      value: (given, as) => (as === "text" ? textOf(String(given), node, upstream) : evaluated(given, node, upstream)),
    };
  }

  #add(run: Run, parents: Item["parents"], making: Making, takes?: Item["takes"], unmade = false): Item {
    const { node, items } = run;
    this.#count += 1;
    if (this.#count > MOST_ITEMS) throw new Unmodelled("too many items");
    const item = new Item({
      ...making,
      index: items.length,
      parents,
      works: isWorking(node),
      identity: this.#identify(run, parents, making),
      takes,
    });
    items.push(item);
    // A bypassed node has all in its first output.
    const output = (node.settings.bypass ? undefined : making.output) ?? kindOf(node).outputs?.[0];
    const outlet = output === undefined ? undefined : run.outlets.get(output);
    if (outlet !== items) outlet?.push(item);
    item.stuck = parents.flat().some(({ blocks, stuck }) => blocks || stuck);
    item.state = this.#stateOf(node, item, unmade);
    if (item.state === "good" && item.works) this.#cook(node, item);
    const { on_failure } = node.settings;
    item.ignored = item.state === "failed" && on_failure === "ignore";
    item.blocks = item.state === "failed" && on_failure === "block";
    return item;
  }

  #identify({ twins }: Run, parents: Item["parents"], making: Making): number {
    let plain = "";
    for (const group of parents) {
      for (const { identity } of group) plain += `${identity},`;
      plain += ";";
    }
    plain += JSON.stringify(making.identity);
    const twin = twins.get(plain) ?? 0;
    twins.set(plain, twin + 1);
    const text = twin === 0 ? plain : `${plain}#${twin}`;
    const number = this.#identities.get(text) ?? this.#identities.size;
    this.#identities.set(text, number);
    return number;
  }

  #stateOf(node: Placed, item: Item, unmade: boolean): Item["state"] {
    const { settings } = node;
    if (item.stuck) return "cancelled";
    const broken = item.parents
      .flat()
      .some(({ state, ignored }) => state === "cancelled" || (state === "failed" && !ignored));
    if (broken) return "cancelled";
    const isEmpty = (group: readonly Item[]) => group.length > 0 && group.every(({ state }) => state === "skipped");
    if (item.parents.some(isEmpty)) return "skipped";
    if (unmade) return "failed";
    if (settings.schedule_when === undefined) return "good";
    try {
      return Number(evaluated(settings.schedule_when, node, item)) === 0 ? "skipped" : "good";
    } catch (error) {
      if (!(error instanceof NoValue)) throw error;
      return "failed";
    }
  }

  #cook(node: Placed, item: Item): void {
    const seen = seenBy(node, item, this.#world);
    if (seen === undefined) {
      item.state = "failed";
      return;
    }
    const all = seenText(seen);
    if (node.settings.cache_mode === "always_read" && !this.#isThere(all)) {
      this.#missing.add(all);
      item.state = "failed";
      return;
    }
    const made = madeOf(seen, all);
    const passed = made.passes
      ? Object.values(seen.inputs).flatMap((members) => members.flatMap(({ files }) => files))
      : [];
    const outputs = [...made.files, ...passed];
    const contents = outputs.map(({ content }) => content);
    this.recipes.push({
      node,
      seen: all,
      fails: made.fails,
      attempts: attemptsOf(node, made.fails),
      contents,
    });
    if (made.fails) {
      item.state = "failed";
      return;
    }
    item.outputs = outputs;
    for (const [name, value] of Object.entries(made.attributes)) item.own.set(name, value);
    const path = node.params.output === undefined ? "" : textOf(String(node.params.output), node, item);
    for (const { name, content, parameter } of made.files) {
      if (parameter !== undefined) this.placed.push({ path: path.slice(0, path.lastIndexOf("/") + 1) + name, content });
    }
  }

  #isThere(seen: string): boolean {
    const stored = this.#stored(seen);
    if (stored === undefined) throw new Unmodelled("nobody knows whether the store has it");
    return stored;
  }

  /** Whether a node's items can be known only when those above are cooked: then there is none below one without a result. */
  #waits({ node, sources }: Run): boolean {
    if (node.settings.generate_when !== undefined) return true;
    const { each, all, reads } = kindOf(node);
    if (each === undefined && all === undefined) return false;
    const names = new Set([...namesIn(node.params), ...(reads?.(node.params) ?? [])]);
    return sources.flat().some(({ run }) => writes(run, names));
  }

  /** A loop, as its surroundings see it: an item for each, what its last iteration made. */
  #loop(end: Placed, scope: Scope): Run {
    const begin = this.#nodes.get(end.closes!);
    if (begin === undefined) throw new Unmodelled("a loop that nothing opens");
    const sources = this.#sources(begin, scope);
    const [items, iterations]: [Item[], Item[]] = [[], []];
    const outlets = new Map([["result", items] as const, ["iterations", iterations] as const]);
    // Results are judged within the loop, as the ends of iterations.
    const { schedule_when: _, ...settings } = end.settings;
    const run = this.#begun({ ...end, settings }, sources, outlets, items);
    let isHanded = true;
    for (const [number, loop] of this.#loopsOf(begin, run).entries()) {
      let result: Item | undefined;
      let goesOn: boolean | undefined = true;
      let stuck = false;
      const made: Item[] = [];
      for (let iteration = 0; goesOn === true; iteration++) {
        const opening = this.#begun(begin, sources, new Map());
        this.#open(opening, loop, { iteration, number, result });
        const inner: Scope = { loop: begin.id, around: scope, runs: new Map([[begin.id, opening]]) };
        for (const node of this.#world.nodes)
          if (this.#loopOf.get(node.id) === begin.id && this.#live.has(node.id) && !opensLoop(node))
            this.#run(node, inner);
        const closing = this.#make(end, inner);
        made.push(...closing.items);
        result = closing.items[0];
        stuck = result?.stuck ?? !closing.complete;
        goesOn = doesGoOn(end, result, iteration + 1, loop);
      }
      // They are handed on in order: not past one that does not end.
      isHanded &&= !stuck;
      run.complete &&= isHanded;
      if (!isHanded) continue;
      iterations.push(...made);
      if (result === undefined) continue;
      // One of which it cannot be told whether it goes on fails.
      if (goesOn === undefined) {
        this.#add(run, [[result]], { identity: null }, undefined, true);
        continue;
      }
      const above = loop.at(0);
      const attributes = known(LOOP_ATTRIBUTES, (name) => above?.attribute(name));
      const removes = LOOP_ATTRIBUTES.filter((name) => attributes[name] === undefined);
      this.#add(run, [[result]], { identity: "result", attributes, removes });
    }
    return run;
  }

  /** The loops that a node opens: one over all upstream items, or one for each. */
  #loopsOf(node: Placed, run: Run): Loop[] {
    const { params } = node;
    const sources = run.sources.flat();
    const most = params.iterations === undefined ? undefined : Number(params.iterations);
    const beginning = { ...run, node };
    if (params.over !== "items") {
      const each = sources.length === 0 ? [undefined] : [...this.#taken(beginning)];
      run.complete = beginning.complete;
      return each.map((item) => ({ most: most ?? 1, at: () => item }));
    }
    run.complete = this.#isReady(beginning);
    const upstream = run.complete ? sources.flatMap(({ items }) => items) : [];
    const length = Math.min(upstream.length, most ?? upstream.length);
    return length === 0 ? [] : [{ most: length, at: (iteration) => upstream[iteration] }];
  }

  /** The item that an iteration begins with: of its upstream item, and of what the iteration before it made. */
  #open(opening: Run, { at, most }: Loop, { iteration, number, result }: Iteration): void {
    const { attributes: names = [], files = true } = opening.node.params;
    const above = at(iteration);
    const fed = (names as string[]).filter((name) => result?.attributeNames().has(name));
    const counters = {
      loopiter: iteration,
      loopnum: number,
      loopsize: most,
      loopdepth: Number(above?.attribute("loopdepth") ?? 0) + 1,
    };
    const parents = [above === undefined ? [] : [above], ...(result === undefined ? [] : [[result]])];
    const attributes = { ...known(fed, (name) => result?.attribute(name)), ...counters };
    const takes = { attributes: 0, files: result !== undefined && files === true ? 1 : 0 };
    this.#add(opening, parents, { identity: { iteration }, attributes }, takes);
  }
}

/** A loop: how many iterations it has at most, and the upstream item of each. */
interface Loop {
  readonly most: number;
  at(iteration: number): Item | undefined;
}

interface Iteration {
  readonly iteration: number;
  readonly number: number;
  readonly result: Item | undefined;
}

/** Undefined: that cannot be told. */
function doesGoOn(end: Placed, result: Item | undefined, iteration: number, { most }: Loop): boolean | undefined {
  if (result?.state !== "good" || iteration >= most) return false;
  try {
    return Number(evaluated(end.params.stop_when ?? false, end, result)) === 0;
  } catch (error) {
    if (error instanceof NoValue) return undefined;
    throw error;
  }
}

const BYPASSED: Kind = { inputs: ["main"] };

function kindOf({ type }: Placed): Kind {
  const kind = KINDS[type];
  if (kind === undefined) throw new Unmodelled(type);
  return kind;
}

function isWorking(node: Placed): boolean {
  return !node.settings.bypass && kindOf(node).works === true;
}

function opensLoop(node: Placed): boolean {
  return node.type === "feedback_begin" && !node.settings.bypass;
}

/** Of a node that is not used. */
function nothingOf(node: Placed): Run {
  const bypassed = { ...node, settings: { ...node.settings, bypass: true } };
  return { node: bypassed, items: [], outlets: new Map(), sources: [], twins: new Map(), complete: true };
}

function firstOutlet(run: Run): readonly Item[] {
  const [first] = run.outlets.values();
  return first ?? run.items;
}

function writes({ node, sources }: Run, names: ReadonlySet<string>): boolean {
  if (isWorking(node) && names.has(String(node.params.set ?? ""))) return true;
  return sources.flat().some(({ run }) => writes(run, names));
}

/** Work that trips is modelled where it succeeds in the end alone: else it counts who came first. */
function attemptsOf({ params, settings }: Placed, fails: boolean): number {
  const retries = settings.on_failure === "retry" ? (settings.retries ?? 3) : 0;
  const trips = Number(params.trips ?? 0);
  if (trips > retries) throw new Unmodelled("work that trips too often");
  return fails ? retries + 1 : trips + 1;
}
