/** `dag lineage FILE`: what a file came from, from the store's manifests alone. */
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, rmSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { inStudio, type Studio } from "../helpers/studio.js";

interface Told {
  readonly digest: string;
  readonly makers: readonly string[];
  readonly items: readonly {
    readonly fingerprint: string;
    readonly name: string;
    readonly node: string;
    readonly type: string;
    readonly params: Readonly<Record<string, unknown>>;
    readonly attributes: Readonly<Record<string, unknown>>;
    readonly inputs: readonly { readonly field: string; readonly name: string; readonly from?: string }[];
  }[];
  readonly sources: readonly { readonly digest: string; readonly name: string }[];
}

const sha = (text: string) => createHash("sha256").update(text).digest("hex");

/** Files a, b → up → one partition → end, put at out/end.txt. */
async function cooked(space: Studio): Promise<void> {
  space.write("in/a.txt", "a");
  space.write("in/b.txt", "b");
  space.graph("g.json", {
    files: { type: "studio/files", params: { directory: "in" } },
    up: { type: "studio/work", label: "up @stem", inputs: ["files"], params: { text: "1", reads: ["stem"] } },
    all: { type: "wait_for_all", inputs: ["up"] },
    end: { type: "studio/work", inputs: ["all"], params: { text: "!", number: 3, output: "out/end.txt" } },
  });
  expect((await space.cook("g.json")).exit).toBe(0);
}

describe("dag lineage", () => {
  test("the items, nodes, parameters and source files of an output, without the database", () =>
    inStudio(async (space) => {
      await cooked(space);
      for (const name of space.list(".dag").filter((each) => each.startsWith("store.db")))
        rmSync(space.path(`.dag/${name}`));
      const json = await space.dag("lineage", "out/end.txt", "--json");
      expect([json.exit, json.stderr]).toEqual([0, ""]);
      const told = JSON.parse(json.stdout) as Told;
      expect(told.digest).toBe(sha(space.read("out/end.txt")));
      const of = (node: string) => told.items.filter((item) => item.node === node);
      expect([of("end").length, of("up").length, told.items.length]).toEqual([1, 2, 3]);
      expect(told.makers).toEqual([of("end")[0]?.fingerprint]);
      expect(of("end")[0]).toMatchObject({ type: "studio/work@1", params: { text: "!", number: 3 } });
      expect(
        of("end")[0]
          ?.inputs.map(({ from }) => from)
          .sort(),
      ).toEqual(
        of("up")
          .map(({ fingerprint }) => fingerprint)
          .sort(),
      );
      expect(
        of("up")
          .map(({ attributes }) => attributes.stem)
          .sort(),
      ).toEqual(["a", "b"]);
      expect(told.sources).toEqual([
        { name: "a.txt", digest: sha("a") },
        { name: "b.txt", digest: sha("b") },
      ]);
      const { stdout } = await space.dag("lineage", "out/end.txt");
      expect(stdout).toMatch(/^end\.txt {2}[0-9a-f]{64}\n {2}end_\w{10} of node end \(studio\/work@1\), made 20\d\d-/);
      expect(stdout).toMatch(/\n {4}number=3 .*text="!"/);
      expect(stdout).toMatch(/\n {6}up_\w{10} of node up .*\n {8}.*@stem="a"/);
      expect(stdout).toContain(`Source files:\n  ${sha("a")}  a.txt\n  ${sha("b")}  b.txt\n`);
      expect(space.exists(".dag/store.db")).toBe(false);
    }));

  test("a copy elsewhere, under another name, is the same file; so is its digest", () =>
    inStudio(async (space) => {
      await cooked(space);
      mkdirSync(space.path("far/away"), { recursive: true });
      copyFileSync(space.path("out/end.txt"), space.path("far/away/renamed.bin"));
      const copy = await space.dag("lineage", "far/away/renamed.bin", "--json");
      const digest = await space.dag("lineage", sha(space.read("out/end.txt")), "--json");
      const { file: _, ...told } = JSON.parse(copy.stdout);
      expect(told).toMatchObject(JSON.parse(digest.stdout, (key, value) => (key === "file" ? undefined : value)));
      expect(told.items).toHaveLength(3);
    }));

  test("what no item made: a source file, an edited file, a folder, no file", () =>
    inStudio(async (space) => {
      await cooked(space);
      const said = async (file: string) => {
        const { exit, stdout, stderr } = await space.dag("lineage", file);
        return [exit, stdout, stderr];
      };
      expect(await said("in/a.txt")).toEqual([
        1,
        "",
        expect.stringMatching(/^in\/a\.txt was made by no item: it is a source file, which 1 result /),
      ]);
      space.write("out/end.txt", "edited");
      expect(await said("out/end.txt")).toEqual([
        1,
        "",
        expect.stringMatching(/It was edited, or comes from elsewhere\.\n$/),
      ]);
      expect(await said("out")).toEqual([2, "", "out is a folder: say which file in it.\n"]);
      expect(await said("none.txt")).toEqual([2, "", "There is no file none.txt.\n"]);
    }));

  test("an older result stays traceable after a newer one, with the parameters of its time; many inputs are folded", () =>
    inStudio(async (space) => {
      for (const name of ["a", "b", "c", "d", "e"]) space.write(`in/${name}.txt`, name);
      const graph = (number: number) =>
        space.graph("g.json", {
          files: { type: "studio/files", params: { directory: "in" } },
          all: { type: "wait_for_all", inputs: ["files"] },
          end: {
            type: "studio/work",
            inputs: ["all"],
            params: { number, text: String(number), output: "out/end.txt" },
          },
        });
      graph(1);
      await space.cook("g.json");
      copyFileSync(space.path("out/end.txt"), space.path("kept.txt"));
      graph(2);
      await space.cook("g.json");
      await space.dag("dirty", "end");
      const [kept, fresh] = [
        await space.dag("lineage", "kept.txt"),
        await space.dag("lineage", "out/end.txt", "--all"),
      ];
      expect(kept.stdout).toMatch(/number=1 /);
      expect(kept.stdout).toContain("and 2 more source files (--all shows them)");
      expect(fresh.stdout).toMatch(/number=2 /);
      expect(fresh.stdout.match(/\(source file\)/g)).toHaveLength(5);
    }));
});
