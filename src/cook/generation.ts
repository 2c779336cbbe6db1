/**
 * The nodes' generation within one cook: which nodes make items now, and what becomes of a new item. Knows runs and states;
 * how a node makes its items is `generate`'s.
 */

import type { Turn } from "../base/turn.js";
import type { EventSink } from "../event/event.js";
import { advance } from "../generate/advance.js";
import type { Discoveries } from "../generate/discoveries.js";
import type { GenerationDoors } from "../generate/make.js";
import { RefusedError } from "../generate/make.js";
import { allRuns, HeldClash, type NodeRuns, type Runs } from "../generate/run.js";
import type { Json } from "../nodetype/define.js";
import type { Preparer } from "../prepare/prepare.js";
import { requireRows } from "../standing/pieces.js";
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
  readonly turn: Turn;
  /** The next place in the order of generation. */
  order(): number;
  /** How many items of a node stand, and are not made. */
  standing(node: string): number;
  /** More are refused. */
  readonly maxItems?: number | undefined;
}

export class Generation {
  readonly #parts: GenerationParts;
  readonly #doors: GenerationDoors;
  #hasFailed = false;
  #made = 0;

  constructor(parts: GenerationParts) {
    this.#parts = parts;
    this.#doors = this.#doorsOf(parts);
  }

  /** Whether some node could not make its items. */
  get failed(): boolean {
    return this.#hasFailed;
  }

  /** So many items stand, and count as made. */
  hold(items: number): void {
    this.#made += items;
  }

  /** Generates what can be generated now, as long as the turn lasts. */
  advance(): void {
    const { readiness, turn } = this.#parts;
    for (const run of readiness.growable()) {
      advance(run, this.#doors);
      if (turn.isOver) return;
    }
  }

  /** A node that never made its items must not pass for done: only what is blocked may be left. */
  requireWhole(): void {
    const runs = allRuns(this.#parts.runs);
    if (runs.some((run) => run.items.some((item) => item.state === "waiting"))) return;
    const left = runs.find((run) => !run.complete);
    if (left !== undefined) throw new Error(`the node "${left.node.name}" was never generated`);
  }

  #doorsOf({
    sink,
    runs,
    states,
    preparer,
    discoveries,
    readiness,
    turn,
    order,
    standing,
    maxItems = MOST_ITEMS,
  }: GenerationParts): GenerationDoors {
    return {
      params: (run, upstream, given) => preparer.params(run, upstream, given),
      discovered: (run, params, upstream) =>
        (run.rows?.files as Json | undefined) ?? discoveries.of(run, params, upstream),
      pause: (run) => {
        const { isOver } = turn;
        if (isOver) readiness.advance(run);
        return isOver;
      },
      requireRoom: (run, items) => {
        if (this.#made + items > maxItems) throw new RefusedError(tooManyText(run.name, maxItems));
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
        sink({ type: "node_generated", node: run.name, items: items.length + standing(run.name), complete });
        readiness.grown(run);
      },
      failed: (run, message) => {
        // Those that come after it are not made, either.
        if (run.rows !== undefined) throw new HeldClash();
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
