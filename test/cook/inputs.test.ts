/** Inputs by name, how they meet, and what partitions give to those that consume them. */
import { describe, expect, test } from "@jest/globals";
import { inStudio, type Studio } from "../helpers/studio.js";

const meeting = (meet: string) => `
import { writeFileSync } from "node:fs";
import { defineNode } from "dag-cook";
export default defineNode({
  description: "Writes which files met.",
  version: 1,
  params: { output: { type: "string", path: "output", required: true, description: "Where." } },
  inputs: { model: { description: "Models." }, images: { description: "Images.", optional: true } },
  ${meet}
  attributes: { reads: ["n", "m", "key"] },
  async cook(item, { output }, { directory }) {
    const told = ([name, members]) =>
      name + ":" + members.map(({ files, attributes }) => files.map(({ name, tag }) => name + " " + tag) + JSON.stringify(attributes)).join("+");
    writeFileSync(directory + "/" + output, Object.entries(item.inputs).map(told).join(" | "));
    return { outputs: [{ path: output, tag: "file/text", parameter: "output" }] };
  },
});
`;

const wedge = (name: string, ...values: (number | string)[]) => ({
  type: "wedge",
  params: { attributes: [{ name, type: typeof values[0] === "string" ? "string" : "int", values }] },
});

function twoBranches(space: Studio): Record<string, object> {
  space.node("meet", meeting(""));
  return {
    ns: wedge("n", 1, 2),
    model: { type: "studio/work", inputs: ["ns"], params: { text: "@n", output: "models/m@{n}.txt" } },
    ms: wedge("m", 7, 8),
    image: {
      type: "studio/work",
      inputs: ["ms"],
      params: { text: "@m", output: "images/i@{m}.txt", tag: "file/image" },
    },
  };
}

describe("named inputs", () => {
  test("each with each: an item a pair, first input first; attributes by member", () =>
    inStudio(async (space) => {
      const output = "out/@{n}_@{m}.txt";
      space.graph("g.json", {
        ...twoBranches(space),
        pairs: { type: "studio/meet", inputs: { model: ["model"], images: ["image"] }, params: { output } },
      });
      expect((await space.cook("g.json")).exit).toBe(0);
      expect(space.list("out")).toEqual(["1_7.txt", "1_8.txt", "2_7.txt", "2_8.txt"]);
      expect(space.read("out/2_7.txt")).toBe('model:m2.txt file/text{"n":2} | images:i7.txt file/image{"m":7}');

      space.graph("g.json", {
        ...twoBranches(space),
        alone: { type: "studio/meet", inputs: { model: ["model"] }, params: { output: "alone/@{n}.txt" } },
      });
      expect((await space.cook("g.json")).exit).toBe(0);
      expect(space.read("alone/1.txt")).toBe('model:m1.txt file/text{"n":1} | images:');
    }));

  test("all, and by an attribute", () =>
    inStudio(async (space) => {
      const branches = twoBranches(space);
      space.node("all", meeting('meet: "all",'));
      space.node("by", meeting('meet: { by: "key" },'));
      const keyed = (from: string, key: string) => ({
        type: "attribute_create",
        inputs: [from],
        params: { attributes: [{ name: "key", type: "int", value: key }] },
      });
      space.graph("g.json", {
        ...branches,
        km: keyed("model", "`@n % 2`"),
        ki: keyed("image", "`@m % 2`"),
        all: { type: "studio/all", inputs: { model: ["model"], images: ["image"] }, params: { output: "out/all.txt" } },
        by: { type: "studio/by", inputs: { model: ["km"], images: ["ki"] }, params: { output: "out/by@{key}.txt" } },
      });
      expect((await space.cook("g.json")).exit).toBe(0);
      expect(space.read("out/all.txt")).toBe(
        'model:m1.txt file/text{"n":1}+m2.txt file/text{"n":2} | images:i7.txt file/image{"m":7}+i8.txt file/image{"m":8}',
      );
      expect(space.list("out")).toEqual(["all.txt", "by0.txt", "by1.txt"]);
      expect(space.read("out/by1.txt")).toBe(
        'model:m1.txt file/text{"key":1,"n":1} | images:i7.txt file/image{"key":1,"m":7}',
      );
    }));

  test("an input that is missing, unknown, or names no node: a diagnostic", () =>
    inStudio(async (space) => {
      space.node("meet", meeting(""));
      space.graph("g.json", {
        none: { type: "studio/meet", params: { output: "x" } },
        wrong: { type: "studio/meet", inputs: { modell: ["none"] }, params: { output: "y" } },
        lost: { type: "studio/meet", inputs: { model: ["nonne"] }, params: { output: "z" } },
      });
      const { exit, stderr } = await space.dag("check", "g.json");
      expect(exit).toBe(2);
      expect(stderr).toMatch(/g\.json:\d+:\d+ .*"none".*"model"/);
      expect(stderr).toMatch(/g\.json:\d+:\d+ .*"modell".* Did you mean "model"\?/);
      expect(stderr).toMatch(/g\.json:\d+:\d+ .*"nonne".* Did you mean "none"\?/);
    }));
});

