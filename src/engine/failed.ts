/**
 * Which items failed when they were last cooked, by name: remembered in the store with their graph, so that the table of
 * items can say so. Knows no causes.
 */
import { digestOf } from "../base/hash.js";
import type { CookEvent } from "../event/event.js";
import { memoryKind } from "../store/history.js";
import type { Store } from "../store/store.js";

const KIND = memoryKind<string[]>("failed");

/** More names are not remembered. */
const MOST = 10_000;

/** `graph`: its path in the project. */
export function failedItems(store: Store, graph: string): ReadonlySet<string> {
  return new Set(store.history.recall(KIND, digestOf(graph)));
}

/** Hears the events of a graph's cooks. */
export class FailedItems {
  readonly #store: Store;
  readonly #graph: string;
  readonly #names: Set<string>;
  #changed = false;

  constructor(store: Store, graph: string) {
    this.#store = store;
    this.#graph = graph;
    this.#names = new Set(failedItems(store, graph));
  }

  receive(event: CookEvent): void {
    if (event.type === "item_failed") {
      this.#names.add(event.item.name);
      this.#changed = true;
    } else if (event.type === "item_state" && (event.to === "cooked_success" || event.to === "cooked_cache")) {
      this.#changed = this.#names.delete(event.item.name) || this.#changed;
    }
  }

  /** Before the store is closed. */
  remember(): void {
    if (this.#changed) this.#store.history.remember(KIND, digestOf(this.#graph), [...this.#names].slice(0, MOST));
  }
}
