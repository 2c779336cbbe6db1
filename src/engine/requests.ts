/**
 * What another process may ask of a living engine, and what comes back, as JSON lines: one request a connection, one response, and
 * after a `cook` the events. Knows the words alone.
 */
import type { FailureCode } from "../base/error.js";
import type { Collected } from "../store/store.js";
import type { Outcome } from "../workitem/outcome.js";
import type { ItemState } from "../workitem/state.js";

/** `graph`: its path in the project, where only an engine that cooks it is meant; null: whichever. */
export type ControlRequest =
  | { readonly ask: "status" }
  /** The states of all items that are known so far. */
  | { readonly ask: "items"; readonly graph: string }
  /** One item may save and stop; asked again, it is ended. */
  | { readonly ask: "stop"; readonly item: string; readonly graph: string | null }
  /** The whole cook, as by Ctrl-C: running items may save, or are ended. */
  | { readonly ask: "stop_all"; readonly how: "save" | "now"; readonly graph: string | null }
  /** These items (their ids in the store) are cooked again at the next cook; of a watch, that is now. */
  | { readonly ask: "dirty"; readonly items: readonly string[] }
  /** Removes what nothing refers to, where nothing cooks. */
  | { readonly ask: "gc"; readonly days: number }
  /**
   * The cook that was asked for by just these options (their digest): its state so far and all events until it is over. Where a watch
   * has nothing to do, it cooks again.
   */
  | { readonly ask: "cook"; readonly graph: string; readonly options: string };

/** What each request gets. */
export interface Responses {
  readonly status: Status;
  readonly items: readonly ItemStatus[];
  readonly stop: string;
  readonly stop_all: string;
  readonly dirty: { readonly forgotten: number };
  readonly gc: Collected;
  readonly cook: { readonly pid: number };
}

export interface Status {
  readonly pid: number;
  readonly graph: string;
  /** Whether something is cooked, or a watch waits for a change. */
  readonly cooking: boolean;
  readonly watching: boolean;
  readonly counts: Readonly<Record<ItemState, number>> | null;
}

/** An item by its name, its state, and how it ended. */
export type ItemStatus = readonly [name: string, state: ItemState, outcome: Outcome["kind"] | null];

/** A refusal's message is for the user. */
export type Response<V = unknown> =
  | { readonly ok: true; readonly value: V }
  | { readonly ok: false; readonly message: string; readonly exit: FailureCode };

/** Bytes of the longest request: the ids of a million items have less. */
export const LONGEST_REQUEST = 64 << 20;

/** A request as it came from outside; undefined for what is none. */
export function asRequest(given: unknown): ControlRequest | undefined {
  if (typeof given !== "object" || given === null) return undefined;
  const request = given as Record<string, unknown>;
  const isText = (name: string): boolean => typeof request[name] === "string";
  const isGraph = request.graph === null || isText("graph");
  const isRight = {
    status: () => true,
    items: () => isText("graph"),
    stop: () => isText("item") && isGraph,
    stop_all: () => (request.how === "save" || request.how === "now") && isGraph,
    dirty: () => Array.isArray(request.items) && request.items.every((item) => typeof item === "string"),
    gc: () => typeof request.days === "number" && request.days >= 0,
    cook: () => isText("graph") && isText("options"),
  } satisfies Record<ControlRequest["ask"], () => boolean>;
  const { ask } = request;
  if (typeof ask !== "string" || !Object.hasOwn(isRight, ask)) return undefined;
  return isRight[ask as ControlRequest["ask"]]() ? (given as ControlRequest) : undefined;
}
