/**
 * The keys of a node's items by row, in bytes: half of what a text takes, and nothing to collect. Tells whether one is there.
 */
import type { Digest } from "../base/hash.js";

const SMALLEST = 16;
/** Of 32 bits each. */
const WORDS = 8;
/** Hexadecimal digits of a word. */
const DIGITS = 8;

export class Keys {
  #words = new Int32Array(SMALLEST * WORDS);
  #rows = 0;
  /** A table of rows, from 1; 0 is empty. */
  #table = new Int32Array(SMALLEST * 2);
  /** The key that was asked for last, its words, and where it is in the table, or would be. */
  #last: Digest | undefined;
  readonly #asked = new Int32Array(WORDS);
  #slot = 0;

  /** The key of a row that was added. */
  at(row: number): Digest {
    let text = "";
    for (let from = row * WORDS; from < (row + 1) * WORDS; from++) {
      const word = this.#words[from]!;
      text += BYTES[word >>> 24]! + BYTES[(word >>> 16) & 255]! + BYTES[(word >>> 8) & 255]! + BYTES[word & 255]!;
    }
    return text as Digest;
  }

  /** Adds the key of the next row: one that is not there. */
  add(key: Digest): void {
    if (key !== this.#last) this.has(key);
    this.#words.set(this.#asked, this.#rows * WORDS);
    this.#rows += 1;
    this.#table[this.#slot] = this.#rows;
    this.#last = undefined;
    if (this.#rows * 2 >= this.#table.length) this.#grow();
  }

  /** Whether some row has a key. */
  has(key: Digest): boolean {
    for (let at = 0; at < WORDS; at++) this.#asked[at] = wordOf(key, at * DIGITS);
    const table = this.#table;
    const last = table.length - 1;
    let slot = this.#asked[0]! & last;
    while (table[slot] !== 0 && !this.#isAsked(table[slot]! - 1)) slot = (slot + 1) & last;
    this.#last = key;
    this.#slot = slot;
    return table[slot] !== 0;
  }

  #isAsked(row: number): boolean {
    const [words, asked] = [this.#words, this.#asked];
    const from = row * WORDS;
    for (let at = 0; at < WORDS; at++) if (words[from + at] !== asked[at]) return false;
    return true;
  }

  #grow(): void {
    const words = new Int32Array(this.#words.length * 2);
    words.set(this.#words);
    this.#words = words;
    const table = new Int32Array(this.#table.length * 2);
    this.#table = table;
    const last = table.length - 1;
    for (let row = 0; row < this.#rows; row++) {
      let slot = words[row * WORDS]! & last;
      while (table[slot] !== 0) slot = (slot + 1) & last;
      table[slot] = row + 1;
    }
  }
}

const BYTES = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** Without a branch: digits come in no order that could be foreseen. */
function wordOf(key: Digest, from: number): number {
  let word = 0;
  for (let at = from; at < from + DIGITS; at++) {
    const code = key.charCodeAt(at);
    word = (word << 4) | ((code & 15) + (code >> 6) * 9);
  }
  return word;
}
