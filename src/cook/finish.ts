/**
 * How items end: what an attempt's end, a hit or a problem means for the item, its outputs and those below it. All ends
 * come through `end`. Knows nothing of what is ready, or when anything runs.
 */
import { problemIn } from "../base/error.js";
import type { EventSink } from "../event/event.js";
import type { Value } from "../expression/value.js";
import { type NodeRun, runOf } from "../generate/run.js";
import type { Prepared, Preparer } from "../prepare/prepare.js";
import type { Entry } from "../store/results.js";
import type { WorkItem } from "../workitem/item.js";
import { BLOCKED, CACHED, DONE, type Failure, type Outcome } from "../workitem/outcome.js";
import type { OutputFile } from "../workitem/output.js";
import type { Reason } from "../workitem/reason.js";
import type { Delivery } from "./deliver.js";
import type { Readiness } from "./readiness.js";
import { itemName, type States } from "./state.js";

/** How often an item is cooked again because an input changed under it. */
const MAX_DROPS = 3;

/** How an item's attempts ended. Without an outcome, an input changed while it was read: it is looked at again. */
export interface Ended {
  readonly outcome: Outcome | undefined;
  /** What it made; of one that failed, what it could save. */
  readonly entry?: Entry;
  /** Of the work that made it. */
  readonly seconds?: number;
}

/** The end of an item that failed, with the attributes that it had. */
export function failed({ item }: Prepared, about: Omit<Failure, "attributes">): Ended {
  return { outcome: { kind: "failed", failure: { ...about, attributes: attributesIn(item) } } };
}

export interface FinishDeps {
  readonly sink: EventSink;
  readonly states: States;
  readonly preparer: Preparer;
  readonly delivery: Delivery;
  readonly readiness: Readiness;
}

export class Finish {
  readonly #deps: FinishDeps;
  readonly #drops = new Map<WorkItem, number>();
  #hasFailed = false;

  constructor(deps: FinishDeps) {
    this.#deps = deps;
  }

  /** Whether any item failed. */
  get failed(): boolean {
    return this.#hasFailed;
  }

  /** Ends an item: its children may be ready, and nodes that wait for it may generate. */
  end(item: WorkItem, outcome: Outcome, seconds?: number): void {
    const { states, readiness } = this.#deps;
    states.end(item, outcome, seconds);
    readiness.done(item, outcome.kind === "failed" && runOf(item).node.onFailure === "block");
  }

  /** Fails an item that was not attempted, or whose outputs cannot be put where they belong. `missed`: why it has no result. */
  fail(item: WorkItem, message: string, missed?: readonly Reason[]): void {
    const attributes = attributesIn(item);
    const failure: Failure = { cause: "refused", message, attributes, tail: [], log: "", attempts: 0 };
    this.#failWith(item, missed === undefined ? failure : { ...failure, missed });
  }

  /** What still waits waits for something that will not come. */
  cancelWaiting(runs: readonly NodeRun[]): void {
    for (const { items } of runs) {
      for (const item of items) if (item.state === "waiting") this.#deps.states.end(item, BLOCKED);
    }
  }

  /** Shows what an item has that is not its result. */
  show(prepared: Prepared, entry: Entry): void {
    adopt(prepared, entry);
  }

  /** The store has the item's result. `place`: put its outputs at the user's paths. */
  hit(prepared: Prepared, entry: Entry, place: boolean): void | Promise<void> {
    adopt(prepared, entry);
    if (place && prepared.outputs.length > 0) return this.#hitPlaced(prepared, entry);
    this.end(prepared.item, CACHED);
  }

  async #hitPlaced(prepared: Prepared, entry: Entry): Promise<void> {
    const problem = await this.#place(prepared, entry.outputs);
    if (problem !== undefined) this.fail(prepared.item, problem);
    else this.end(prepared.item, CACHED);
  }

  /** The item's attempts are over: at once where nothing is to be put anywhere. */
  ended(prepared: Prepared, { outcome, entry, seconds }: Ended): void | Promise<void> {
    const { item } = prepared;
    if (outcome === undefined) return this.#again(item);
    if (outcome.kind === "failed") return this.#failed(prepared, outcome.failure, entry);
    if (entry !== undefined) adopt(prepared, entry);
    // One that waited for another with the same fingerprint has its result.
    const own = outcome === DONE && item.state === "waiting" ? CACHED : outcome;
    if (entry === undefined || prepared.outputs.length === 0)
      return this.end(item, own, own === CACHED ? undefined : seconds);
    return this.#place(prepared, entry.outputs).then((problem) => {
      if (problem !== undefined) this.fail(item, problem);
      else this.end(item, own, own === CACHED ? undefined : seconds);
    });
  }

  async #failed(prepared: Prepared, failure: Failure, entry: Entry | undefined): Promise<void> {
    if (entry !== undefined) await this.#place(prepared, entry.outputs);
    this.#failWith(prepared.item, failure);
  }

  /** An input changed while the item was cooked: what came of it is nobody's result. */
  async #again(item: WorkItem): Promise<void> {
    const { preparer, states, readiness } = this.#deps;
    const drops = (this.#drops.get(item) ?? 0) + 1;
    this.#drops.set(item, drops);
    if (drops > MAX_DROPS) return this.fail(item, `Its input files changed ${drops} times while they were read.`);
    try {
      await preparer.refresh(item);
    } catch (error) {
      return this.fail(item, problemIn(error));
    }
    states.move(item, "waiting", { setback: { kind: "input_changed" } });
    readiness.again(item);
  }

  /** Puts outputs at the user's paths. Answers the problem where that fails. */
  async #place(prepared: Prepared, outputs: Entry["outputs"]): Promise<string | undefined> {
    const { delivery, sink } = this.#deps;
    try {
      for (const { path, how } of await delivery.place(prepared, outputs)) {
        if (how !== "kept") sink({ type: "output_placed", item: itemName(prepared.item), path, how });
      }
      return undefined;
    } catch (error) {
      return problemIn(error);
    }
  }

  #failWith(item: WorkItem, failure: Failure): void {
    this.#hasFailed = true;
    this.#deps.sink({ type: "item_failed", item: itemName(item), failure });
    this.end(item, { kind: "failed", failure });
  }
}

/** Gives an item what its result holds. */
function adopt({ item, run, outside }: Prepared, entry: Entry): void {
  item.hold(() => presentOutputs(entry, outside));
  // A cook may write only what its node type declares: without looking into the result, there is nothing in it.
  if (run.definition.attributes?.writes === undefined) return;
  for (const [name, value] of Object.entries(entry.attributes)) item.set(name, value);
}

/** A file that was passed on lies where the present input with its content lies: folders are in no key. */
function presentOutputs({ outputs }: Entry, outside: Prepared["outside"]): readonly OutputFile[] {
  return outputs.map((output) => {
    const found = output.path === undefined ? undefined : outside.find(({ digest }) => digest === output.digest);
    return found === undefined ? output : { ...output, path: found.path };
  });
}

/** What an item has; without the names on which a partition's members do not agree. */
function attributesIn(item: WorkItem): Readonly<Record<string, Value>> {
  const named = [...item.attributeNames()].map((name) => [name, item.attribute(name)] as const);
  return Object.fromEntries(named.filter((pair): pair is readonly [string, Value] => pair[1] !== undefined));
}
