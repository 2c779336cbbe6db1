/**
 * Where items each follow from one file, only pieces in which a file is another are judged: each case is a cook after a change, what
 * it cooked, and how many items it found in the store by looking at them one by one. Pieces are of two files here.
 */
import { renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, test } from "@jest/globals";
import { Session } from "../../src/cook/session.js";
import "../../src/store/open.js";
import "../../src/store/libsql.js";
import { openGraph, openStoreAt } from "../../src/engine/open.js";
import type { CookEvent } from "../../src/event/event.js";
import { inStudio, type Studio } from "../helpers/studio.js";

const FILES = ["f1", "f2", "f3", "f9", "f10", "f11", "f12"];

/** Copies its file in capitals; of one that begins with `bad` it fails. */
const CAPITALS = `
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { defineNode } from "dag-cook";

export default defineNode({
  description: "Capitals.",
  version: 1,
  params: { output: { type: "string", path: "output", required: true, description: "Where." } },
  async cook({ inputs }, { output }, { directory }) {
    const text = readFileSync(inputs.main[0].files[0].path, "utf8");
    if (text.startsWith("bad")) throw new Error("bad text");
    writeFileSync(join(directory, output), text.toUpperCase());
    return { outputs: [{ path: output, tag: "file/text", parameter: "output" }] };
  },
});
`;

/** An item for each file that is known by its content. */
const BY_CONTENT = `
import { defineNode } from "dag-cook";

export default defineNode({
  description: "Files by content.",
  version: 1,
  params: { directory: { type: "string", path: "input", required: true, description: "Folder." } },
  inputs: {},
  attributes: { writes: { filename: "string" } },
  perFile: true,
  discover: ({ directory }, { list }) => list(directory, "*.txt"),
  *generate(_upstream, _params, found) {
    for (const file of found)
      yield { identity: file.digest, attributes: { filename: file.name }, files: [{ ...file, tag: "file/text" }] };
  },
});
`;

interface Did {
  readonly exit: number;
  /** How many items stood, by node; of those that did. */
  readonly held: Readonly<Record<string, number>>;
  readonly cooked: readonly string[];
  /** Items with work that were looked up and found. */
  readonly found: number;
  readonly placed: readonly string[];
}

async function cook(space: Studio, options: { readonly force?: string[]; readonly hold?: boolean } = {}): Promise<Did> {
  const { graph: opened, project } = await openGraph(space.path("g.json"), {}, { notify() {} });
  const store = await openStoreAt(space.path("store"), false, { notify() {} });
  const events: CookEvent[] = [];
  const sink = (event: CookEvent): void => {
    // A cook that begins again is another.
    if (event.type === "cook_started") events.length = 0;
    events.push(event);
  };
  const session = new Session({ store, slots: { cpu: 1, gpu: 0 }, sink });
  try {
    const { hold = true, force = [] } = options;
    const { exit } = await session.cook(opened, project, {
      dry: false,
      force: new Set(force),
      findUnchanged: hold,
      piece: 2,
    });
    const states = events.filter((event) => event.type === "item_state");
    return {
      exit,
      held: Object.fromEntries(
        events.flatMap((event) => (event.type === "node_held" ? [[event.node, event.items]] : [])),
      ),
      cooked: states.flatMap(({ to, item }) => (to === "cooking" ? [item.label] : [])).sort(),
      found: states.filter(({ to }) => to === "cooked_cache").length,
      placed: events.flatMap((event) => (event.type === "output_placed" ? [event.how] : [])),
    };
  } finally {
    await session.close();
    await store.close();
  }
}

/** Long enough that a file's stamp says what it is. */
const settle = (): Promise<void> => pause(2300);

const ALL = { files: 7, work: 7 };
const REST = { files: 5, work: 5 };
const SAME = { exit: 0, held: ALL, cooked: [], found: 0, placed: [] };

interface Around {
  /** Beside `files` and `work`, or in their place. */
  readonly nodes?: Readonly<Record<string, unknown>>;
  readonly source?: string;
  readonly text?: (name: string, place: number) => string;
}

async function inSettled(
  body: (space: Studio) => Promise<void>,
  { nodes = {}, source = "file_pattern", text = (name) => `of ${name}` }: Around = {},
): Promise<void> {
  await inStudio(async (space) => {
    Object.assign(process.env, space.environment);
    for (const [place, name] of FILES.entries()) space.write(`in/${name}.txt`, text(name, place));
    space.node("capitals", CAPITALS);
    space.node("by_content", BY_CONTENT);
    space.graph("g.json", {
      files: { type: source, params: { directory: "$HIP/in" } },
      work: {
        type: "studio/capitals",
        inputs: ["files"],
        label: "@filename",
        params: { output: "out/@{filename}" },
      },
      ...nodes,
    });
    await settle();
    expect((await cook(space)).cooked.length).toBeGreaterThanOrEqual(FILES.length);
    await body(space);
  });
}

