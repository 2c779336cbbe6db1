/**
 * Parts of a graph that stand: whatever becomes of a source, an output, a result, a node or its code, it is found, though no
 * item is made of what stands. Each case is a cook after a change, and what it had to cook.
 */
import { appendFileSync, renameSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, test } from "@jest/globals";
import { Session } from "../../src/cook/session.js";
// Loaded before they are asked for at once.
import "../../src/store/open.js";
import "../../src/store/libsql.js";
import { openGraph, openStoreAt } from "../../src/engine/open.js";
import type { CookEvent } from "../../src/event/event.js";
import { givenOf } from "../../src/graph/given.js";
import { inStudio, type Studio } from "../helpers/studio.js";

/** What a cook did: the nodes that stood, the labels of items that were cooked, files that were put somewhere. */
interface Did {
  readonly exit: number;
  readonly held: readonly string[];
  readonly cooked: readonly string[];
  readonly placed: readonly string[];
}

async function cook(
  space: Studio,
  graph = "g.json",
  options: { readonly count?: number; readonly force?: string[] } = {},
) {
  const given = options.count === undefined ? {} : { given: givenOf({ set: { "other.count": options.count } }) };
  const { graph: opened, project } = await openGraph(space.path(graph), given, { notify() {} });
  const store = await openStoreAt(space.path("store"), false, { notify() {} });
  const events: CookEvent[] = [];
  const session = new Session({
    store,
    slots: { cpu: 1, gpu: 0 },
    sink: (event) => {
      // A cook that begins again is another.
      if (event.type === "cook_started") events.length = 0;
      events.push(event);
    },
  });
  try {
    const request = { dry: false, force: new Set(options.force ?? []), findUnchanged: true };
    const { exit } = await session.cook(opened, project, request);
    const did: Did = {
      exit,
      held: events.flatMap((event) => (event.type === "node_held" ? [event.node] : [])).sort(),
      cooked: events
        .flatMap((event) => (event.type === "item_state" && event.to === "cooking" ? [event.item.label] : []))
        .sort(),
      placed: events.flatMap((event) => (event.type === "output_placed" ? [event.how] : [])),
    };
    return did;
  } finally {
    await session.close();
    await store.close();
  }
}

/** Two parts: one of files, work and a partition; one of a generator alone. */
function graph(space: Studio, text = "!"): void {
  space.graph("g.json", {
    files: { type: "studio/files", params: { directory: "$HIP/in" } },
    work: { type: "studio/work", inputs: ["files"], label: "@stem", params: { text, output: "out/@{stem}.txt" } },
    all: { type: "wait_for_all", inputs: ["work"] },
    sum: { type: "studio/work", inputs: ["all"], label: "sum", params: { output: "out/sum.txt" } },
    other: { type: "generic_generator", params: { count: 3 } },
  });
}

const ALL = ["all", "files", "other", "sum", "work"];
const NOTHING = { exit: 0, cooked: [], placed: [] };

/** Long enough that a file's stamp says what it is. */
const settle = (): Promise<void> => pause(2300);

async function inSettled(work: (space: Studio) => Promise<void>): Promise<void> {
  await inStudio(async (space) => {
    Object.assign(process.env, space.environment);
    for (const name of ["a", "b", "c"]) space.write(`in/${name}.txt`, `file ${name}`);
    graph(space);
    await settle();
    expect((await cook(space)).cooked).toEqual(["a", "b", "c", "sum"]);
    expect(await cook(space)).toEqual({ ...NOTHING, held: ALL });
    await work(space);
  });
}

