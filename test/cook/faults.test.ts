/** Three kinds of errors: what a user did, what node code threw, and faults of the engine's own, which are nobody else's. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { realClock } from "../../src/base/clock.js";
import { UserError } from "../../src/base/error.js";
import { type Files, realFiles } from "../../src/base/files.js";
import { realSpace } from "../../src/base/space.js";
import { endOf } from "../../src/cli/fail.js";
import { Session } from "../../src/cook/session.js";
import { openGraph, openStoreAt } from "../../src/engine/open.js";
import type { CookEvent } from "../../src/event/event.js";
import { startProcess } from "../../src/executor/process.js";
import { CodeReader } from "../../src/nodetype/code.js";
import { inStudio, type Studio } from "../helpers/studio.js";

/** A node type of which one part is given. */
function broken(space: Studio, name: string, part: string): void {
  space.node(
    name,
    `import { defineNode } from "dag-cook";
export default defineNode({ description: "Broken.", version: 1, params: {}, ${part} });`,
  );
}

describe("node code that throws", () => {
  test("wherever it does, its own node or item fails, in its words; the rest goes on", () =>
    inStudio(async (space) => {
      const cook = "async cook() { return {}; }";
      broken(space, "generate", "*generate() { yield { identity: 1 }; throw undefined; }");
      broken(space, "circular", "*generate() { const a = []; a.push(a); yield { identity: a }; }");
      broken(
        space,
        "nan",
        `*generate() { yield { identity: 1, attributes: { n: NaN } }; }, attributes: { reads: ["n"], writes: { n: "float" } }, ${cook}`,
      );
      broken(space, "partition", 'partition() { throw new TypeError("no groups"); }');
      broken(space, "slots", `slots() { null.cpu; }, ${cook}`);
      broken(
        space,
        "reads",
        `attributes: { reads(params) { if (new Error().stack.includes("cook")) throw new RangeError("which?"); return []; } }, ${cook}`,
      );
      space.graph("g.json", {
        generate: { type: "studio/generate" },
        circular: { type: "studio/circular" },
        nan: { type: "studio/nan" },
        good: { type: "studio/work", label: "good" },
        partition: { type: "studio/partition", inputs: ["good"] },
        slots: { type: "studio/slots", inputs: ["good"] },
        reads: { type: "studio/work", label: "after", inputs: ["good"] },
      });
      const cooked = await space.cook("g.json");
      const nodes = cooked.events.filter(({ type }) => type === "node_failed");
      expect([cooked.exit, space.cooked()]).toEqual([1, ["after", "good"]]);
      expect(Object.fromEntries(nodes.map(({ node, message }) => [node, message]))).toEqual({
        generate: "undefined",
        circular: "a value that holds itself, or is more than 1000 deep",
        partition: "no groups",
      });
      const items = cooked.events.filter(({ type }) => type === "item_failed") as unknown as {
        readonly item: { readonly node: string };
        readonly failure: { readonly cause: string; readonly message: string };
      }[];
      expect(Object.fromEntries(items.map(({ item, failure }) => [item.node, failure]))).toMatchObject({
        slots: { cause: "refused", message: expect.stringContaining("Cannot read properties of null") },
        nan: { cause: "refused", message: "a value that JSON cannot hold: NaN" },
      });
    }));
});

describe("a fault of the engine's own", () => {
  /** Cooks a graph of one file and one item with a machine of which one call is broken. */
  async function cookWith(space: Studio, files: Partial<Files>): Promise<readonly CookEvent[]> {
    space.write("in/a.txt", "a");
    space.graph("g.json", {
      files: { type: "studio/files", params: { directory: "in" } },
      up: { type: "studio/work", label: "up", inputs: ["files"] },
    });
    const tell = () => {};
    const { graph, project, store: folder } = await openGraph(space.path("g.json"), {}, { notify: tell });
    const store = await openStoreAt(folder, false, { notify: tell });
    const events: CookEvent[] = [];
    const outside = { clock: realClock, space: realSpace, start: startProcess, codes: () => new CodeReader() };
    const session = new Session({
      store,
      slots: { cpu: 1, gpu: 0 },
      sink: (event) => events.push(event),
      outside: { ...outside, files: { ...realFiles, ...files } },
    });
    try {
      await session.cook(graph, project, { dry: false, force: new Set() });
      return events;
    } finally {
      await session.close();
      await store.close();
    }
  }

  test.each(["entries", "stat"] as const)("in %s: the cook rejects with it, and no item or node is blamed", (name) =>
    inStudio(async (space) => {
      const failing = {
        [name]: () => {
          throw new TypeError("ours");
        },
      };
      await expect(cookWith(space, failing)).rejects.toThrow(new TypeError("ours"));
    }),
  );

  test("what the system refuses is no fault of ours: the node says it", () =>
    inStudio(async (space) => {
      const entries = () => {
        throw Object.assign(new Error("EACCES: permission denied"), { code: "EACCES" });
      };
      const events = await cookWith(space, { entries });
      expect(events.find(({ type }) => type === "node_failed")).toMatchObject({
        message: "The folder $HIP/in may not be read (permission denied).",
      });
    }));

  test("a command says whose it is, and where its log lies", () => {
    const { message, exit } = endOf(new TypeError("x is not iterable"));
    const log = /^dag met a fault of its own \(x is not iterable\)\. Please report it with its log: (.+)$/.exec(
      message,
    );
    expect(exit).toBe(4);
    expect(existsSync(log?.[1] ?? "")).toBe(true);
    expect(readFileSync(log?.[1] ?? "", "utf8")).toMatch(/^dag \d.*\n\nTypeError: x is not iterable\n +at /);
    const own = new UserError("No such file.", 2, { place: join("a", "g.json"), advice: "Give another." });
    expect(endOf(own)).toBe(own);
    expect(own.message).toBe("a/g.json No such file. Give another.");
  });
});
