/** What a watch cooked again, and why: gathered from events, told when a cook is over. Prints nothing. */
import type { CookEvent } from "../event/event.js";
import { reasonsText } from "./reasons.js";

/** Labels that a line shows. */
const SHOWN = 5;
const NEVER = "never cooked";

interface Line {
  readonly node: string;
  readonly why: string;
  readonly labels: string[];
  count: number;
}

export class Recooked {
  /** Why items that are not done are cooked. */
  readonly #why = new Map<string, string>();
  readonly #lines = new Map<string, Line>();
  #cooks = 0;

  /** Answers lines where a cook is over. Of its first cook a watch tells only what was cooked before. */
  add(event: CookEvent): readonly string[] {
    if (event.type === "item_missed") this.#why.set(event.item.name, reasonsText(event.reasons));
    else if (event.type === "item_state" && event.outcome?.kind === "done") this.#cooked(event.item);
    else if (event.type === "cook_started") this.#why.clear();
    else if (event.type === "cook_finished") return this.#summarize();
    return [];
  }

  #cooked({ node, name, label }: Extract<CookEvent, { type: "item_missed" }>["item"]): void {
    const why = this.#why.get(name);
    if (why === undefined || (this.#cooks === 0 && why === NEVER)) return;
    const key = `${node}\n${why}`;
    const line: Line = this.#lines.get(key) ?? { node, why, labels: [], count: 0 };
    this.#lines.set(key, line);
    line.count += 1;
    if (line.labels.length < SHOWN) line.labels.push(label);
  }

  #summarize(): string[] {
    const lines = [...this.#lines.values()].map(({ node, why, labels, count }) => {
      const more = count > labels.length ? ` and ${count - labels.length} more` : "";
      return `Cooked: ${node}: ${labels.join(", ")}${more} (${why})`;
    });
    this.#lines.clear();
    this.#cooks += 1;
    return lines;
  }
}
