/** What a cook is asked for, what it works with, and what is known after it. */
import type { Clock } from "../base/clock.js";
import type { Files } from "../base/files.js";
import type { EventSink } from "../event/event.js";
import type { Orders } from "../generate/listed.js";
import type { Looked } from "../generate/listing.js";
import type { Runs } from "../generate/run.js";
import type { Graph } from "../graph/graph.js";
import type { Codes } from "../nodetype/code.js";
import type { Prepared } from "../prepare/prepare.js";
import type { Scheduler } from "../schedule/scheduler.js";
import type { Store } from "../store/store.js";
import type { NodeRecord } from "../unchanged/pieces.js";
import type { WorkItem } from "../workitem/item.js";
import type { Reason } from "../workitem/reason.js";
import type { Ended } from "./finish.js";
import type { LeftoverWork } from "./left.js";
import type { CachedItem } from "./repeat.js";
import type { States } from "./state.js";

/** What the cook works with; a simulation gives its own. */
export interface CookDeps {
  readonly graph: Graph;
  readonly store: Store;
  readonly files: Files;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  /** What the session's last cook left running. */
  readonly left: LeftoverWork;
  readonly code: Codes;
  readonly sink: EventSink;
  readonly looked: Looked;
  /** Of the names that listings find, from cook to cook. */
  readonly orders: Orders;
}

/**
 * Work items that a graph may make unless the user says otherwise: about what Node's own limit of memory holds (an item takes
 * some 900 bytes).
 */
export const MOST_ITEMS = 2_000_000;

export interface CookRequest {
  /** The run in the store; 0 for a dry one. */
  readonly run: number;
  /** Find out what would be cooked, and cook nothing. */
  readonly dry: boolean;
  /** Nodes whose items are cooked whatever the store holds. */
  readonly force: ReadonlySet<string>;
  /** Cook these nodes and what they need; undefined: all. */
  readonly nodes?: ReadonlySet<string> | undefined;
  /** Told of every item whose result is in the store. */
  readonly found?: (hit: CachedItem) => void;
  /** Told once what is to be cooked, before any of it is; where it throws, nothing is. A dry cook always tells. */
  readonly begins?: (plan: CookPlan) => void;
  /** Told how each item's attempts ended. */
  readonly ended?: (prepared: Prepared, ended: Ended) => void;
  /**
   * Nobody looks at single items that are in the store: what stands as the last cook left it is not made into items, and the
   * report has none of it.
   */
  readonly findUnchanged?: boolean | undefined;
  /** All items are judged this time, though `hold`. */
  readonly evaluateAll?: boolean | undefined;
  /** Files that are judged together where one of them is another; tests give fewer than is usual. */
  readonly piece?: number | undefined;
  /** Cook this item (its name, or a unique beginning of it) and what it needs. */
  readonly item?: string | undefined;
  /** More work items than this are refused; without it, `MOST_ITEMS`. */
  readonly maxItems?: number | undefined;
}

/** What a cook is about to do, as far as it can be known before anything is cooked. */
export interface CookPlan {
  readonly runs: Runs;
  /** Those that are cooked, and what decides each. What else waits may be cooked, too. */
  readonly missed: ReadonlyMap<WorkItem, Prepared>;
  /** Whether an item is asked for. */
  wants(item: WorkItem): boolean;
}

/** What is known after a cook. */
export interface CookReport {
  readonly runs: Runs;
  /** What stands of nodes as it was, by name: their runs have the other items alone. */
  readonly unchanged: ReadonlyMap<string, NodeRecord>;
  /** Items that were not in the store, and why. */
  readonly missed: ReadonlyMap<WorkItem, readonly Reason[]>;
  /** Those among them of which the store has a part; in a dry cook they have its attributes and files. */
  readonly partial: ReadonlySet<WorkItem>;
  readonly states: States;
  /** Whether all that was asked for is there. */
  readonly ok: boolean;
  /** The cook was stopped, or nothing failed and some of its items were. */
  readonly stopped: boolean;
}
