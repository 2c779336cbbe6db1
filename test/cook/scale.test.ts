/**
 * Graphs whose shape, and not whose work, is large. The bounds are many times what each takes on a busy machine, and a small
 * part of what it took when it grew with the square of the graph, or with two to its depth.
 */
import { describe, expect, test } from "@jest/globals";
import { CookSpace } from "../helpers/cook-space.js";

type Nodes = Record<string, unknown>;

const plusOne = (name: string, input: string): unknown => ({
  type: "attribute_create",
  inputs: [input],
  params: { attributes: [{ name, type: "int", value: `\`@${name} + 1\`` }] },
});

async function inSpace(work: (space: CookSpace) => Promise<void>): Promise<void> {
  const space = new CookSpace();
  try {
    await work(space);
  } finally {
    space.remove();
  }
}

/** The last line of the items' table, by column. */
function lastOf(csv: string): string[] {
  return csv.trim().split("\n").at(-1)!.split(",");
}

describe("a graph of many nodes", () => {
  test("a ladder of 61 partitions and items", () =>
    inSpace(async (space) => {
      const nodes: Nodes = { m0: { type: "generic_generator", params: { count: 1 } } };
      for (let level = 1; level <= 20; level++) {
        for (const side of ["a", "b"]) nodes[`${side}${level}`] = plusOne("number", `m${level - 1}`);
        nodes[`m${level}`] = { type: "wait_for_all", inputs: [`a${level}`, `b${level}`] };
      }
      space.graph("g.json", nodes);
      const start = performance.now();
      expect((await space.cook("g.json")).exit).toBe(0);
      const listed = await space.dag("items", "g.json", "--columns", "name,number", "--csv");
      expect([listed.exit, lastOf(listed.stdout)[1]]).toEqual([0, "20"]);
      expect((await space.dag("items", "g.json", "--json")).exit).toBe(0);
      expect(performance.now() - start).toBeLessThan(30_000);
    }));

  test("a chain of 3,000", () =>
    inSpace(async (space) => {
      const nodes: Nodes = {
        n1: { type: "attribute_create", params: { attributes: [{ name: "x", type: "int", value: 0 }] } },
      };
      for (let place = 2; place <= 3000; place++) nodes[`n${place}`] = plusOne("x", `n${place - 1}`);
      space.graph("g.json", nodes);
      const start = performance.now();
      expect((await space.cook("g.json")).exit).toBe(0);
      const listed = await space.dag("items", "g.json", "--node", "n3000", "--columns", "name,x", "--csv");
      expect([listed.exit, lastOf(listed.stdout)[1]]).toEqual([0, "2999"]);
      expect(performance.now() - start).toBeLessThan(30_000);
    }));

  test("many items of two inputs that meet by an attribute", () =>
    inSpace(async (space) => {
      space.node(
        "meet",
        `import { defineNode } from "dag-cook";
        export default defineNode({
          description: "Meets.", version: 1, params: {},
          inputs: { a: { description: "One." }, b: { description: "Other." } },
          meet: { by: "number" }, attributes: { reads: ["number"] },
        });`,
      );
      const generator = { type: "generic_generator", params: { count: 20_000 } };
      space.graph("g.json", {
        one: generator,
        other: generator,
        both: { type: "studio/meet", inputs: { a: ["one"], b: ["other"] } },
      });
      const start = performance.now();
      const { exit, events } = await space.cook("g.json");
      expect([exit, events.at(-1)]).toEqual([
        0,
        expect.objectContaining({ counts: expect.objectContaining({ cooked_success: 60_000 }) }),
      ]);
      expect(performance.now() - start).toBeLessThan(30_000);
    }));
});

describe("a stop", () => {
  test("is heard while a node makes items, and nothing more is made", () =>
    inSpace(async (space) => {
      space.graph("g.json", {
        many: { type: "generic_generator", params: { count: 400_000 } },
        below: {
          type: "attribute_create",
          inputs: ["many"],
          params: { attributes: [{ name: "x", type: "int", value: "`@number`" }] },
        },
      });
      const { child, ended } = space.startCook("g.json");
      await new Promise<void>((told) => {
        child.stderr.on("data", (text: string) => {
          if (text.includes("node_generated")) told();
        });
      });
      const stopped = performance.now();
      child.kill("SIGINT");
      const { exit, events } = await ended;
      expect(exit).toBe(130);
      expect(events.filter(({ type }) => type === "stop_asked")).toHaveLength(1);
      // Hearing takes a twentieth of a second; what was made is told of, and given up.
      expect(performance.now() - stopped).toBeLessThan(20_000);
    }));
});

test("a stop is heard while a million variations are made, or a folder of many files is looked at", () =>
  inSpace(async (space) => {
    const values = Array.from({ length: 1000 }, (_, value) => value);
    const attributes = ["a", "b"].map((name) => ({ name, type: "int", values }));
    space.graph("wedge.json", { all: { type: "wedge", params: { attributes } } });
    for (let file = 0; file < 20_000; file++) space.write(`many/${file}.txt`, "");
    space.graph("files.json", { all: { type: "file_pattern", params: { directory: "many", pattern: "*" } } });
    for (const graph of ["wedge.json", "files.json"]) {
      const { child, ended } = space.startCook(graph);
      let signaled = Number.NaN;
      let heard = Number.NaN;
      child.stderr.on("data", (text: string) => {
        if (Number.isNaN(signaled) && text.includes('"cook_started"')) {
          // It is in the midst of it by then.
          setTimeout(() => {
            signaled = performance.now();
            child.kill("SIGINT");
          }, 300);
        }
        if (Number.isNaN(heard) && text.includes("Stopping:")) heard = performance.now();
      });
      expect((await ended).exit).toBe(130);
      expect(heard - signaled).toBeLessThan(2500);
    }
  }));

test("the table of 200,000 items is shown", () =>
  inSpace(async (space) => {
    space.graph("g.json", { all: { type: "generic_generator", params: { count: 200_000 } } });
    const { exit, stdout, stderr } = await space.dag("items", "g.json", "--columns", "number");
    const lines = stdout.trim().split("\n");
    expect([exit, stderr, lines.length, lines[0], lines[1], lines.at(-1)]).toEqual([
      0,
      "",
      200_001,
      "number",
      "     0",
      "199999",
    ]);
  }));
