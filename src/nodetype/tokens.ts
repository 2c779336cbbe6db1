/** The tokens of a module, and the text of a part of it without comments and indentation. Knows places, no syntax. */

/** Offsets in the source; `end` is the one after the last character. */
export type TokenRange = readonly [start: number, end: number];

export class Tokens {
  readonly #source: string;
  readonly #ranges: readonly TokenRange[];

  /** `ranges`: of every token, in order. */
  constructor(source: string, ranges: readonly TokenRange[]) {
    this.#source = source;
    this.#ranges = ranges;
  }

  /** The tokens from `start` to `end`, but for those in ranges that are left out, with what must be between two of them. */
  text({ start, end }: { readonly start: number; readonly end: number }, left: readonly TokenRange[]): string {
    let text = "";
    let before = start;
    for (let at = this.#first(start); at < this.#ranges.length; at++) {
      const [from, to] = this.#ranges[at]!;
      if (from >= end) break;
      if (left.some(([first, last]) => from >= first && from < last)) continue;
      if (text !== "") text += this.#between(before, from);
      text += this.#source.slice(from, to);
      before = to;
    }
    return text;
  }

  /** A line break may end a statement, and a space parts words and signs; all else between two tokens means nothing. */
  #between(from: number, to: number): string {
    if (from === to) return "";
    if (this.#source.slice(from, to).includes("\n")) return "\n";
    return /[\w$][\w$]|[+/-][+/-]/.test(this.#source[from - 1]! + this.#source[to]!) ? " " : "";
  }

  /** The place of the first token from an offset on. */
  #first(offset: number): number {
    let [low, high] = [0, this.#ranges.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#ranges[middle]![0] < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
