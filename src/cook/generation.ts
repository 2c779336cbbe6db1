/**
 * The nodes' generation within one cook: which nodes make items now, and what becomes of a new item. Knows runs and states;
 * how a node makes its items is `generate`'s.
 */

import type { TimeSlice } from "../base/time-slice.js";
import type { EventSink } from "../event/event.js";
import { advance } from "../generate/advance.js";
import type { Discoveries } from "../generate/discoveries.js";
import type { GenerationDeps } from "../generate/make.js";
import { RejectedItemError } from "../generate/make.js";
import { allRuns, type NodeRuns, type Runs, UnchangedConflict } from "../generate/run.js";
import type { Json } from "../nodetype/define.js";
import type { Preparer } from "../prepare/prepare.js";
import { requireRows } from "../unchanged/pieces.js";
import type { WorkItem } from "../workitem/item.js";
import type { Readiness } from "./readiness.js";
import { MOST_ITEMS } from "./request.js";
import type { States } from "./state.js";

export interface GenerationParts {
  readonly sink: EventSink;
  readonly runs: Runs;
  readonly states: States;
  readonly preparer: Preparer;
  readonly discoveries: Discoveries;
  readonly readiness: Readiness;
  readonly timeSlice: TimeSlice;
  /** The next place in the order of generation. */
  order(): number;
  /** How many items of a node stand, and are not made. */
  unchangedItems(node: string): number;
  /** More are refused. */
  readonly maxItems?: number | undefined;
}

export class Generation {
  readonly #parts: GenerationParts;
  readonly #deps: GenerationDeps;
  #hasFailed = false;
  #made = 0;

  constructor(parts: GenerationParts) {
    this.#parts = parts;
    this.#deps = this.#depsOf(parts);
  }

  /** Whether some node could not make its items. */
  get failed(): boolean {
    return this.#hasFailed;
  }

  /** So many items stand, and count as made. */
  addUnchanged(items: number): void {
    this.#made += items;
  }

  /** Generates what can be generated now, as long as the turn lasts. */
  advance(): void {
    const { readiness, timeSlice } = this.#parts;
    for (const run of readiness.growable()) {
      advance(run, this.#deps);
      if (timeSlice.isOver) return;
    }
  }

  /** A node that never made its items must not pass for done: only what is blocked may be left. */
  requireWhole(): void {
    const runs = allRuns(this.#parts.runs);
    if (runs.some((run) => run.items.some((item) => item.state === "waiting"))) return;
    const left = runs.find((run) => !run.complete);
    if (left !== undefined) throw new Error(`the node "${left.node.name}" was never generated`);
  }

  #depsOf({
    sink,
    runs,
    states,
    preparer,
    discoveries,
    readiness,
    timeSlice,
    order,
    unchangedItems,
    maxItems = MOST_ITEMS,
  }: GenerationParts): GenerationDeps {
    return {
      params: (run, upstream, given) => preparer.params(run, upstream, given),
      discovered: (run, params, upstream) =>
        (run.rows?.files as Json | undefined) ?? discoveries.of(run, params, upstream),
      pause: (run) => {
        const { isOver } = timeSlice;
        if (isOver) readiness.advance(run);
        return isOver;
      },
      requireRoom: (run, items) => {
        if (this.#made + items > maxItems) throw new RejectedItemError(tooManyText(run.name, maxItems));
      },
      made: (item: WorkItem) => {
        this.#made += 1;
        states.add(item);
        item.order = order();
        states.move(item, "waiting");
        readiness.add(item);
      },
      advanced: (run) => {
        const { items, complete } = runs.get(run.name) as NodeRuns;
        if (run.complete && run.rows !== undefined) requireRows(run, run.rows);
        sink({ type: "node_generated", node: run.name, items: items.length + unchangedItems(run.name), complete });
        readiness.grown(run);
      },
      failed: (run, message) => {
        // Those that come after it are not made, either.
        if (run.rows !== undefined) throw new UnchangedConflict();
        this.#hasFailed = true;
        sink({ type: "node_failed", node: run.node.name, message });
      },
    };
  }
}

function tooManyText(node: string, most: number): string {
  return (
    `The graph makes more than ${most} work items; node "${node}" would make the next. Where that is meant, raise it with ` +
    "--max-items N; an item takes about 1 kB of memory (NODE_OPTIONS=--max-old-space-size=MB gives Node more)."
  );
}
