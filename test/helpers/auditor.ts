/**
 * Reads the events of cooks with one store, and nothing else, and tells what of them cannot be: an item that does not end,
 * or ends twice; work that ran before its inputs were done; a result that was published twice; slots that nobody had; an
 * attempt that nothing accounts for. Knows the words of events; neither graphs nor stores.
 */
import type { Begun, CookEvent, NodeRules } from "../../src/event/event.js";
import type { ItemName } from "../../src/workitem/name.js";
import type { Outcome } from "../../src/workitem/outcome.js";
import { STATE_OF } from "../../src/workitem/outcome.js";
import type { Reason, ReasonKind } from "../../src/workitem/reason.js";
import { type ItemState, isDone, isGood, NEXT } from "../../src/workitem/state.js";

/** Stands for every item's name. */
const ALL = "";

type Of<T extends CookEvent["type"]> = Extract<CookEvent, { type: T }>;

/** Why a result may be published though the log says that the store has it. */
const MAY_REPEAT: ReadonlySet<ReasonKind> = new Set(["forced", "cache_mode", "never_cached", "lost"]);

/** An item as far as the events tell. */
interface Item {
  readonly name: ItemName;
  state: ItemState;
  inputs: readonly string[];
  /** Of this cook's attempts, as they are counted: from 1 again where an input changed. */
  attempt: number;
  /** The last attempt failed, and nothing followed yet. */
  failed: boolean;
  outcome: Outcome | undefined;
  /** Why it was not taken from the store. */
  missed: readonly Reason[] | undefined;
}

/** What is wrong, in the order of the events; nothing where all is well. The last cook may have been killed. */
export function audit(events: readonly CookEvent[]): string[] {
  const auditor = new Auditor();
  for (const event of events) auditor.read(event);
  return auditor.problems;
}

class Auditor {
  readonly problems: string[] = [];
  /** Keys of whole results in the store. */
  readonly #published = new Set<string>();
  #started: Of<"cook_started"> | undefined;
  #items = new Map<string, Item>();
  /** Names of the items that were asked to stop. */
  #stopped = new Set<string>();
  /** Those at work, with what they hold. */
  #held = new Map<Item, Begun>();

  read(event: CookEvent): void {
    if (event.type === "cook_started") {
      // The one before may have been killed: what it left open is nobody's fault.
      this.#started = event;
      this.#items = new Map();
      this.#held = new Map();
      this.#stopped = new Set();
    } else if (event.type === "item_state") this.#moved(event);
    else if (event.type === "stop_asked") this.#stopped.add(event.item?.name ?? ALL);
    else if (event.type === "item_missed") this.#item(event.item).missed = event.reasons;
    else if (event.type === "attempt_ended") this.#ended(event);
    else if (event.type === "item_published") this.#publish(event);
    else if (event.type === "item_failed") this.#gaveUp(event);
    else if (event.type === "cook_finished") this.#finished(event);
  }