describe("of a node with an item for each file", () => {
  test("pieces are judged in which a source or an output is another, and no other", () =>
    inSettled(async (space) => {
      expect(await cook(space)).toEqual(SAME);
      space.write("in/f2.txt", "other");
      expect(await cook(space)).toEqual({ exit: 0, held: REST, cooked: ["f2.txt"], found: 1, placed: ["placed"] });
      expect(space.read("out/f2.txt")).toBe("OTHER");
      await settle();
      // The file was too young to be known by its stamp.
      expect(await cook(space)).toMatchObject({ held: REST, cooked: [], found: 2 });
      expect(await cook(space)).toEqual(SAME);

      // With its size and time put back, and an output of another piece removed.
      const { atime, mtime } = statSync(space.path("in/f10.txt"));
      writeFileSync(space.path("in/f10.txt"), "OF f10");
      utimesSync(space.path("in/f10.txt"), atime, mtime);
      rmSync(space.path("out/f12.txt"));
      const both = await cook(space);
      expect(both).toMatchObject({ held: { files: 4, work: 4 }, cooked: ["f10.txt"], found: 2 });
      expect([space.read("out/f10.txt"), space.read("out/f12.txt")]).toEqual(["OF F10", "OF F12"]);
      await settle();
      expect(await cook(space)).toMatchObject({ held: REST, cooked: [] });
      expect(await cook(space)).toEqual(SAME);

      // Of a name that came or went the others' places follow.
      renameSync(space.path("in/f1.txt"), space.path("in/f8.txt"));
      await settle();
      expect(await cook(space)).toMatchObject({ held: {}, cooked: ["f8.txt"], found: 6 });
      expect(await cook(space)).toEqual(SAME);
    }));

  test("an item that fails is judged again, with its piece alone; so is what was forced, or made dirty, with all", () =>
    inSettled(async (space) => {
      space.write("in/f9.txt", "bad");
      await settle();
      for (let time = 0; time < 2; time++)
        expect(await cook(space)).toMatchObject({ exit: 1, held: REST, cooked: ["f9.txt"], found: 1 });
      space.write("in/f9.txt", "good");
      await settle();
      expect(await cook(space)).toMatchObject({ exit: 0, held: REST, cooked: ["f9.txt"], found: 1 });
      expect(await cook(space)).toEqual(SAME);
      expect((await cook(space, { force: ["work"] })).cooked).toHaveLength(7);
      expect(await cook(space)).toEqual(SAME);
      expect((await space.dag("dirty", "work:4", "--graph", "g.json", "--store", "store")).exit).toBe(0);
      // What a result is forgotten of is told by no file.
      expect(await cook(space)).toMatchObject({ held: {}, cooked: ["f10.txt"], found: 6 });
    }));

  test("places are those among all items, and counts are of all", () =>
    inSettled(
      async (space) => {
        space.write("in/f11.txt", "other");
        expect(await cook(space)).toMatchObject({ held: { ...REST, more: 5 }, cooked: ["5", "f11.txt"] });
        expect(space.read("out/more5.txt")).toBe("OTHER");
        await settle();
        await cook(space);
        const { exit, stderr } = await space.dag("cook", "g.json", "--progress", "plain", "--store", "store");
        expect([exit, stderr]).toEqual([0, expect.stringContaining("all 21 work items are up to date")]);
      },
      {
        nodes: {
          more: {
            type: "studio/capitals",
            inputs: ["work"],
            label: "@pdg_index",
            params: { output: "out/more@{pdg_index}.txt" },
          },
        },
      },
    ));

  test("below which siblings meet, are counted, or are several of one, all are judged", async () => {
    const values = [1, 2];
    const meets: readonly Around["nodes"][] = [
      { all: { type: "wait_for_all", inputs: ["work"] } },
      { wedge: { type: "wedge", inputs: ["work"], params: { attributes: [{ name: "w", type: "int", values }] } } },
      { counted: { type: "studio/work", inputs: ["work"], params: { text: "@pdg_workitemcount" } } },
    ];
    const judged = meets.map((nodes = {}) =>
      inSettled(
        async (space) => {
          space.write("in/f3.txt", "other");
          const did = await cook(space);
          expect(did).toMatchObject({ exit: 0, held: {} });
          expect(did.cooked).toContain("f3.txt");
        },
        { nodes },
      ),
    );
    await Promise.all(judged);
  });

  test("one that comes to write where another does has all judged, and fails as it would", () =>
    inSettled(
      async (space) => {
        // As long as the second one's.
        space.write("in/f12.txt", "xx");
        expect(await cook(space)).toMatchObject({ exit: 1, held: {} });
        expect(await cook(space, { hold: false })).toMatchObject({ exit: 1, held: {} });
        space.write("in/f12.txt", "seven..");
        expect(await cook(space)).toMatchObject({ exit: 0, cooked: ["f12.txt"] });
      },
      {
        text: (_, place) => "x".repeat(place + 1),
        nodes: {
          work: {
            type: "studio/capitals",
            inputs: ["files"],
            label: "@filename",
            params: { output: "out/@{file_size}.txt" },
          },
        },
      },
    ));

  test("known by content, each is what it is: an item with another key is another item", () =>
    inSettled(
      async (space) => {
        space.write("in/f3.txt", "of f1");
        // It is told from the first by an ordinal alone.
        expect(await cook(space)).toMatchObject({ exit: 0, held: {}, cooked: ["f3.txt"] });
        await settle();
        await cook(space);
        space.write("in/f9.txt", "new");
        expect(await cook(space)).toMatchObject({ exit: 0, cooked: ["f9.txt"], held: {} });
      },
      { source: "studio/by_content" },
    ));
});
