/** What a cook is expected to take: sums of past cooks, wall time on slots, and the command line's plan and runs. */
import { describe, expect, test } from "@jest/globals";
import { wallOf } from "../../src/forecast/forecast.js";
import { sumOf } from "../../src/forecast/past.js";
import { inStudio, type Studio } from "../helpers/studio.js";

/** Items of nodes, each by its parents' names, all of them pending; and what their nodes take in all. */
function pending(nodes: Readonly<Record<string, readonly (readonly string[])[]>>) {
  const items = new Map<string, object>();
  const runs = new Map<string, { readonly items: object[] }>();
  for (const [node, all] of Object.entries(nodes)) {
    const own = all.map((parents, place) => {
      const above = parents.map((name) => items.get(name)!);
      const item = { node, order: items.size, parents: [above], state: "waiting", hasWork: node !== "knot" };
      items.set(`${node}${place}`, item);
      return item;
    });
    runs.set(node, { items: own });
  }
  return { runs, wants: () => true } as unknown as Parameters<typeof wallOf>[0];
}

/** All items of a node together. */
function takes(node: string, items: number, seconds: number, on: { readonly cpu?: number; readonly gpu?: number }) {
  const range = (value: number) => ({ p50: value, p90: 2 * value });
  const slots = { cpu: range(seconds * (on.cpu ?? 0)), gpu: range(seconds * (on.gpu ?? 0)) };
  return { node, items, seconds: range(seconds), ...slots };
}

describe("the wall time", () => {
  test("independent items fill the slots; a chain takes its sum; what needs no work takes nothing", () => {
    const apart = pending({ a: [[], [], [], []] });
    expect(wallOf(apart, [takes("a", 4, 4, { cpu: 1 })], { cpu: 2, gpu: 0 }, "p50")).toBe(2);
    expect(wallOf(apart, [takes("a", 4, 4, { cpu: 1 })], { cpu: 8, gpu: 0 }, "p90")).toBe(2);
    expect(wallOf(apart, [takes("a", 4, 4, { cpu: 2 })], { cpu: 2, gpu: 0 }, "p50")).toBe(4);
    const chain = pending({ a: [[], ["a0"], ["a1"]], knot: [["a2"]], b: [["knot0"]] });
    const both = [takes("a", 3, 6, { cpu: 1 }), takes("b", 1, 5, { cpu: 1 })];
    expect(wallOf(chain, both, { cpu: 8, gpu: 0 }, "p50")).toBe(11);
    expect(wallOf(pending({}), [], { cpu: 2, gpu: 0 }, "p50")).toBe(0);
  });

  test("GPUs are slots beside the CPUs'; a node of which nothing is known takes nothing", () => {
    const all = pending({ a: [[], []], b: [[], []], c: [["b1"]] });
    const known = [takes("a", 2, 8, { cpu: 1 }), takes("b", 2, 6, { gpu: 1 })];
    const unknown = { node: "c", items: 1, seconds: null, cpu: null, gpu: null };
    expect(wallOf(all, [...known, unknown], { cpu: 4, gpu: 1 }, "p50")).toBe(6);
    expect(wallOf(all, [...known, unknown], { cpu: 1, gpu: 1 }, "p50")).toBe(8);
    expect(wallOf(all, known, { cpu: 8, gpu: 8 }, "p50")).toBe(4);
  });
});

describe("sumOf", () => {
  test("one: the quantiles of what was; many: about the mean times their number, never the median", () => {
    expect(sumOf([], 3)).toBeUndefined();
    expect(sumOf([7], 3)).toEqual({ p50: 21, p90: 21 });
    const values = Array.from({ length: 100 }, (_, index) => index + 1);
    expect(sumOf(values, 1)).toEqual({ p50: 50, p90: 90 });
    // One slow in ten: a median of 1, a mean of 10.9.
    const skewed = Array.from({ length: 10 }, (_, index) => (index === 0 ? 100 : 1));
    for (const count of [50, 5000]) {
      const { p50, p90 } = sumOf(skewed, count)!;
      const deviation = 29.7 * Math.sqrt(count);
      // Normal quantiles: 0 and 1.28 deviations above the mean; the drawn ones are within a third of one.
      expect(Math.abs(p50 - 10.9 * count)).toBeLessThan(deviation / 3);
      expect(Math.abs(p90 - 10.9 * count - 1.28 * deviation)).toBeLessThan(deviation / 3);
    }
    expect(sumOf(skewed, 50)).toEqual(sumOf(skewed, 50));
  });
});

interface Figures {
  readonly samples: number;
  readonly basis: string | null;
  readonly seconds: { readonly p50: number } | null;
  readonly bytes: { readonly p50: number; readonly p90: number } | null;
  readonly placed: { readonly p90: number } | null;
}

interface Plan {
  readonly nodes: readonly (Readonly<Record<string, unknown>> & {
    readonly node: string;
    readonly forecast: Figures | null;
  })[];
  readonly forecast: Figures & { readonly complete: boolean; readonly wall: { readonly p50: number } | null };
}