  #say(item: ItemName, what: string): void {
    this.problems.push(`${item.name}: ${what}`);
  }

  #item(name: ItemName): Item {
    const known = this.#items.get(name.name);
    if (known !== undefined) return known;
    const item: Item = {
      name,
      state: "uncooked",
      inputs: [],
      attempt: 0,
      failed: false,
      outcome: undefined,
      missed: undefined,
    };
    this.#items.set(name.name, item);
    return item;
  }

  #rules(node: string): NodeRules {
    return this.#started?.rules[node] ?? { onFailure: "fail", retries: 0 };
  }

  #moved({ item: name, from, to, outcome, inputs, begun }: Of<"item_state">): void {
    const known = this.#items.has(name.name);
    const item = this.#item(name);
    // Items without work are seen only where they fail, or are cancelled.
    if (!known && from === "waiting") item.state = "waiting";
    if (item.state !== from) this.#say(name, `went from ${from} to ${to}, but was ${item.state}`);
    if (isDone(item.state)) this.#say(name, `ended as ${item.state}, and then went to ${to}`);
    else if (!NEXT[from].includes(to)) this.#say(name, `went from ${from} to ${to}`);
    if (from === "uncooked") {
      item.inputs = inputs ?? [];
      for (const input of item.inputs) if (!this.#items.has(input)) this.#say(name, `is made from ${input}, unseen`);
    }
    item.state = to;
    item.outcome = outcome;
    if (isDone(to) !== (outcome !== undefined) || (outcome !== undefined && STATE_OF[outcome.kind] !== to))
      this.#say(name, `went to ${to}, and its outcome is ${outcome?.kind}`);
    if (to === "cooking") this.#begin(item, begun);
    else this.#held.delete(item);
    if (to === "cooked_cache" || (to === "cooked_success" && outcome?.kind !== "not_scheduled"))
      this.#requireInputs(item);
  }

  #begin(item: Item, begun: Begun | undefined): void {
    this.#requireInputs(item);
    if (begun === undefined) this.#say(item.name, "began to cook, nobody knows where");
    else {
      this.#requireCounted(item, begun.attempt);
      item.attempt = begun.attempt;
      this.#held.set(item, begun);
    }
    item.failed = false;
    this.#requireSlots(item.name);
  }

  /** Its number follows from what became of the attempt before it. */
  #requireCounted({ name, attempt, failed, missed }: Item, next: number): void {
    const { onFailure, retries } = this.#rules(name.node);
    const most = onFailure === "retry" ? retries + 1 : 1;
    if (next > most) this.#say(name, `began attempt ${next} of ${most}`);
    if (failed ? next !== attempt + 1 : next !== 1 && next !== attempt)
      this.#say(name, `began attempt ${next} after ${failed ? "a failed" : "an"} attempt ${attempt}`);
    if (missed === undefined) this.#say(name, "was cooked, and nobody said why");
  }

  #requireInputs({ name, inputs }: Item): void {
    for (const input of inputs) {
      const above = this.#items.get(input);
      if (above === undefined || isGood(above.state)) continue;
      const ignored = above.state === "cooked_fail" && this.#rules(above.name.node).onFailure === "ignore";
      if (!ignored) this.#say(name, `went on while ${input}, from which it is made, was ${above.state}`);
    }
  }

  #requireSlots(latest: ItemName): void {
    const { cpu = 0, gpu = 0 } = this.#started?.slots ?? {};
    const held = [...this.#held.values()];
    const taken = held.reduce((sum, { slots }) => sum + slots.cpu, 0);
    if (taken > cpu) this.#say(latest, `began, and ${taken} of ${cpu} CPU slots were taken`);
    const gpus = held.flatMap(({ slots }) => slots.gpus);
    if (gpus.some((one) => one >= gpu || one < 0)) this.#say(latest, `began with a GPU of ${gpus}, of ${gpu}`);
    if (new Set(gpus).size < gpus.length) this.#say(latest, `began, and a GPU was taken twice: ${gpus}`);
    if (new Set(held.map(({ worker }) => worker)).size < held.length)
      this.#say(latest, "began in a worker that was at work");
  }

  #ended({ item: name, attempt, outcome }: Of<"attempt_ended">): void {
    const item = this.#item(name);
    const begun = this.#held.get(item);
    if (begun === undefined && outcome === "cooked") this.#say(name, "ended an attempt that never began");
    if (begun !== undefined && begun.attempt !== attempt)
      this.#say(name, `began attempt ${begun.attempt}, and ended attempt ${attempt}`);
    // Attempts that never came to a worker count, too: none could be started.
    item.attempt = attempt;
    item.failed = outcome === "failed";
    this.#held.delete(item);
  }

  #publish({ item: name, fingerprint, partial }: Of<"item_published">): void {
    const { missed = [] } = this.#item(name);
    if (this.#published.has(fingerprint) && !partial && !missed.some(({ kind }) => MAY_REPEAT.has(kind)))
      this.#say(name, `published ${fingerprint.slice(0, 12)} again (${JSON.stringify(missed)})`);
    if (!partial) this.#published.add(fingerprint);
  }

  #gaveUp({ item: name, failure }: Of<"item_failed">): void {
    const known = this.#items.has(name.name);
    const item = this.#item(name);
    const { onFailure, retries } = this.#rules(name.node);
    // Items without work are seen only where they fail, or are cancelled.
    if (!known && failure.attempts === 0) item.state = "waiting";
    if (failure.attempts > 0 && failure.attempts !== item.attempt)
      this.#say(name, `failed after ${failure.attempts} attempts, of which ${item.attempt} are known`);
    if (item.failed && onFailure === "retry" && failure.attempts <= retries && !this.#isStopped(item))
      this.#say(name, `failed after attempt ${failure.attempts} of ${retries + 1}`);
    item.failed = false;
  }

  #finished({ exit, counts }: Of<"cook_finished">): void {
    const items = [...this.#items.values()];
    const number = (state: ItemState) => items.filter((item) => item.state === state).length;
    for (const { name, state, failed } of items) {
      if (!isDone(state)) this.#say(name, `never ended: it is ${state}`);
      if (failed && state !== "cooked_cancel") this.#say(name, "an attempt failed, and nothing followed");
    }
    for (const state of ["cooked_cache", "cooked_fail", "cooked_cancel"] as const)
      if (counts[state] !== number(state))
        this.problems.push(`the cook counted ${counts[state]} items ${state}, not ${number(state)}`);
    for (const state of ["uncooked", "waiting", "scheduled", "cooking"] as const)
      if (counts[state] !== 0) this.problems.push(`the cook ended with ${counts[state]} items ${state}`);
    if (exit === 0 && number("cooked_fail") + number("cooked_cancel") > 0)
      this.problems.push("the cook said that all is well, and it is not");
    if (!this.#stopped.has(ALL)) this.#requireReasons(items);
  }

  #isStopped({ name }: Item): boolean {
    return this.#stopped.has(ALL) || this.#stopped.has(name.name);
  }

  /** An item that nobody stopped is cancelled only for what it is made from. */
  #requireReasons(items: readonly Item[]): void {
    const broken = items.filter(({ state }) => state === "cooked_fail" || state === "cooked_cancel");
    for (const item of items) {
      const { name, outcome, inputs } = item;
      if (outcome?.kind !== "canceled" || outcome.cause.kind === "blocked" || this.#isStopped(item)) continue;
      const named = outcome.cause.kind === "upstream" ? outcome.cause.items.map((one) => one.item.name) : [];
      const above = broken.some((one) => inputs.includes(one.name.name) || named.includes(one.name.name));
      if (!above) this.#say(name, `was cancelled for nothing: ${JSON.stringify(outcome.cause)}`);
    }
  }
}
