/** Flags of attributes, and the environment of items' work, through the real command line. */
import { describe, expect, test } from "@jest/globals";
import { cookedItems, failuresIn, reasonsIn } from "../helpers/cook-space.js";
import { inStudio, type Studio } from "../helpers/studio.js";

/** Writes the variables that it declares, and what process.env has of them. */
const VARIABLES = `
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { defineNode } from "dag-cook";

export default defineNode({
  description: "Writes variables.",
  version: 1,
  params: {
    names: { type: "array", items: { type: "string" }, default: [], description: "Which; none: any." },
    output: { type: "string", path: "output", required: true, description: "Where." },
  },
  environment: ({ names }) => (names.length === 0 ? "any" : names),
  async cook(item, { output }, { env, directory }) {
    const said = Object.entries(env).map(([name, value]) => name + "=" + value + (process.env[name] === value ? "" : "!"));
    writeFileSync(join(directory, output), said.sort().join(" "));
    return { outputs: [{ path: output, tag: "file/text", parameter: "output" }] };
  },
});
`;

const created = (inputs: string[], ...attributes: object[]) => ({
  type: "attribute_create",
  inputs,
  params: { attributes },
});
const numbers = { type: "wedge", params: { attributes: [{ name: "n", type: "int", values: [1, 2] }] } };
const one = { name: "scale", type: "float", value: "`@n / 2`" };

const check = async (space: Studio) => (await space.dag("check", "g.json")).stderr.split("\n")[0];

describe("flags of attributes", () => {
  test("no_copy: the item has it, those below do not, which is known before the cook", () =>
    inStudio(async (space) => {
      const nodes = {
        numbers,
        own: { ...created(["numbers"], { ...one, no_copy: true }), label: "@scale" },
        below: { type: "studio/work", inputs: ["own"], label: "below @n", params: { text: "@n" } },
      };
      space.graph("g.json", nodes);
      const cooked = await space.cook("g.json");
      expect([cooked.exit, failuresIn(cooked)]).toEqual([0, {}]);
      const columns = ["--columns", "scale", "--csv"];
      expect((await space.dag("items", "g.json", "--node", "own", ...columns)).stdout).toBe("scale\n0.5\n1\n");
      expect((await space.dag("items", "g.json", "--node", "below", ...columns)).stdout).toBe("scale\n\n\n");
      space.graph("g.json", { ...nodes, below: { ...nodes.below, params: { text: "@scale" } } });
      expect(await check(space)).toMatch(/There is no attribute "scale" here/);
    }));

  test("read_only: a node below that writes it is a diagnostic; one that writes it unforeseen fails", () =>
    inStudio(async (space) => {
      const own = created(["numbers"], { ...one, read_only: true });
      space.graph("g.json", { numbers, own, again: created(["own"], { ...one, value: 3 }) });
      expect(await check(space)).toMatch(
        /^g\.json:\d+:\d+ Node "again" writes the attribute "scale", which a node above it made/,
      );
      space.graph("g.json", {
        numbers,
        own,
        work: { type: "studio/work", inputs: ["own"], label: "@n", params: { text: "@n", set: { scale: 1 } } },
      });
      const { 1: failure } = failuresIn(await space.cook("g.json"));
      expect(failure).toContain('wrote the attribute "scale", which a node above it made read-only.');
    }));

  test("env_export: what declares the variable gets its value, and is cooked again for another; the rest is not", () =>
    inStudio(async (space) => {
      space.node("variables", VARIABLES);
      const nodes = (value: unknown) => ({
        numbers,
        own: created(
          ["numbers"],
          { ...one, env_export: true },
          { name: "MODE", type: "string", value, env_export: true },
        ),
        scale: {
          type: "studio/variables",
          inputs: ["own"],
          label: "scale @n",
          params: { names: ["scale"], output: "scale/@n" },
        },
        any: {
          type: "studio/variables",
          inputs: ["own"],
          label: "any @n",
          params: { output: "any/@n" },
          env: { MORE: "$OS" },
        },
      });
      space.graph("g.json", nodes("fast"));
      const cooked = await space.cook("g.json");
      expect([cooked.exit, failuresIn(cooked)]).toEqual([0, {}]);
      expect(space.read("scale/1")).toBe("scale=0.5");
      expect(space.read("any/2")).toBe("MODE=fast MORE=any scale=1");
      space.graph("g.json", nodes("slow"));
      const slow = await space.cook("g.json");
      expect(cookedItems(slow.events).map((name) => name.split("_")[0])).toEqual(["any", "any"]);
      expect(reasonsIn(slow)["any 1"]).toBe('the environment variable MODE was "fast", is "slow"');
    }));

  test("a declared variable of the engine's own environment counts, too", () =>
    inStudio(async (space) => {
      space.node("variables", VARIABLES);
      space.graph("g.json", { v: { type: "studio/variables", params: { names: ["COLOUR"], output: "v" } } });
      const cook = async (COLOUR: string | undefined) => {
        space.environment = { ...space.environment, COLOUR };
        await space.cook("g.json");
        return space.read("v");
      };
      expect([await cook("red"), await cook("blue"), await cook(undefined)]).toEqual(["COLOUR=red", "COLOUR=blue", ""]);
    }));
});