describe("partitions", () => {
  test("members keep their order whichever was cooked first, and their files stay with them", () =>
    inStudio(async (space) => {
      space.node("meet", meeting(""));
      space.graph("g.json", {
        ns: wedge("n", 1, 2, 3),
        up: { type: "studio/work", inputs: ["ns"], params: { text: "@n", output: "up/f@{n}.txt" }, priority: "@n" },
        more: {
          type: "studio/work",
          inputs: ["up"],
          params: { text: "m", output: "more/g@{n}.txt" },
          schedule_when: "@n != 2",
        },
        all: { type: "wait_for_all", inputs: ["up", "more"] },
        told: { type: "studio/meet", inputs: { model: ["all"] }, params: { output: "told.txt" } },
      });
      const cooked = await space.cook("g.json", "--cpu-slots", "1");
      expect(cooked.exit).toBe(0);
      const file = (name: string, n: number) => `${name}${n}.txt file/text{"n":${n}}`;
      const members = [file("f", 1), file("f", 2), file("f", 3), file("g", 1), file("g", 3)];
      expect(space.read("told.txt")).toBe(`model:${members.join("+")} | images:`);

      const { stdout } = await space.dag("items", "g.json", "--node", "all", "--json");
      const [partition] = JSON.parse(stdout) as { attributes: Record<string, unknown>; outputs: { name: string }[] }[];
      expect(partition?.attributes.partitionsize).toBe(6);
      expect(partition?.outputs.map(({ name }) => name)).toEqual(["f1.txt", "f2.txt", "f3.txt", "g1.txt", "g3.txt"]);
    }));

  test("an empty folder, where that is allowed: no items, no partition, nothing fails", () =>
    inStudio(async (space) => {
      space.write("in/readme.md", "no text file");
      space.graph("g.json", {
        files: { type: "studio/files", params: { directory: "in" } },
        up: { type: "studio/work", inputs: ["files"] },
        all: { type: "wait_for_all", inputs: ["up"] },
        end: { type: "studio/work", inputs: ["all"] },
      });
      const empty = await space.cook("g.json");
      expect([empty.exit, space.cooked()]).toEqual([0, []]);
      expect(empty.events.at(-1)).toMatchObject({ type: "cook_finished", exit: 0, cooked: 0 });
    }));

  test("bypass: the node's first input passes through it", () =>
    inStudio(async (space) => {
      space.graph("g.json", {
        ns: wedge("n", 1, 2),
        up: { type: "studio/work", inputs: ["ns"], params: { text: "@n" } },
        not: { type: "studio/work", inputs: ["up"], params: { text: "!" }, bypass: true },
        down: { type: "studio/work", inputs: ["not"], params: { text: "d", output: "out/@{n}.txt" } },
      });
      expect((await space.cook("g.json")).exit).toBe(0);
      expect([space.read("out/1.txt"), space.read("out/2.txt")]).toEqual(["1d", "2d"]);
    }));
});
