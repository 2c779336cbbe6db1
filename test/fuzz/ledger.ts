/**
 * What was cooked and is in the store, by what decided it, and with that what must be cooked. Knows results as the model's
 * recipes, no items and no disk.
 */
import { Broken } from "./broken.js";
import type { Model, Recipe } from "./model.js";
import { digestOf } from "./rows.js";

export class Ledger {
  /** What the store must have: what decided it, and the contents of its files. */
  readonly #kept = new Map<string, readonly string[]>();
  /** All that was ever cooked and may be in the store. */
  readonly #cooked = new Set<string>();
  /** Cooks of items that there were, and all results that were asked for. */
  readonly figures = { cooked: 0, items: 0, held: 0, rows: 0 };

  /** Whether the store has a result; undefined: it may. */
  has(seen: string): boolean | undefined {
    if (this.#kept.has(seen)) return true;
    return this.#cooked.has(seen) ? undefined : false;
  }

  /** What was cooked while something else happened, of which only this is known. */
  mayHave(saw: Iterable<string>): void {
    for (const seen of saw) this.#cooked.add(seen);
  }

  forget(results: Iterable<string>): void {
    for (const seen of results) this.#kept.delete(seen);
  }

  loseBlob(digest: string): void {
    for (const [seen, contents] of this.#kept)
      if (contents.some((content) => digestOf(content) === digest)) this.#kept.delete(seen);
  }

  /** All but what a graph's items have was collected. */
  collect({ recipes }: Model): void {
    const current = new Set(recipes.filter(isStored).map(({ seen }) => seen));
    for (const seen of this.#kept.keys()) if (!current.has(seen)) this.#kept.delete(seen);
  }

  /**
   * Every cook was needed, and there was one of each; what fails, or is to be cooked always, is tried for every item. `saw`: what
   * each saw; `renewed`: results that must be cooked. Throws Broken.
   */
  requireNeeded(model: Model, saw: readonly string[], renewed: ReadonlySet<string>): void {
    this.forget(renewed);
    for (const seen of renewed) if (!saw.includes(seen)) throw new Broken(`was forgotten, and believed: ${seen}`);
    const { needed, always } = this.#neededBy(model);
    for (const seen of saw) {
      const left = needed.get(seen) ?? 0;
      if (left === 0) throw new Broken(`cooked without need (${this.#why(model, seen)}): ${seen}`);
      needed.set(seen, left - 1);
      always.delete(seen);
    }
    for (const seen of always) throw new Broken(`is to be cooked always, and was not: ${seen}`);
    this.#note(model, new Set(saw));
    this.figures.cooked += saw.length;
    this.figures.items += model.recipes.length;
  }

  #neededBy({ recipes }: Model) {
    const needed = new Map<string, number>();
    const always = new Set<string>();
    for (const { node, seen, fails, attempts } of recipes) {
      const known = needed.get(seen) ?? 0;
      const mode = node.settings.cache_mode;
      const isAlways = mode === "always_write" || mode === "never";
      if (!fails && isAlways) always.add(seen);
      if (fails || isAlways) needed.set(seen, known + attempts);
      else if (!this.#kept.has(seen)) needed.set(seen, Math.max(known, attempts));
    }
    return { needed, always };
  }

  #note({ recipes }: Model, saw: ReadonlySet<string>): void {
    const passing = new Set(recipes.filter((recipe) => !isStored(recipe)).map(({ seen }) => seen));
    for (const { seen, fails, contents } of recipes) {
      if (fails) continue;
      if (!saw.has(seen) && !this.#cooked.has(seen)) throw new Broken(`was believed, and never cooked: ${seen}`);
      if (passing.has(seen)) continue;
      this.#kept.set(seen, contents);
      this.#cooked.add(seen);
    }
  }

  #why({ recipes }: Model, seen: string): string {
    if (!recipes.some((recipe) => recipe.seen === seen)) return "the graph asks for no such result";
    return this.#kept.has(seen) ? "the store has it" : "it was cooked twice";
  }
}

/** Whether a result may be found again. */
function isStored({ node }: Recipe): boolean {
  return node.settings.cache_mode !== "never";
}
