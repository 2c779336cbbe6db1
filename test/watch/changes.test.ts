/** When changes are told: together where they come close together, and not too late where they never end. */
import { describe, expect, test } from "@jest/globals";
import { FileChanges } from "../../src/watch/changes.js";

/** A clock that stands still until it is moved on. */
function createHandClock() {
  let now = 1000;
  let timers: { readonly due: number; readonly run: () => void }[] = [];
  return {
    now: () => now,
    after(milliseconds: number, run: () => void) {
      const timer = { due: now + milliseconds, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((each) => each !== timer);
      };
    },
    pass(milliseconds: number) {
      now += milliseconds;
      const due = timers.filter((timer) => timer.due <= now);
      timers = timers.filter((timer) => timer.due > now);
      for (const { run } of due) run();
    },
    get waiting() {
      return timers.length;
    },
  };
}

function listen() {
  const clock = createHandClock();
  const changes = new FileChanges(clock);
  const told: (readonly string[])[] = [];
  const ask = () => void changes.next().then((paths) => told.push(paths));
  /** Lets promises be told. */
  const turn = () => new Promise((done) => setImmediate(done));
  return { clock, changes, told, ask, turn };
}

describe("changes", () => {
  test("those that come close together are told together, once, sorted, when it is quiet", async () => {
    const { clock, changes, told, ask, turn } = listen();
    ask();
    for (const path of ["b", "a", "b", "c"]) {
      changes.note(path);
      clock.pass(79);
      await turn();
      expect(told).toEqual([]);
    }
    clock.pass(1);
    await turn();
    expect(told).toEqual([["a", "b", "c"]]);
    expect(clock.waiting).toBe(0);
  });

  test("a path that is written without end holds nothing up longer than two seconds", async () => {
    const { clock, changes, told, ask, turn } = listen();
    ask();
    for (let step = 0; step < 40; step++) {
      changes.note("log");
      clock.pass(50);
    }
    await turn();
    expect(told).toEqual([["log"]]);
  });

  test("what changes while nobody asks is told to who asks next; who asks twice is told once", async () => {
    const { clock, changes, told, ask, turn } = listen();
    changes.note("early");
    clock.pass(500);
    ask();
    await turn();
    expect(told).toEqual([["early"]]);
    ask();
    ask();
    changes.note("late");
    clock.pass(80);
    await turn();
    expect(told).toEqual([["early"], ["late"], ["late"]]);
    ask();
    clock.pass(5000);
    await turn();
    expect(told.length).toBe(3);
  });
});