/** `up` of three items → partitions → `end`, placed. */
function graph(space: Studio, text = "1", more: object = {}): void {
  space.graph("g.json", {
    three: { type: "wedge", params: { attributes: [{ name: "n", type: "int", values: [1, 2, 3] }] } },
    up: { type: "studio/work", label: "up @n", inputs: ["three"], params: { text: `${text}@n` } },
    parts: { type: "partition_by_range", inputs: ["up"], params: { size: 2, outputs: "first" } },
    end: {
      type: "studio/work",
      label: "end @pdg_index",
      inputs: ["parts"],
      params: { text: "!", output: "out/@{pdg_index}.txt" },
    },
    ...more,
  });
}

describe("dag plan and dag runs", () => {
  test("no history: no number; then this graph's own, by node; of another node, by its type; sizes to the byte", () =>
    inStudio(async (space) => {
      graph(space);
      const plan = async (...args: string[]) =>
        JSON.parse((await space.dag("plan", "g.json", "--json", ...args)).stdout) as Plan;
      const of = ({ nodes }: Plan, name: string) => nodes.find(({ node }) => node === name);
      const before = await plan();
      expect(before.forecast).toMatchObject({ wall: null, bytes: null, complete: false });
      expect(of(before, "up")).toMatchObject({ cook: 3, forecast: { samples: 0, basis: null, seconds: null } });
      expect(of(before, "parts")).toMatchObject({
        without_work: 2,
        may_cook: 0,
        partitioned: { members: 3, outputs: "first" },
      });
      expect((await space.dag("plan", "g.json")).stdout).toMatch(
        /^parts +2 partitions of 3 items, passing on first\nend +2 items: 2 may cook, no history\nHow long it takes is not known/m,
      );
      expect((await space.cook("g.json")).exit).toBe(0);
      expect((await plan()).forecast).toMatchObject({ wall: null, complete: true });

      graph(space, "22", { other: { type: "studio/work", params: { text: "other" } } });
      const after = await plan();
      expect(of(after, "up")?.forecast).toMatchObject({
        samples: 3,
        basis: "node",
        bytes: { p50: 6, p90: 6 },
        placed: { p90: 0 },
      });
      expect(of(after, "end")?.forecast).toMatchObject({ samples: 2, bytes: { p50: 6, p90: 6 }, placed: { p90: 6 } });
      expect(of(after, "other")).toMatchObject({ cook: 1, forecast: { samples: 5, basis: "type", bytes: { p50: 2 } } });
      expect(after.forecast).toMatchObject({ complete: true, bytes: { p50: 14 } });
      expect(after.forecast.wall?.p50).toBeGreaterThan(0);
      const text = (await space.dag("plan", "g.json")).stdout;
      expect(text).toMatch(/^up +3 items: 3 cook, \d.* s.* of work, 6 B \(from 3 cooks\)$/m);
      expect(text).toMatch(/^other +1 item: 1 cook, .* \(from 5 cooks of its type\)$/m);
      expect(text).toMatch(
        /^Expected: \d.* on \d+ CPU slots?.*; 14 B \(p90 15 B\) into the store; 6 B put at your paths\.\n4 would be cooked, 2 more may be\.\n$/m,
      );
    }));

  test("the prediction is kept with the run, beside what it took; a run node by node; what is in the store needs none", () =>
    inStudio(async (space) => {
      graph(space);
      for (const text of ["1", "22"]) {
        graph(space, text);
        expect((await space.cook("g.json")).exit).toBe(0);
      }
      await space.cook("g.json");
      type Run = {
        readonly id: number;
        readonly forecast: Plan["forecast"] | null;
        readonly actual: { readonly nodes: object[] } | null;
      };
      const runs = JSON.parse((await space.dag("runs", "--json")).stdout) as Run[];
      expect(
        runs.map(({ id, forecast }) => [id, forecast?.wall === undefined ? "none" : forecast.wall === null]),
      ).toEqual([
        [3, "none"],
        [2, false],
        [1, true],
      ]);
      expect(runs[1]?.forecast).toMatchObject({
        complete: true,
        nodes: [
          { node: "up", items: 3 },
          { node: "end", items: 2 },
        ],
      });
      expect(runs[1]?.actual).toMatchObject({
        bytes: 17,
        placed: 8,
        nodes: [
          { node: "up", items: 3, bytes: 9, placed: 0 },
          { node: "end", items: 2, bytes: 8, placed: 8 },
        ],
      });
      const table = (await space.dag("runs")).stdout;
      expect(table).toMatch(/^ *2 .* \d.* s\)? +[+−]\d.* s \([+−]\d+ %\) +g\.json$/m);
      expect(table).toMatch(
        /\nOf 1 prediction in full, half were off by \d+ % or less; [01] ended within their p90\.\n$/,
      );
      const one = await space.dag("runs", "2");
      expect(one.stdout).toMatch(
        /^up +3 +3 +3 .* 6 B +9 B\nend +2 +2 +2 .* 6 B +8 B\nPredicted for all: .*; it took \d/m,
      );
      expect((await space.dag("runs", "1")).stdout).toMatch(
        /\nPredicted for all: not known, as nothing of it had been cooked before; it took \d.* s\.\n$/,
      );
      const none = await space.dag("runs", "9");
      expect([none.exit, none.stderr]).toEqual([2, "There is no run 9. dag runs lists them.\n"]);
    }));
});
