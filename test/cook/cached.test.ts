/** What the store holds is not cooked again, and what decides that is content alone. */
import { cpSync, mkdirSync, renameSync, rmSync, utimesSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { CookSpace, itemsThat, reasonsIn } from "../helpers/cook-space.js";
import { inStudio, Studio } from "../helpers/studio.js";

/** a.txt and b.txt, each through `first` and then `second`; both together in `last`. */
function chain(space: Studio, last: object = {}, first: object = {}): void {
  const work = { type: "studio/work", label: { inherit: true } };
  space.graph("g.json", {
    files: { type: "studio/files", params: { directory: "in" } },
    first: { ...work, inputs: ["files"], label: "first @stem", params: { text: "1", ...first } },
    second: { ...work, inputs: ["first"], label: "second @stem", params: { text: "2" } },
    all: { type: "wait_for_all", inputs: ["second"] },
    last: { ...work, inputs: ["all"], label: "last", params: { text: "!", output: "out/last.txt", ...last } },
  });
}

function twoFiles(space: Studio): void {
  space.write("in/a.txt", "alpha\n");
  space.write("in/b.txt", "beta\n");
}

const EVERYTHING = ["first a", "first b", "last", "second a", "second b"];

describe("cache", () => {
  test("a second cook: nothing is cooked, a touched file is a hit, a changed byte cooks its chain alone", () =>
    inStudio(async (space) => {
      twoFiles(space);
      chain(space);
      const once = await space.cook("g.json");
      expect([once.exit, space.cooked()]).toEqual([0, EVERYTHING]);
      expect(space.read("out/last.txt")).toBe("alpha\n12beta\n12!");
      expect(Object.values(reasonsIn(once))).toEqual(Array(5).fill("never cooked"));

      const again = await space.cook("g.json");
      expect([again.exit, space.cooked()]).toEqual([0, []]);
      expect(itemsThat("cooked_cache", again)).toEqual(EVERYTHING);
      expect(itemsThat("cooking", again)).toEqual([]);

      utimesSync(space.path("in/a.txt"), new Date(), new Date());
      await space.cook("g.json");
      expect(space.cooked()).toEqual([]);

      space.write("in/a.txt", "alphA\n");
      const changed = await space.cook("g.json");
      expect(space.cooked()).toEqual(["first a", "last", "second a"]);
      expect(reasonsIn(changed)["first a"]).toContain("a.txt");
      expect(space.read("out/last.txt")).toBe("alphA\n12beta\n12!");

      space.write("in/a.txt", "alpha\n");
      await space.cook("g.json");
      expect(space.cooked()).toEqual([]);
      expect(space.read("out/last.txt")).toBe("alpha\n12beta\n12!");
    }));

  test("a byte changed behind an unchanged time and size: it is seen all the same", () =>
    inStudio(async (space) => {
      twoFiles(space);
      const past = new Date(Date.now() - 100_000);
      utimesSync(space.path("in/a.txt"), past, past);
      chain(space);
      await space.cook("g.json");
      space.cooked();
      space.write("in/a.txt", "ALPHA\n");
      utimesSync(space.path("in/a.txt"), past, past);
      await space.cook("g.json");
      expect(space.cooked()).toEqual(["first a", "last", "second a"]);
    }));

  test("a changed parameter: what lies below is cooked, and only as far as the bytes differ", () =>
    inStudio(async (space) => {
      twoFiles(space);
      chain(space, { keep: 5 });
      await space.cook("g.json");
      space.cooked();
      const changed = await space.cook("g.json", "--set", 'second.text="3"');
      // The last one reads both files anew: what it is given has changed, what it makes of it has not.
      expect(space.cooked()).toEqual(["last", "second a", "second b"]);
      expect(reasonsIn(changed)["second a"]).toBe('param.text was "2", is "3"');
      expect(itemsThat("cooked_cache", changed)).toEqual(["first a", "first b"]);

      const quiet = await space.cook("g.json", "--set", 'second.text="3"', "--set", 'last.how="anything"');
      expect([quiet.exit, space.cooked()]).toEqual([0, []]);
    }));

  test("early cutoff: the same bytes from a recooked item stop the recook", () =>
    inStudio(async (space) => {
      space.write("in/a.txt", "alpha 1\n");
      chain(space, {}, { keep: 5 });
      await space.cook("g.json");
      space.cooked();
      space.write("in/a.txt", "alpha 2\n");
      await space.cook("g.json");
      expect(space.cooked()).toEqual(["first a"]);

      const tagged = await space.cook("g.json", "--set", 'first.tag="file/other"');
      expect(space.cooked()).toEqual(["first a", "second a"]);
      expect(reasonsIn(tagged)["second a"]).toContain("made.txt");
    }));

  test("an attribute that a cook writes: it recooks those that read it, and no others", () =>
    inStudio(async (space) => {
      const nodes = (grade: number) => ({
        up: {
          type: "studio/work",
          label: "up",
          params: { set: { grade, other: 1 }, types: { grade: "int", other: "int" } },
        },
        reads: { type: "studio/work", label: "reads", inputs: ["up"], params: { reads: ["grade"] } },
        blind: { type: "studio/work", label: "blind", inputs: ["up"], params: { reads: ["other"] } },
        uses: { type: "studio/work", label: "uses", inputs: ["up"], params: { number: "@grade * 0" } },
      });
      space.graph("g.json", nodes(1));
      await space.cook("g.json");
      space.cooked();
      space.graph("g.json", nodes(2));
      const changed = await space.cook("g.json");
      expect(space.cooked()).toEqual(["reads", "up"]);
      expect(reasonsIn(changed).reads).toContain("@grade was 1, is 2");
    }));

  test("twins: items that are the same work are cooked once", () =>
    inStudio(async (space) => {
      const values = { attributes: [{ name: "n", type: "int", values: [1, 2, 3] }] };
      space.graph("g.json", {
        three: { type: "wedge", params: values },
        same: { type: "studio/work", label: "same @n", inputs: ["three"], params: { text: "same" } },
      });
      const twins = await space.cook("g.json");
      expect([twins.exit, space.cooked().length]).toEqual([0, 1]);
      expect(itemsThat("cooked_success", twins).length + itemsThat("cooked_cache", twins).length).toBe(3);
      const last = twins.events.at(-1) as unknown as { readonly cooked: number };
      expect(last.cooked).toBe(1);
    }));
});

describe("outputs", () => {
  test("another output folder: nothing is cooked, the file is put there", () =>
    inStudio(async (space) => {
      twoFiles(space);
      chain(space);
      await space.cook("g.json");
      space.cooked();
      chain(space, { output: "elsewhere/deep/last.txt" });
      const moved = await space.cook("g.json");
      expect([moved.exit, space.cooked()]).toEqual([0, []]);
      expect(space.read("elsewhere/deep/last.txt")).toBe(space.read("out/last.txt"));

      chain(space, { output: "out/other.txt" });
      await space.cook("g.json");
      expect(space.cooked()).toEqual(["last"]);
    }));

  test("a deleted output is restored, an edited one is moved aside, both without a cook", () =>
    inStudio(async (space) => {
      twoFiles(space);
      chain(space);
      await space.cook("g.json");
      const made = space.read("out/last.txt");
      space.cooked();

      rmSync(space.path("out"), { recursive: true });
      await space.cook("g.json");
      expect(space.read("out/last.txt")).toBe(made);

      space.write("out/last.txt", "my edit");
      const edited = await space.cook("g.json");
      expect(space.read("out/last.txt")).toBe(made);
      expect(space.read("out/last.txt.edited")).toBe("my edit");
      expect(edited.events.filter(({ type }) => type === "output_placed").map(({ how }) => how)).toEqual([
        "placed_beside_edited",
      ]);

      space.write("out/last.txt", "a second edit");
      space.write("in/a.txt", "new\n");
      space.cooked();
      await space.cook("g.json");
      expect(space.read("out/last.txt")).toContain("new");
      expect(space.read("out/last.txt.edited")).toBe("my edit");
      expect(space.read("out/last.txt.edited.2")).toBe("a second edit");
    }));

  test("two items that claim one path: the second fails, naming both and the way out", () =>
    inStudio(async (space) => {
      const values = { attributes: [{ name: "n", type: "int", values: [1, 2] }] };
      const nodes = (output: string) => ({
        two: { type: "wedge", params: values },
        made: { type: "studio/work", label: "made @n", inputs: ["two"], params: { text: "@n", output } },
      });
      space.graph("g.json", nodes("out/one.txt"));
      const clash = await space.dag("cook", "g.json");
      expect(clash.exit).toBe(1);
      expect(clash.stderr).toMatch(/made_\w+ and made_\w+ both write to "\$HIP\/out\/one\.txt" \(parameter "output"/);
      expect(clash.stderr).toContain("@wedgeindex or @pdg_name.\n");
      space.graph("g.json", nodes("out/{name}.txt"));
      expect((await space.dag("plan", "g.json")).stderr).toContain(
        "what stands in braces is known only when they have",
      );

      space.graph("g.json", nodes("out/@{n}.txt"));
      expect((await space.cook("g.json")).exit).toBe(0);
      expect([space.read("out/1.txt"), space.read("out/2.txt")]).toEqual(["1", "2"]);
    }));

  test("two nodes that claim one path differently spelled: that is a clash too", () =>
    inStudio(async (space) => {
      const made = (output: string, text: string) => ({ type: "studio/work", params: { output, text } });
      space.graph("sub/g.json", { one: made("../out/x.txt", "1"), two: made("./../out/../out/x.txt", "2") });
      const clash = await space.dag("cook", "sub/g.json");
      expect(clash.exit).toBe(1);
      expect(clash.stderr).toContain("both write to");
    }));
});

describe("keys", () => {
  test("the whole project in another folder: nothing is cooked, from whatever working folder", () =>
    inStudio(async (space) => {
      twoFiles(space);
      chain(space);
      await space.cook("g.json");
      space.cooked();
      const moved = new CookSpace();
      try {
        rmSync(moved.folder, { recursive: true });
        mkdirSync(moved.folder);
        cpSync(space.folder, `${moved.folder}/project`, { recursive: true, verbatimSymlinks: true });
        moved.environment = space.environment;
        mkdirSync(moved.path("elsewhere"));
        const again = await moved.cook("project/g.json");
        expect([again.exit, space.cooked()]).toEqual([0, []]);
        expect(itemsThat("cooked_cache", again)).toEqual(EVERYTHING);
        renameSync(moved.path("project"), moved.path("elsewhere/renamed"));
        const third = await moved.cook("elsewhere/renamed/g.json", "--store", "elsewhere/renamed/.dag");
        expect([third.exit, space.cooked()]).toEqual([0, []]);
      } finally {
        moved.remove();
      }
    }));

  test("the same graph on another machine's paths: names and manifests are the same, none holds a folder", async () => {
    const one = new Studio();
    const two = new Studio();
    try {
      const names: string[] = [];
      for (const space of [one, two]) {
        twoFiles(space);
        chain(space);
        await space.cook("g.json");
        const { stdout } = await space.dag("items", "g.json", "--json");
        names.push(stdout);
        for (const manifest of manifestsOf(space)) expect(manifest).not.toContain(space.folder);
      }
      expect(names[0]).toBe(names[1]);
      expect(manifestsOf(one)).toEqual(manifestsOf(two));
    } finally {
      one.remove();
      two.remove();
    }
  });
});

/** What decided each result, as the files beside the store tell it; sorted. */
function manifestsOf(space: Studio): string[] {
  const found: string[] = [];
  const lines = space.read(`.dag/manifests/${manifestFile(space)}`).split("\n");
  for (const line of lines) {
    if (line === "") continue;
    const { manifest } = JSON.parse(line) as { readonly manifest?: string };
    if (manifest !== undefined) found.push(manifest);
  }
  expect(found.length).toBe(5);
  return found.sort();
}

function manifestFile(space: Studio): string {
  const [file] = space.list(".dag/manifests");
  return file ?? "";
}
