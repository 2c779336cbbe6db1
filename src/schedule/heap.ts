/** A binary heap: what comes first by a given order is at hand in O(1), the rest follows in O(log n). Knows no jobs. */

export interface Heap<T> {
  readonly size: number;
  push(value: T): void;
  peek(): T | undefined;
  pop(): T | undefined;
}

/** An empty heap. `before(a, b)`: whether a comes out before b; a strict total order. */
export function createHeap<T>(before: (a: T, b: T) => boolean): Heap<T> {
  const values: T[] = [];
  const rise = (from: number) => {
    const value = values[from]!;
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(value, values[parent]!)) break;
      values[at] = values[parent]!;
      at = parent;
    }
    values[at] = value;
  };
  const sink = (value: T) => {
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= values.length) break;
      if (child + 1 < values.length && before(values[child + 1]!, values[child]!)) child += 1;
      if (!before(values[child]!, value)) break;
      values[at] = values[child]!;
      at = child;
    }
    values[at] = value;
  };
  return {
    get size() {
      return values.length;
    },
    push(value) {
      values.push(value);
      rise(values.length - 1);
    },
    peek: () => values[0],
    pop() {
      const first = values[0];
      const last = values.pop();
      if (values.length > 0) sink(last!);
      return first;
    },
  };
}
