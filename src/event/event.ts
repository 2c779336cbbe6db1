/** The closed union of what happens before and during a cook. Reporters and monitors only read it; nothing here decides anything. */
import type { Diagnostic } from "../base/diagnostic.js";
import type { ItemName } from "../workitem/name.js";
import type { Failure, Outcome, Setback } from "../workitem/outcome.js";
import type { Reason } from "../workitem/reason.js";
import type { ItemState } from "../workitem/state.js";

/**
 * Raised when a field changes its meaning, not when one is added. Printed with every JSON event, together with `time`, when it
 * happened: milliseconds since the epoch.
 */
export const EVENT_VERSION = 3;

/** What an audit of the events must know of a node. */
export interface NodeRules {
  readonly onFailure: "fail" | "retry" | "ignore" | "block";
  /** Attempts after the first, where it is tried again. */
  readonly retries: number;
}

/** An attempt at an item's work, as a worker comes to it. */
export interface Begun {
  /** Counted from 1; from 1 again where an input changed. */
  readonly attempt: number;
  /** The worker's process. */
  readonly worker: number;
  /** What it holds: how many CPU slots, and which GPUs. */
  readonly slots: { readonly cpu: number; readonly gpus: readonly number[] };
}

/** A cook begins. */
export interface CookStarted {
  readonly type: "cook_started";
  readonly graph: string;
  readonly run: number;
  readonly nodes: readonly string[];
  readonly rules: Readonly<Record<string, NodeRules>>;
  /** What the machine has. */
  readonly slots: { readonly cpu: number; readonly gpu: number };
}

/** What the items of a node have come to. */
export interface NodeState {
  readonly node: string;
  /** Items known so far; `complete`: no more will come. */
  readonly items: number;
  readonly complete: boolean;
  readonly cooked: number;
  readonly cached: number;
  readonly partial: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly notScheduled: number;
  /** Whether its items have work; those without never show states. */
  readonly works: boolean;
  /** Seconds of work of the cooked items. */
  readonly seconds: number;
  readonly running: readonly { readonly item: ItemName; readonly figures: Readonly<Record<string, number | string>> }[];
  /** Why it has no items. */
  readonly failure?: string;
  /** Why items were not taken from the cache, and why some were canceled, in words, with how many have each reason. */
  readonly reasons: readonly (readonly [reason: string, count: number])[];
  readonly cancels: readonly (readonly [reason: string, count: number])[];
}

export type CookEvent =
  | CookStarted
  /** What a cook under way has come to, for a listener that comes late: it stands for all events before it. */
  | { readonly type: "snapshot"; readonly started: CookStarted; readonly nodes: readonly NodeState[] }
  | { readonly type: "node_generated"; readonly node: string; readonly items: number; readonly complete: boolean }
  /** All items of a node stand as the last cook left them: none of them is told of by itself. The others among them had no work. */
  | {
      readonly type: "node_held";
      readonly node: string;
      readonly items: number;
      readonly cached: number;
      readonly notScheduled: number;
    }
  | {
      readonly type: "item_state";
      readonly item: ItemName;
      readonly from: ItemState;
      readonly to: ItemState;
      /** Of an item that ends. */
      readonly outcome?: Outcome;
      /** Of an item that goes back in the line. */
      readonly setback?: Setback;
      /** Seconds of work, where it ended some. */
      readonly seconds?: number;
      /** Of a new item: names of the items with work that it is made from, directly or through items without. */
      readonly inputs?: readonly string[];
      /** Of an item that begins to cook. */
      readonly begun?: Begun;
    }
  /** What runs is to stop: one item, or all where none is named. */
  | { readonly type: "stop_asked"; readonly item: ItemName | undefined }
  /** A worker is done with an attempt, and its slots are free; what it made is not published yet. */
  | {
      readonly type: "attempt_ended";
      readonly item: ItemName;
      readonly attempt: number;
      readonly outcome: "cooked" | "failed" | "cancelled";
    }
  /** A result is committed, under a key that the store had no result of, or one that did not count. */
  | {
      readonly type: "item_published";
      readonly item: ItemName;
      readonly fingerprint: string;
      /** What a stopped or failed item could save. */
      readonly partial: boolean;
    }
  /** Why an item is cooked and not taken from the cache. */
  | { readonly type: "item_missed"; readonly item: ItemName; readonly reasons: readonly Reason[] }
  | {
      readonly type: "item_progress";
      readonly item: ItemName;
      readonly figures: Readonly<Record<string, number | string>>;
    }
  | { readonly type: "item_failed"; readonly item: ItemName; readonly failure: Failure }
  | { readonly type: "output_placed"; readonly item: ItemName; readonly path: string; readonly how: string }
  | { readonly type: "warning"; readonly node: string; readonly message: string }
  | { readonly type: "node_failed"; readonly node: string; readonly message: string }
  /** Nothing more is started until the disk of `path` has `wanted` bytes free. */
  | { readonly type: "disk_low"; readonly path: string; readonly free: number; readonly wanted: number }
  /** There is room again, and the cook goes on. */
  | { readonly type: "disk_room"; readonly path: string; readonly free: number }
  /** What a watch cooks from has changed; it cooks again. */
  | { readonly type: "watch_changed"; readonly paths: readonly string[] }
  /** A watch has nothing to do until something changes. */
  | { readonly type: "watch_waiting" }
  | UserNotice
  | {
      readonly type: "cook_finished";
      readonly exit: number;
      readonly seconds: number;
      readonly counts: Readonly<Record<ItemState, number>>;
      /** Items whose work was done in this cook. */
      readonly cooked: number;
      /** Items that were stopped and saved what they had. */
      readonly partial: number;
      readonly notScheduled: number;
    };

/** What a user is told beside the cook. */
export type UserNotice =
  /** A problem in a graph file. `text`: as people read it, with the line and a marker under the place. */
  | ({ readonly type: "diagnostic"; readonly text: string } & Diagnostic)
  /** Of the command, the store, the machine. An `error` ends the command, but for a watch, which waits for a change. */
  | { readonly type: "notice"; readonly severity: "info" | "warning" | "error"; readonly message: string };

export type EventSink = (event: CookEvent) => void;
