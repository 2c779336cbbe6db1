/** Whatever was edited since: what a cook with a full store puts there is what a cook with an empty one makes. */
import { rmSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { randomStream } from "../../src/base/random.js";
import { inStudio, type Studio } from "../helpers/studio.js";

/** What a user may have edited. */
interface Edited {
  readonly files: Map<string, string>;
  readonly texts: { up: string; down: string; end: string };
  readonly values: Set<number>;
  keep: number;
  skipped: string;
  name: string;
}

type Draw = (below: number) => number;

const of = <T>(choices: readonly T[], draw: Draw): T => choices[draw(choices.length)] as T;

function change({ files }: Edited, draw: Draw): void {
  files.set(`f${draw(6)}`, `text ${draw(3)}`);
}

const EDITS: readonly ((edited: Edited, draw: Draw) => void)[] = [
  change,
  change,
  ({ files }, draw) => {
    if (files.size > 1) files.delete(of([...files.keys()], draw));
  },
  ({ values }, draw) => {
    values.add(draw(4));
  },
  ({ values }, draw) => {
    if (values.size > 1) values.delete(of([...values], draw));
  },
  ({ texts }, draw) => {
    texts.up = `u${draw(3)}`;
  },
  ({ texts }, draw) => {
    texts.down = of(["d", "@n", "@stem", "@pdg_index", "@grade"], draw);
  },
  ({ texts }, draw) => {
    texts.end = of(["e", "@partitionsize", '`pdginputsize("file")`'], draw);
  },
  (edited, draw) => {
    edited.keep = draw(8);
  },
  (edited, draw) => {
    edited.skipped = `f${draw(6)}`;
  },
  (edited, draw) => {
    edited.name = `name${draw(3)}`;
  },
];

function write(space: Studio, { files, texts, values, keep, skipped, name }: Edited): void {
  rmSync(space.path("in"), { recursive: true, force: true });
  for (const [file, text] of files) space.write(`in/${file}.txt`, text);
  const grade = { set: { grade: keep }, types: { grade: "int" } };
  space.graph("g.json", {
    files: { type: "studio/files", params: { directory: "in" } },
    [name]: {
      type: "studio/work",
      inputs: ["files"],
      params: { text: texts.up, keep: "6 - @pdg_index % 2", ...grade },
    },
    some: { type: "wedge", params: { attributes: [{ name: "n", type: "int", values: [...values] }] } },
    pairs: { type: "wedge", inputs: [name], params: { attributes: [{ name: "n", type: "int", values: [...values] }] } },
    down: {
      type: "studio/work",
      inputs: ["pairs"],
      params: { text: texts.down, keep, output: "out/@{stem}_@{n}.txt" },
      schedule_when: `@stem != "${skipped}"`,
    },
    all: { type: "wait_for_all", inputs: ["down", name] },
    end: { type: "studio/work", inputs: ["all"], params: { text: texts.end, output: "out/end.txt" } },
  });
}

/** All files in a folder with their text. */
function contents(space: Studio, folder: string): Record<string, string> {
  return space.exists(folder)
    ? Object.fromEntries(space.list(folder).map((name) => [name, space.read(`${folder}/${name}`)]))
    : {};
}

describe("incremental cooks", () => {
  const seeds = (process.env.SEEDS ?? "1").split(",").map(Number);
  test.each(seeds)("random edits: the same outputs as from nothing (seed %d)", (seed) =>
    inStudio(async (space) => {
      const stream = randomStream(seed, "edits");
      let place = 0;
      const draw: Draw = (below) => stream.integer(place++, below);
      const texts = { up: "u", down: "d", end: "e" };
      const edited: Edited = {
        ...{
          files: new Map([
            ["f1", "one"],
            ["f4", "four"],
          ]),
          values: new Set([1, 2]),
        },
        ...{ texts, keep: 5, skipped: "none", name: "up" },
      };
      for (let step = 0; step < Number(process.env.STEPS ?? 6); step++) {
        for (let edits = 1 + draw(3); edits > 0; edits--) of(EDITS, draw)(edited, draw);
        write(space, edited);
        rmSync(space.path("out"), { recursive: true, force: true });
        const kept = await space.cook("g.json");
        const made = contents(space, "out");
        rmSync(space.path("out"), { recursive: true, force: true });
        const anew = await space.cook("g.json", "--store", `fresh${step}`);
        expect([step, kept.exit, anew.exit, made]).toEqual([step, 0, 0, contents(space, "out")]);
        expect(Object.keys(made)).toContain("end.txt");
        space.cooked();
        const again = await space.cook("g.json");
        expect([step, again.exit, space.cooked()]).toEqual([step, 0, []]);
      }
    }),
  );
});
