/**
 * Random values without state: every value is a pure function of a seed, the words that name its purpose, and an index.
 * It knows nothing of what the values are for.
 *
 * The generator is Threefry-2x32 with 20 rounds (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011):
 * a keyed bijection of 64-bit counters made of additions, rotations and exclusive ors, exact on every machine. Normal
 * values pass through `Math.log` and `Math.cos`, whose last bit may differ between JavaScript engines.
 */

/** A named, endless row of values. Each method has a row of its own: `uniform(3)` and `integer(3, n)` share no bits. */
export interface RandomStream {
  /** A value in [0, 1) with 53 random bits. Rounded to float32 it may be 1. */
  uniform(index: number): number;
  /** A value of the standard normal distribution. */
  normal(index: number): number;
  /** An integer in [0, count). The bias is below count / 2⁵³. Throws where `count` is not a positive integer. */
  integer(index: number, count: number): number;
  /** 0 … count − 1 in random order. */
  permutation(count: number): Uint32Array;
  /** Element i becomes mean + deviation · normal(i), in half the time of single calls. */
  fillNormal(target: Float32Array, mean: number, deviation: number): void;
}

/** Two 32-bit words, read as signed. */
type Block = Int32Array;

const ROTATIONS = [13, 15, 26, 6, 17, 29, 16, 24] as const;
const PARITY = 0x1bd11bda;
/** The top byte of the counter, so that the methods' rows are disjoint. Indices stay below 2⁵³, which needs 21 bits there. */
const ROW = { uniform: 0, normal: 1 << 24, integer: 2 << 24, permutation: 3 << 24 } as const;

/** Threefry-2x32-20 of the counter (`low`, `high`) under the key; writes both words to `out`, which may be the key. */
export function threefry(key0: number, key1: number, low: number, high: number, out: Block): void {
  const key2 = PARITY ^ key0 ^ key1;
  const keys = [key0, key1, key2] as const;
  let a = (low + key0) | 0;
  let b = (high + key1) | 0;
  for (let group = 0; group < 5; group++) {
    for (let round = 0; round < 4; round++) {
      const turn = ROTATIONS[((group & 1) << 2) + round]!;
      a = (a + b) | 0;
      b = ((b << turn) | (b >>> (32 - turn))) ^ a;
    }
    a = (a + keys[(group + 1) % 3]!) | 0;
    b = (b + keys[(group + 2) % 3]! + group + 1) | 0;
  }
  out[0] = a;
  out[1] = b;
}

/**
 * The stream named by `seed` and `words`, for example `randomStream(seed, "crop", iteration, sample)`. Different words
 * (in kind, value, number or order) give unrelated streams. Throws where a number is not finite.
 */
export function randomStream(seed: number, ...words: readonly (string | number)[]): RandomStream {
  const key = keyOf([seed, ...words]);
  const [key0, key1] = [key[0]!, key[1]!];
  const block: Block = new Int32Array(2);
  const draw = (row: number, index: number) => {
    threefry(key0, key1, index | 0, row + Math.floor(index / 2 ** 32), block);
  };
  const uniformOf = (row: number, index: number) => {
    draw(row, index);
    return ((block[0]! >>> 5) * 2 ** 26 + (block[1]! >>> 6)) / 2 ** 53;
  };
  const integerOf = (row: number, index: number, count: number) => {
    if (!(Number.isSafeInteger(count) && count > 0)) throw new RangeError(`no integer below ${count}`);
    return Math.floor(uniformOf(row, index) * count);
  };
  /** The radius and the angle of a pair of normal values (Box and Muller). */
  const radius = () => Math.sqrt(-2 * Math.log(((block[0]! >>> 0) + 0.5) / 2 ** 32));
  const angle = () => (2 * Math.PI * (block[1]! >>> 0)) / 2 ** 32;
  return {
    uniform: (index) => uniformOf(ROW.uniform, index),
    normal(index) {
      draw(ROW.normal, Math.floor(index / 2));
      return radius() * (index % 2 === 0 ? Math.cos(angle()) : Math.sin(angle()));
    },
    integer: (index, count) => integerOf(ROW.integer, index, count),
    permutation(count) {
      const order = Uint32Array.from({ length: count }, (_, position) => position);
      for (let last = count - 1; last > 0; last--) {
        const other = integerOf(ROW.permutation, last, last + 1);
        [order[last], order[other]] = [order[other]!, order[last]!];
      }
      return order;
    },
    fillNormal(target, mean, deviation) {
      for (let index = 0; index < target.length; index += 2) {
        draw(ROW.normal, index / 2);
        const length = deviation * radius();
        target[index] = mean + length * Math.cos(angle());
        if (index + 1 < target.length) target[index + 1] = mean + length * Math.sin(angle());
      }
    },
  };
}

/** Folds the words into a key one after another; a word's kind and length go in first, so that no two lists collide. */
function keyOf(words: readonly (string | number)[]): Block {
  const key: Block = new Int32Array(2);
  const fold = (low: number, high: number) => threefry(key[0]!, key[1]!, low, high, key);
  const bits = new DataView(new ArrayBuffer(8));
  for (const word of words) {
    if (typeof word === "string") {
      fold(word.length, 1);
      for (let at = 0; at < word.length; at += 2) fold(word.charCodeAt(at), word.charCodeAt(at + 1) || 0);
    } else {
      if (!Number.isFinite(word)) throw new RangeError(`a random stream named by ${word}`);
      bits.setFloat64(0, word + 0); // −0 + 0 is 0: equal numbers name one stream
      fold(0, 2);
      fold(bits.getInt32(4), bits.getInt32(0));
    }
  }
  return key;
}
