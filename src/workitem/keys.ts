/** The keys of many items, to tell whether one came before: a table of places, a fifth of what a set of texts takes. */
import type { Digest } from "../base/hash.js";

const SMALLEST = 16;

export class Keys {
  readonly #keyAt: (place: number) => Digest;
  /** Places, from 1; 0 is empty. */
  #places = new Int32Array(SMALLEST);
  /** Of the keys there: what differs here need not be looked at. */
  #bits = new Int32Array(SMALLEST);
  #size = 0;

  /** `keyAt`: the key that was added with a place. */
  constructor(keyAt: (place: number) => Digest) {
    this.#keyAt = keyAt;
  }

  /** Notes a key at a place, counted from 0. Returns whether it was there before; then nothing is noted. */
  has(key: Digest, place: number): boolean {
    if (this.#size * 2 >= this.#places.length) this.#grow();
    const bits = bitsOf(key);
    const places = this.#places;
    const last = places.length - 1;
    let slot = bits & last;
    for (; places[slot] !== 0; slot = (slot + 1) & last) {
      if (this.#bits[slot] === bits && this.#keyAt(places[slot]! - 1) === key) return true;
    }
    places[slot] = place + 1;
    this.#bits[slot] = bits;
    this.#size += 1;
    return false;
  }

  #grow(): void {
    const [places, bits] = [this.#places, this.#bits];
    this.#places = new Int32Array(places.length * 2);
    this.#bits = new Int32Array(places.length * 2);
    const last = this.#places.length - 1;
    for (let from = 0; from < places.length; from++) {
      if (places[from] === 0) continue;
      let slot = bits[from]! & last;
      while (this.#places[slot] !== 0) slot = (slot + 1) & last;
      this.#places[slot] = places[from]!;
      this.#bits[slot] = bits[from]!;
    }
  }
}

/** 28 bits of a digest, which is hexadecimal. */
function bitsOf(key: Digest): number {
  let bits = 0;
  for (let at = 0; at < 7; at++) {
    const code = key.charCodeAt(at);
    bits = (bits << 4) | (code < 58 ? code - 48 : code - 87);
  }
  return bits;
}
