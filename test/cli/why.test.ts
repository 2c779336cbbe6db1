/** `dag why`: the exact field, old and new, and the first cause upstream, through the command line. */
import { rmSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { inStudio, type Studio } from "../helpers/studio.js";

interface Told {
  readonly state: string;
  readonly cooked: readonly {
    readonly item: { readonly node: string };
    readonly reasons: readonly {
      readonly kind: string;
      readonly field?: string;
      readonly old?: readonly unknown[];
      readonly new?: readonly unknown[];
    }[];
    readonly causes: readonly {
      readonly kind: string;
      readonly item: { readonly label: string };
      readonly text: string;
    }[];
  }[];
}

/** Files → first → second → last, each of the one before; `more` is put over the nodes. */
function chain(space: Studio, more: Readonly<Record<string, object>> = {}): void {
  const work = (label: string, input: string) => ({
    type: "studio/work",
    label,
    inputs: [input],
    ...more[label.split(" ")[0]!],
  });
  space.graph("g.json", {
    files: { type: "studio/files", params: { directory: "in" } },
    first: work("first @stem", "files"),
    all: { type: "wait_for_all", inputs: ["first"] },
    second: work("second", "all"),
    last: work("last", "second"),
    ...more.nodes,
  });
}

async function cookedChain(space: Studio): Promise<void> {
  space.write("in/a.txt", "a");
  space.write("in/b.txt", "b");
  chain(space);
  expect((await space.cook("g.json")).exit).toBe(0);
}

/** Writes two files, in one order or the other. */
const PAIR = `
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { defineNode } from "dag-cook";

export default defineNode({
  description: "Two files.",
  version: 1,
  params: { reverse: { type: "boolean", default: false, description: "Whether b comes first." } },
  inputs: {},
  *generate() {
    yield { identity: null };
  },
  async cook(_item, { reverse }, { directory }) {
    const names = reverse ? ["b.txt", "a.txt"] : ["a.txt", "b.txt"];
    for (const name of names) writeFileSync(join(directory, name), name);
    return { outputs: names.map((path) => ({ path, tag: "file/text" })) };
  },
});
`;

const why = async (space: Studio, ...args: string[]) => (await space.dag("why", ...args)).stdout;
const asJson = async (space: Studio, ...args: string[]) => JSON.parse(await why(space, ...args, "--json")) as Told;

describe("dag why: the first cause", () => {
  test("a file's bytes and a parameter, three nodes above, before and after those between were cooked", () =>
    inStudio(async (space) => {
      await cookedChain(space);
      space.write("in/b.txt", "B");
      // Nothing of it is cooked yet: the topmost item that would be tells it.
      expect(await why(space, "last")).toMatch(
        /^last_\w+ may be cooked: .* 1 item above it\.\n {2}first_\w+: input\.main: content of file\/text "b\.txt" changed\n {4}because of files_\w+ \(b\): in\/b\.txt has other bytes\n$/,
      );
      // All above it is cooked: what it was made from is compared with what is there now.
      await space.cook("g.json", "--node", "second");
      expect(await why(space, "last")).toMatch(
        /^last_\w+ \(last\) would be cooked: input\.main: content of file\/text "made\.txt" changed\n {2}because of files_\w+ \(b\): in\/b\.txt has other bytes\n$/,
      );
      await space.cook("g.json");
      chain(space, { first: { params: { text: "more" } } });
      await space.cook("g.json", "--node", "second");
      expect((await asJson(space, "last")).cooked).toMatchObject([
        {
          item: { node: "last" },
          reasons: [{ kind: "input" }],
          causes: [
            { kind: "parameter", item: { label: "first a" }, text: 'param.text was "", is "more"' },
            { kind: "parameter", item: { label: "first b" }, text: 'param.text was "", is "more"' },
          ],
        },
      ]);
    }));

  test("a file that came, an attribute of a file, a value that a node above sets, another order", () =>
    inStudio(async (space) => {
      await cookedChain(space);
      space.write("in/c.txt", "c");
      await space.cook("g.json", "--node", "first");
      // A partition of others is another item; it is compared with the one whose place it took.
      const [came] = (await asJson(space, "second")).cooked;
      expect(came?.reasons).toMatchObject([{ kind: "never_cooked" }]);
      expect(came?.causes).toMatchObject([
        { item: { label: "first c" }, text: "made.txt is new" },
        { item: { label: "second" }, text: "input.main has 1 more items than before" },
      ]);
      const [above] = (await asJson(space, "first:2", "--force", "first")).cooked;
      expect(above?.reasons).toMatchObject([{ kind: "forced" }]);

      space.node("pair", PAIR);
      const pair = (reverse: boolean) =>
        space.graph("p.json", {
          pair: { type: "studio/pair", params: { reverse } },
          reader: { type: "studio/work", label: "reader", inputs: ["pair"] },
        });
      pair(false);
      await space.cook("p.json");
      pair(true);
      await space.cook("p.json", "--node", "pair");
      const [ordered] = (await asJson(space, "reader", "--graph", "p.json")).cooked;
      expect(ordered?.reasons).toMatchObject([{ kind: "order" }]);
      const value = (n: number) =>
        space.graph("n.json", {
          n: { type: "attribute_create", params: { attributes: [{ name: "n", type: "int", value: n }] } },
          reads: { type: "studio/work", label: "reads", inputs: ["n"], params: { reads: ["n"] } },
        });
      value(1);
      await space.cook("n.json");
      value(2);
      const [set] = (await asJson(space, "reads", "--graph", "n.json")).cooked;
      expect(set?.causes).toMatchObject([
        { kind: "attribute", item: { label: expect.stringMatching(/^n_/) }, text: "@n was 1, is 2" },
      ]);
    }));
});

describe("dag why: every sort of reason", () => {
  test("parameter, code by its module, environment, version, forced, dirty, no entry, a result that is gone", () =>
    inStudio(async (space) => {
      await cookedChain(space);
      const kinds = async (...args: string[]) => {
        const { cooked } = await asJson(space, ...args);
        return cooked.flatMap(({ reasons }) => reasons.map(({ kind }) => kind));
      };
      chain(space, { last: { params: { number: 4 } } });
      expect((await asJson(space, "last")).cooked[0]?.reasons).toMatchObject([
        { kind: "parameter", field: "param.number", old: [0], new: [4] },
      ]);
      chain(space, { last: { env: { LEVEL: "2" } } });
      expect(await why(space, "last")).toMatch(
        /would be cooked: the environment variable LEVEL is now "2" \(was not set\)\n$/,
      );
      expect(await kinds("last")).toEqual(["environment"]);
      chain(space);
      expect(await kinds("last", "--force", "last")).toEqual(["forced"]);
      await space.dag("dirty", "last");
      expect(await kinds("last")).toEqual(["dirty"]);
      expect((await space.dag("plan", "g.json")).stdout).toContain("1 × it was made dirty");
      await space.cook("g.json");
      expect((await asJson(space, "last")).state).toBe("cooked_cache");
      const source = space.read("nodes/studio/work.js");
      space.node("work", `${source}\nglobalThis.edited = 1;\n`);
      expect(await why(space, "first:0")).toMatch(/would be cooked: the node's code changed: work\.js\n$/);
      space.node("work", source.replace("version: 1", "version: 2"));
      expect(await kinds("first:0")).toEqual(["version"]);
      space.node("work", source);
      chain(space, { nodes: { other: { type: "studio/work", params: { text: "o" } } } });
      expect(await kinds("other")).toEqual(["never_cooked"]);
      rmSync(space.path(".dag/blobs"), { recursive: true });
      expect(await kinds("first:0")).toEqual(["lost"]);
    }));
});

test("one of very many items: it is found, alone looked up, and alone cooked", () =>
  inStudio(async (space) => {
    space.graph("g.json", {
      many: { type: "generic_generator", params: { count: 1200 } },
      up: { type: "studio/work", label: "`@number`", inputs: ["many"], params: { number: "@number" } },
    });
    expect(await why(space, "up:1100", "--graph", "g.json")).toMatch(/^up_\w+ \(1100\) would be cooked: /);
    const { exit } = await space.dag("cook", "g.json", "--item", "up:1100");
    expect([exit, space.cooked()]).toEqual([0, ["1100"]]);
    expect(await why(space, "up:1100")).toMatch(/^up_\w+ \(1100\) is up to date: its result is in the store\.$/m);
    const several = await space.dag("why", "up");
    expect([several.exit, several.stderr]).toEqual([2, 'Node "up" has 1200 items: say which, such as up:0.\n']);
  }));
