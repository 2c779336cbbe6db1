import { describe, expect, test } from "@jest/globals";
import { createHeap } from "../../src/schedule/heap.js";

describe("heap: order", () => {
  test("values come out sorted, however they came in, while others come and go", () => {
    const heap = createHeap<number>((a, b) => a < b);
    const values = Array.from({ length: 500 }, (_, index) => (index * 7919) % 500);
    for (const value of values.slice(0, 300)) heap.push(value);
    const early = Array.from({ length: 100 }, () => heap.pop()!);
    for (const value of values.slice(300)) heap.push(value);
    const late = Array.from({ length: 400 }, () => heap.pop()!);
    expect(early).toEqual(
      values
        .slice(0, 300)
        .sort((a, b) => a - b)
        .slice(0, 100),
    );
    expect(late).toEqual([...late].sort((a, b) => a - b));
    expect([...early, ...late].sort((a, b) => a - b)).toEqual(Array.from({ length: 500 }, (_, index) => index));
  });

  test("an empty heap gives nothing; peek takes nothing", () => {
    const heap = createHeap<number>((a, b) => a < b);
    expect([heap.pop(), heap.peek(), heap.size]).toEqual([undefined, undefined, 0]);
    heap.push(2);
    expect([heap.peek(), heap.size, heap.pop(), heap.size]).toEqual([2, 1, 2, 0]);
  });
});
