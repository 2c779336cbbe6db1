/** The items that are asked for: one, and all that it needs. Knows names and parents, no states. */

import { RejectedItemError } from "../generate/make.js";
import type { Runs } from "../generate/run.js";
import type { WorkItem } from "../workitem/item.js";
import { upward } from "../workitem/upward.js";

/** Items that a message shows. */
const SHOWN = 5;

/** The graph makes no such item, or several. */
export class UnknownItemError extends RejectedItemError {
  constructor(asked: string, found: readonly WorkItem[] = []) {
    super(
      found.length === 0
        ? `The graph makes no work item "${asked}". dag items lists those that it makes.`
        : severalText(asked, found),
    );
  }
}

/** What to say where the beginning of a name fits several items. */
export function severalText(asked: string, found: readonly WorkItem[]): string {
  const names = found.slice(0, SHOWN).map(({ name, label }) => (label === undefined ? name : `${name} (${label})`));
  const more = found.length > SHOWN ? ` and ${found.length - SHOWN} more` : "";
  return `${found.length} work items begin with "${asked}": ${names.join(", ")}${more}. Say which.`;
}

/** The node that an item's name, or `node:index`, is of. */
export function nodeOfItem(asked: string): string {
  return /^(.*):\d+$/.exec(asked)?.[1] ?? asked.slice(0, Math.max(0, asked.lastIndexOf("_")));
}

/** The items that are meant: one by its name or `node:index`, else all whose names begin so. */
export function findItems(runs: Runs, asked: string): readonly WorkItem[] {
  const place = /^(.*):(\d+)$/.exec(asked);
  if (place !== null) return runs.get(place[1] ?? "")?.items.slice(Number(place[2]), Number(place[2]) + 1) ?? [];
  const found: WorkItem[] = [];
  for (const run of runs.values()) {
    for (const item of run.items) if (item.name.startsWith(asked)) found.push(item);
  }
  const exact = found.filter(({ name }) => name === asked);
  return exact.length > 0 ? exact : found;
}

/** The items that a cook is narrowed to, once the one that was asked for exists; until then, all. */
export class Wanted {
  readonly #runs: Runs;
  readonly #asked: string | undefined;
  #items: ReadonlySet<WorkItem> | undefined;

  constructor(runs: Runs, asked: string | undefined) {
    this.#runs = runs;
    this.#asked = asked;
  }

  /** Looks whether the item exists by now. Throws where it never will. */
  narrow(): void {
    if (this.#asked === undefined || this.#items !== undefined) return;
    const found = findItems(this.#runs, this.#asked);
    const [one] = found;
    // The beginning of a name may come to fit further items, as long as there are more to come.
    const whole = this.#runs.get(nodeOfItem(this.#asked))?.complete !== false;
    const meant = one !== undefined && (one.name === this.#asked || this.#asked.includes(":"));
    if (one !== undefined && (meant || (whole && found.length === 1))) this.#items = new Set(upward([one]));
    else if (whole) throw new UnknownItemError(this.#asked, found);
  }

  /** Whether one item was asked for, and found. */
  get narrowed(): boolean {
    return this.#items !== undefined;
  }

  /** Whether one item was asked for, and has not been found yet. */
  get sought(): boolean {
    return this.#asked !== undefined && this.#items === undefined;
  }

  has(item: WorkItem): boolean {
    return this.#items?.has(item) !== false;
  }

  of(items: WorkItem[]): WorkItem[] {
    return this.#items === undefined ? items : items.filter((item) => this.has(item));
  }
}
