import { describe, expect, test } from "@jest/globals";
import { Durability } from "../../src/store/durability.js";

/** Rounds that end when they are told to, and time that passes when it is told to. */
function created() {
  const timers = new Map<() => void, number>();
  const rounds: { resolve(): void; reject(error: Error): void }[] = [];
  const failures: unknown[] = [];
  const durability = new Durability({
    clock: {
      after(milliseconds, run) {
        timers.set(run, milliseconds);
        return () => timers.delete(run);
      },
    },
    sync: () => new Promise((resolve, reject) => rounds.push({ resolve, reject })),
    failed: (error) => failures.push(error),
  });
  const pass = () => {
    for (const run of [...timers.keys()]) {
      timers.delete(run);
      run();
    }
  };
  return { durability, rounds, failures, timers, pass };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe("rounds of fsync", () => {
  test("what is committed waits 20 ms for others, and shares one round", async () => {
    const { durability, rounds, timers, pass } = created();
    durability.add(1);
    durability.add(100);
    expect([rounds.length, [...timers.values()]]).toEqual([0, [20]]);
    pass();
    expect(rounds).toHaveLength(1);
    rounds[0]!.resolve();
    await settled();
    pass();
    expect(rounds).toHaveLength(1);
  });
  test("256 results do not wait", () => {
    const { durability, rounds, timers } = created();
    durability.add(255);
    durability.add(1);
    expect([rounds.length, timers.size]).toEqual([1, 0]);
  });
  test("what is committed during a round is in the next", async () => {
    const { durability, rounds, pass } = created();
    durability.add(256);
    durability.add(1);
    pass();
    expect(rounds).toHaveLength(1);
    let isDurable = false;
    const asked = durability.sync().then(() => {
      isDurable = true;
    });
    rounds[0]!.resolve();
    await settled();
    expect([rounds.length, isDurable]).toEqual([2, false]);
    rounds[1]!.resolve();
    await asked;
  });
  test("nothing committed is nothing to do; a round that fails is told of, and holds up nobody", async () => {
    const { durability, rounds, failures } = created();
    await durability.sync();
    expect(rounds).toHaveLength(0);
    durability.add(1);
    const asked = durability.sync();
    await settled();
    rounds[0]!.reject(new Error("no disk"));
    await asked;
    expect(failures).toEqual([new Error("no disk")]);
  });
});
