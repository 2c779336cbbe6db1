/** What surrounds an engine is not as it should be: clocks that lie, another engine, a store of another time or disk. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { inStudio, type Studio } from "../helpers/studio.js";

/** Three files, each cooked and put into `out`. */
function three(space: Studio): void {
  for (const name of ["a", "b", "c"]) space.write(`in/${name}.txt`, `${name}1`);
  space.graph("g.json", {
    files: { type: "studio/files", params: { directory: "in" } },
    up: { type: "studio/work", label: "@stem", inputs: ["files"], params: { output: "out/@stem.txt" } },
  });
}

describe("a clock that lies", () => {
  test.each([
    ["the future", 4_000_000_000],
    ["the beginning of time", 0],
  ])("files from %s: hit while they are the same, cooked when a byte changes under the same time", (_, time) =>
    inStudio(async (space) => {
      three(space);
      const stamp = () => {
        for (const name of ["a", "b", "c"]) utimesSync(space.path(`in/${name}.txt`), time, time);
      };
      stamp();
      expect([(await space.cook("g.json")).exit, space.cooked()]).toEqual([0, ["a", "b", "c"]]);
      expect([(await space.cook("g.json")).exit, space.cooked()]).toEqual([0, []]);
      space.write("in/b.txt", "b2");
      stamp();
      expect([(await space.cook("g.json")).exit, space.cooked(), space.read("out/b.txt")]).toEqual([0, ["b"], "b2"]);
    }),
  );

  test("set back by years between cooks: nothing is cooked again, and an edit is seen", () =>
    inStudio(async (space) => {
      three(space);
      const [now, before] = ["", "Date.now = ((real) => () => real() - 3e11)(Date.now);"].map(
        (text) => `--import=data:text/javascript,${encodeURIComponent(text)}`,
      );
      const { environment } = space;
      space.environment = { ...environment, NODE_OPTIONS: now };
      expect([(await space.cook("g.json")).exit, space.cooked()]).toEqual([0, ["a", "b", "c"]]);
      space.environment = { ...environment, NODE_OPTIONS: before };
      expect([(await space.cook("g.json")).exit, space.cooked()]).toEqual([0, []]);
      space.write("in/a.txt", "a2");
      expect([(await space.cook("g.json")).exit, space.cooked(), space.read("out/a.txt")]).toEqual([0, ["a"], "a2"]);
      expect((await space.dag("cache", "gc", "--days", "0")).exit).toBe(0);
      expect([(await space.cook("g.json")).exit, space.cooked()]).toEqual([0, []]);
    }));
});

test("two engines on one store: the second says who has it, with code 3; the first goes on", () =>
  inStudio(async (space) => {
    space.graph("g.json", { up: { type: "studio/work", label: "up", params: { how: "wait", output: "out/x.txt" } } });
    const first = space.startCook("g.json");
    await space.until("journal", "waits");
    const second = await space.dag("cook", "g.json", "--force", "up");
    expect([second.exit, second.stdout]).toEqual([3, ""]);
    expect(second.stderr).toContain(`is in use by process ${first.child.pid}. Wait until it ends, or stop it.`);
    expect((await space.dag("cache", "gc")).exit).toBe(3);
    space.go();
    expect([(await first.ended).exit, space.exists("out/x.txt")]).toEqual([0, true]);
  }));

test("a store of a newer version: refused in words with code 3, and nothing in it is touched", () =>
  inStudio(async (space) => {
    three(space);
    await space.cook("g.json");
    space.write(".dag/store.json", '{ "format": 99 }');
    const contents = () =>
      readdirSync(space.path(".dag"), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && entry.name !== "conformed")
        .map((entry) => join(entry.parentPath, entry.name))
        .sort()
        .map((path) => [path, statSync(path).mtimeMs, readFileSync(path, "base64")]);
    const before = contents();
    for (const command of [
      ["cook", "g.json"],
      ["cache", "gc"],
      ["cache", "verify"],
      ["cache", "stats"],
    ]) {
      const { exit, stderr } = await space.dag(...command);
      expect([command, exit, stderr]).toEqual([command, 3, expect.stringMatching(/\.dag.*newer/s)]);
    }
    expect(contents()).toEqual(before);
  }));

const devices = ["/dev/shm", tmpdir()].filter((path) => statSync(path, { throwIfNoEntry: false })?.isDirectory());
const apart = new Set(devices.map((path) => statSync(path).dev)).size > 1 ? test : test.skip;

apart("a store on another disk: outputs are put over, kept, and put back", () =>
  inStudio(async (space) => {
    const other = devices.find((path) => statSync(path).dev !== statSync(space.folder).dev)!;
    const folder = mkdtempSync(join(other, "dag-store-"));
    try {
      three(space);
      const store = ["--store", join(folder, "store")];
      expect([(await space.cook("g.json", ...store)).exit, space.cooked()]).toEqual([0, ["a", "b", "c"]]);
      rmSync(space.path("out/a.txt"));
      space.write("out/b.txt", "mine");
      expect([(await space.cook("g.json", ...store)).exit, space.cooked()]).toEqual([0, []]);
      expect(["a", "b", "c"].map((name) => space.read(`out/${name}.txt`))).toEqual(["a1", "b1", "c1"]);
      expect(space.read("out/b.txt.edited")).toBe("mine");
    } finally {
      rmSync(folder, { recursive: true });
    }
  }),
);
