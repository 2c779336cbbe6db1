/** Nodes with nothing to cook: of a large graph only the first are told one by one, and how many more there are. Prints nothing. */
import type { NodeTally } from "./tally.js";
import { counted } from "./text.js";

const MOST_PRINTED = 50;

export class Quiet {
  #nodes = 0;
  #items = 0;

  clear(): void {
    [this.#nodes, this.#items] = [0, 0];
  }

  /** Whether a node that is over is told with the rest. */
  takes(node: NodeTally): boolean {
    if (node.works && node.cached < node.items) return false;
    this.#nodes += 1;
    if (this.#nodes <= MOST_PRINTED) return false;
    this.#items += node.items;
    return true;
  }

  lines(): readonly string[] {
    const more = this.#nodes - MOST_PRINTED;
    return more > 0 ? [`${counted(more, "more node")} with nothing to cook: ${counted(this.#items, "item")}`] : [];
  }
}