describe("a part of the graph that stands", () => {
  test("is not made into items; what is another in files that it came from or made is found", () =>
    inSettled(async (space) => {
      rmSync(space.path("out/a.txt"));
      expect(await cook(space)).toEqual({ ...NOTHING, held: ["other"], placed: ["placed"] });
      expect(await cook(space)).toEqual({ ...NOTHING, held: ALL });
      truncateSync(space.path("out/b.txt"), 2);
      expect(await cook(space)).toMatchObject({ cooked: [], placed: ["placed_beside_edited"] });
      expect(space.read("out/b.txt")).toBe("file b!");
      const stamp = statSync(space.path("out/c.txt"));
      writeFileSync(space.path("out/c.txt"), "edited!");
      utimesSync(space.path("out/c.txt"), stamp.atime, stamp.mtime);
      expect(await cook(space)).toMatchObject({ cooked: [], placed: ["placed_beside_edited"] });
      expect([space.read("out/c.txt"), space.read("out/c.txt.edited")]).toEqual(["file c!", "edited!"]);
      expect(await cook(space)).toEqual({ ...NOTHING, held: ALL });

      const before = statSync(space.path("in/a.txt"));
      writeFileSync(space.path("in/a.txt"), "File a");
      utimesSync(space.path("in/a.txt"), before.atime, before.mtime);
      expect(await cook(space)).toMatchObject({ held: ["other"], cooked: ["a", "sum"] });
      expect(space.read("out/sum.txt")).toBe("File a!file b!file c!");
      renameSync(space.path("in/b.txt"), space.path("in/d.txt"));
      expect(await cook(space)).toMatchObject({ held: ["other"], cooked: ["d", "sum"] });
      space.write("in/e.txt", "young");
      expect(await cook(space)).toMatchObject({ held: ["other"], cooked: ["e", "sum"] });
      // Its stamp does not say yet what it is.
      appendFileSync(space.path("in/e.txt"), "er");
      expect(await cook(space)).toMatchObject({ held: ["other"], cooked: ["e", "sum"] });
      await settle();
      expect(await cook(space)).toMatchObject({ ...NOTHING, held: ["other"] });
      expect(await cook(space)).toEqual({ ...NOTHING, held: ALL });
    }));

  test("what is another in nodes, results and code is found", () =>
    inSettled(async (space) => {
      graph(space, "?");
      expect(await cook(space)).toMatchObject({ held: ["other"], cooked: ["a", "b", "c", "sum"] });
      expect(await cook(space)).toEqual({ ...NOTHING, held: ALL });
      expect(await cook(space, "g.json", { count: 4 })).toMatchObject({
        ...NOTHING,
        held: ALL.filter((name) => name !== "other"),
      });
      expect(await cook(space)).toMatchObject({ ...NOTHING, held: ALL.filter((name) => name !== "other") });
      expect(await cook(space, "g.json", { force: ["sum"] })).toMatchObject({ held: ["other"], cooked: ["sum"] });
      expect(await cook(space)).toEqual({ ...NOTHING, held: ALL });

      expect((await space.dag("dirty", "work:1", "--graph", "g.json", "--store", "store")).exit).toBe(0);
      expect(await cook(space)).toMatchObject({ held: [], cooked: ["b"] });
      expect(await cook(space)).toEqual({ ...NOTHING, held: ALL });
      rmSync(space.path("store/blobs"), { recursive: true });
      expect(await cook(space)).toMatchObject({ held: [], cooked: ["a", "b", "c", "sum"] });
      expect(await cook(space)).toEqual({ ...NOTHING, held: ALL });
      expect((await space.dag("cache", "gc", "--days", "0", "--store", "store")).exit).toBe(0);
      expect(await cook(space)).toMatchObject(NOTHING);

      const code = space.read("nodes/studio/work.js");
      space.write("nodes/studio/work.js", code.replace("read.join", "text + read.join"));
      expect(await cook(space)).toMatchObject({ held: ["other"], cooked: ["a", "b", "c", "sum"] });
      expect(await cook(space)).toEqual({ ...NOTHING, held: ALL });
    }));

  test("has what it put somewhere: another part that would put a file there fails as if all were judged", () =>
    inSettled(async (space) => {
      const text = space
        .read("g.json")
        .replace(
          '"other": {',
          '"more": { "type": "studio/work", "label": "more", "params": { "output": "out/sum.txt" } }, "other": {',
        );
      space.write("g.json", text);
      const held = await cook(space);
      // The one that comes first in the order of work has it.
      expect([held.exit, held.held, held.cooked]).toEqual([1, [], ["more"]]);
    }));

  test("is told of by node, in a plan, too", () =>
    inSettled(async (space) => {
      for (let time = 0; time < 2; time++) {
        const { exit, stderr } = await space.dag("cook", "g.json", "--progress", "plain", "--store", "store");
        expect([exit, stderr]).toEqual([
          0,
          expect.stringContaining("Nothing to cook: all 11 work items are up to date"),
        ]);
        expect(stderr).toContain("work: 3 items: 3 cached");
      }
      const { nodes } = JSON.parse((await space.dag("plan", "g.json", "--json", "--store", "store")).stdout);
      const of = (name: string) => nodes.find(({ node }: { readonly node: string }) => node === name);
      expect(of("work")).toMatchObject({
        items: 3,
        hit: 3,
        cook: 0,
        without_work: 0,
        complete: true,
        partitioned: null,
      });
      expect(of("all")).toMatchObject({
        items: 1,
        hit: 0,
        without_work: 1,
        partitioned: { members: 3, outputs: "all" },
      });
      expect(of("other")).toMatchObject({ items: 3, without_work: 3 });
    }));

  test("a cook that failed is not kept", () =>
    inSettled(async (space) => {
      const text = space
        .read("g.json")
        .replace('"output": "out/sum.txt"', '"output": "out/sum.txt", "how": "fail", "number": 1');
      space.write("g.json", text);
      expect(await cook(space)).toMatchObject({ exit: 1, held: ["other"], cooked: ["sum"] });
      expect(await cook(space)).toMatchObject({ exit: 1, held: ["other"], cooked: ["sum"] });
    }));
});
