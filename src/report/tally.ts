/** What a reporter shows of a cook, gathered from events alone: per node counts, rate, time left, live figures. */
import type { CookEvent, CookStarted, NodeState } from "../event/event.js";
import type { ItemName } from "../workitem/name.js";
import type { Outcome } from "../workitem/outcome.js";
import { reasonsText } from "./reasons.js";
import { cancelText } from "./words.js";

type Snapshot = Extract<CookEvent, { type: "snapshot" }>;

export interface NodeTally {
  readonly node: string;
  /** Items known so far; `complete`: no more will come. */
  items: number;
  complete: boolean;
  cooked: number;
  cached: number;
  partial: number;
  failed: number;
  cancelled: number;
  notScheduled: number;
  /** Whether its items have work; those without never show states. */
  works: boolean;
  /** Seconds of work of the cooked items. */
  seconds: number;
  readonly running: Map<string, { readonly item: ItemName; figures: Readonly<Record<string, number | string>> }>;
  failure: string | undefined;
  /** Why items were not taken from the cache, with how many have each reason. */
  readonly reasons: Map<string, number>;
  /** Why items were cancelled, with how many have each reason. */
  readonly cancels: Map<string, number>;
}

/** Under which name items that end so are counted. */
const COUNTED = {
  done: "cooked",
  cached: "cached",
  not_scheduled: "notScheduled",
  partial: "partial",
  failed: "failed",
  canceled: "cancelled",
} as const satisfies Readonly<Record<Outcome["kind"], keyof NodeTally>>;

/** Adds events up. Decides nothing and prints nothing. */
export class Tally {
  readonly nodes = new Map<string, NodeTally>();
  /** The cook under way. */
  #started: CookStarted | undefined;

  add(event: CookEvent): void {
    if (event.type === "cook_started") this.#start(event);
    else if (event.type === "cook_finished") this.#started = undefined;
    else if (event.type === "snapshot") this.#restore(event);
    else if (event.type === "node_generated") Object.assign(this.#node(event.node), pick(event));
    else if (event.type === "node_held") this.#addUnchanged(event);
    else if (event.type === "node_failed") this.#node(event.node).failure = event.message;
    else if (event.type === "item_missed") this.#miss(event);
    else if (event.type === "item_progress") this.#progress(event);
    else if (event.type === "item_state") this.#state(event);
  }

  /** The same as an event that stands for all before it; undefined where nothing is cooked. */
  snapshot(): Snapshot | undefined {
    if (this.#started === undefined) return undefined;
    const nodes = [...this.nodes.values()].map(({ running, reasons, cancels, failure, ...counts }): NodeState => {
      const state = { ...counts, running: [...running.values()], reasons: [...reasons], cancels: [...cancels] };
      return failure === undefined ? state : { ...state, failure };
    });
    return { type: "snapshot", started: this.#started, nodes };
  }

  #start(event: CookStarted): void {
    this.#started = event;
    this.nodes.clear();
    for (const node of event.nodes) this.#node(node);
  }

  #restore({ started, nodes }: Snapshot): void {
    this.#start(started);
    for (const { running, reasons, cancels, ...counts } of nodes) {
      const node = Object.assign(this.#node(counts.node), counts);
      for (const one of running) node.running.set(one.item.name, { ...one });
      for (const [reason, times] of reasons) node.reasons.set(reason, times);
      for (const [reason, times] of cancels) node.cancels.set(reason, times);
    }
  }

  #addUnchanged({ node: name, cached, notScheduled }: Extract<CookEvent, { type: "node_held" }>): void {
    const node = this.#node(name);
    node.works = cached + notScheduled > 0;
    node.cached = cached;
    node.notScheduled = notScheduled;
  }

  #miss({ item, reasons }: Extract<CookEvent, { type: "item_missed" }>): void {
    const node = this.#node(item.node);
    node.works = true;
    count(node.reasons, reasonsText(reasons));
  }

  #progress({ item, figures }: Extract<CookEvent, { type: "item_progress" }>): void {
    const running = this.#node(item.node).running.get(item.name);
    if (running !== undefined) running.figures = { ...running.figures, ...figures };
  }

  #state(event: Extract<CookEvent, { type: "item_state" }>): void {
    const node = this.#node(event.item.node);
    node.works = true;
    if (event.to === "cooking") node.running.set(event.item.name, { item: event.item, figures: {} });
    else if (node.running.size > 0) node.running.delete(event.item.name);
    if (event.outcome === undefined) return;
    node.seconds += event.seconds ?? 0;
    node[COUNTED[event.outcome.kind]] += 1;
    if (event.outcome.kind === "canceled") count(node.cancels, cancelText(event.outcome.cause));
  }

  #node(name: string): NodeTally {
    const known = this.nodes.get(name);
    if (known !== undefined) return known;
    const made: NodeTally = {
      node: name,
      items: 0,
      complete: false,
      cooked: 0,
      cached: 0,
      partial: 0,
      failed: 0,
      cancelled: 0,
      notScheduled: 0,
      works: false,
      seconds: 0,
      running: new Map(),
      failure: undefined,
      reasons: new Map(),
      cancels: new Map(),
    };
    this.nodes.set(name, made);
    return made;
  }
}

function count(of: Map<string, number>, reason: string): void {
  of.set(reason, (of.get(reason) ?? 0) + 1);
}

/** Items of a node that are done, whatever became of them. */
export function doneOf(node: NodeTally): number {
  return node.cooked + node.cached + node.partial + node.failed + node.cancelled + node.notScheduled;
}

/** Seconds until a node's known items are done, from the mean of those that were cooked; queue time left out. */
export function secondsLeft(node: NodeTally): number | undefined {
  if (node.running.size === 0) return undefined;
  const fractions = [...node.running.values()].map(({ figures }) => Number(figures.fraction ?? 0));
  const eta = [...node.running.values()].map(({ figures }) => Number(figures.eta ?? Number.NaN));
  const running = fractions.reduce((sum, fraction) => sum + fraction, 0);
  const waiting = node.items - doneOf(node) - node.running.size;
  if (node.cooked > 0) {
    const left = waiting + node.running.size - running;
    return (left * node.seconds) / node.cooked / node.running.size;
  }
  return waiting === 0 && eta.every((seconds) => Number.isFinite(seconds)) ? Math.max(...eta) : undefined;
}

function pick({ items, complete }: { readonly items: number; readonly complete: boolean }) {
  return { items, complete };
}
