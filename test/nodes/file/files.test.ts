/** `file_pattern`, `file_range` and `generic_generator` on real folders. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import file_pattern from "../../../nodes/file/file_pattern.js";
import file_range from "../../../nodes/file/file_range.js";
import generic_generator from "../../../nodes/file/generic_generator.js";
import { CookSpace, cookedItems, failuresIn } from "../../helpers/cook-space.js";
import { holdsContract } from "../contract.js";
import { copyExample, itemsOf, rowsOf, wedgeOf } from "../partition/items.js";
import { cookIn, messageOf, testFolder } from "../space.js";

const folder = testFolder();
const directory = join(folder, "data");
for (const name of ["a.txt", "tile_1.png", "tile_2.png", "tile_10.png", "deep/tile_3.png"]) {
  mkdirSync(dirname(join(directory, name)), { recursive: true });
  writeFileSync(join(directory, name), name);
}

describe("file_pattern", () => {
  const cook = cookIn(folder, file_pattern);
  holdsContract("file/file_pattern", file_pattern, {
    base: () => ({ params: { directory } }),
    changes: () => ({
      directory: { to: { directory: join(directory, "deep") } },
      pattern: { to: { pattern: "*.txt" } },
      recursive: { to: { recursive: true } },
      limit: { to: { limit: 1 } },
      tag: { to: { tag: "file/other" } },
      name_parts: { from: { pattern: "tile_*" }, to: { name_parts: "{kind}_{number:int}.png" } },
      no_match: { from: { pattern: "*.exr", no_match: "empty" }, to: { no_match: "error" }, refused: true },
    }),
  });

  test("file_pattern: names in parts, in natural order, the path below the folder as identity", async () => {
    const { items } = await cook({ params: { directory, pattern: "**/*.png", recursive: true } });
    expect(items.map(({ identity }) => identity)).toEqual([
      "deep/tile_3.png",
      "tile_1.png",
      "tile_2.png",
      "tile_10.png",
    ]);
    const attributes = { filename: "tile_3.png", directory: "deep", extension: ".png", file_size: 15 };
    expect(items[0]).toMatchObject({ attributes, outputs: [{ tag: "file/image", name: "deep/tile_3.png" }] });
  });

  test("file_pattern: without a folder, the upstream item's files that match, with their own tags", async () => {
    const path = join(directory, "tile_1.png");
    const files = ["out/b.png", "a.png", "c.txt"].map((name) => ({ path, name, tag: `file/${name.slice(-3)}` }));
    const { items } = await cook({ params: { pattern: "*.png" }, inputs: [{ files }] });
    expect(items.map(({ identity, outputs }) => [identity, outputs[0]?.tag])).toEqual([
      ["out/b.png", "file/png"],
      ["a.png", "file/png"],
    ]);
    expect(items[0]!.attributes).toMatchObject({ filename: "b.png", directory: "out" });
    expect(await messageOf(cook({ params: { pattern: "*.tif" }, inputs: [{ files }] }))).toContain(
      'No file of the upstream item matches "*.tif".',
    );
  });
});

describe("file_pattern: name_parts", () => {
  const cook = cookIn(folder, file_pattern);
  const partsOf = async (name_parts: string, given: Readonly<Record<string, unknown>> = {}) =>
    (await cook({ params: { directory, pattern: "tile_*.png", name_parts, ...given } })).items.map(
      ({ attributes: { filename: _, directory: __, extension: ___, file_size: ____, ...parts } }) => parts,
    );

  test("file_pattern: a name's parts are attributes, whole numbers where that is said", async () => {
    expect(await partsOf("{kind}_{number:int}.png")).toEqual([
      { kind: "tile", number: 1 },
      { kind: "tile", number: 2 },
      { kind: "tile", number: 10 },
    ]);
    expect(await partsOf("t{rest}", { limit: 1 })).toEqual([{ rest: "ile_1.png" }]);
    const deep = { pattern: "**/*.png", recursive: true, limit: 1 };
    expect(await partsOf("{where}/tile_{number}.png", deep)).toEqual([{ where: "deep", number: "3" }]);
    expect(await partsOf("tile_{number:int}.png", deep)).toEqual([{ number: 3 }]);
  });

  test("file_pattern: a name that is not made so fails the node, and says where it goes astray", async () => {
    const said = async (name_parts: string, given = {}) => messageOf(partsOf(name_parts, given));
    const misfit = (parts: string) => `The file "tile_1.png" is not made of "${parts}": `;
    expect(await said("{kind}-{number}.png")).toBe(`${misfit("{kind}-{number}.png")}no "-" follows {kind}.`);
    expect(await said("{kind:int}_1.png")).toContain('"tile" of {kind} is no whole number.');
    expect(await said("a{kind}")).toContain('it does not begin with "a".');
    expect(await said("{kind}_1.pngx")).toContain('no "_1.pngx" follows {kind}.');
    expect(await said("tile{kind}_1.png")).toContain("{kind} is empty.");
  });

  test("file_pattern: parts without an end, with a name that is taken, and broken braces are refused", async () => {
    const said = (name_parts: string) => messageOf(partsOf(name_parts));
    expect(await said("{a}{b}.png")).toContain("does not say where {a} ends");
    expect(await said("{a}_{a}.png")).toContain("has {a}, a name that is taken");
    expect(await said("{filename}.png")).toContain("has {filename}, a name that is taken");
    expect(await said("{a}_{1}.png")).toContain("write {name} or {name:int}");
    expect(await said("tile")).toContain("write {name} or {name:int}");
  });
});

describe("file_range", () => {
  const cook = cookIn(folder, file_range);
  const file = join(directory, "tile_{frame}.png");
  holdsContract("file/file_range", file_range, {
    base: () => ({ params: { file, start: 1, end: 2 } }),
    changes: () => ({
      file: { from: { end: 1 }, to: { file: join(directory, "deep/tile_{frame}.png"), start: 3, end: 3 } },
      start: { to: { start: 2 } },
      end: { to: { end: 1 } },
      step: { to: { step: 2 } },
      missing: { from: { end: 3, missing: "skip" }, to: { missing: "without_file" } },
      tag: { to: { tag: "file/other" } },
    }),
  });

  test("file_range: numbers with their files; an absent one fails, is skipped, or has none", async () => {
    const params = { file, start: 1, end: 10, step: 3 };
    const absent = join(directory, "tile_4.png");
    expect(await messageOf(cook({ params }))).toBe(`The file ${absent} does not exist.`);
    const framesWith = async (missing: string) =>
      (await cook({ params: { ...params, missing } })).items.map(({ attributes, outputs }) => [
        attributes.frame,
        attributes.filename,
        attributes.exists,
        outputs[0]?.tag,
      ]);
    const both = [
      [1, "tile_1.png", true, "file/image"],
      [10, "tile_10.png", true, "file/image"],
    ];
    expect(await framesWith("skip")).toEqual(both);
    const none = (frame: number) => [frame, `tile_${frame}.png`, false, undefined];
    expect(await framesWith("without_file")).toEqual([both[0], none(4), none(7), both[1]]);
  });

  test("file_range: a name without a number, and a range that runs backwards, are refused", async () => {
    const named = join(directory, "tile_1.png");
    expect(await messageOf(cook({ params: { file: named } }))).toContain("has no {frame}");
    expect(await messageOf(cook({ params: { file, start: 5, end: 3 } }))).toBe(
      "end: the range ends at 3, before it starts at 5",
    );
    expect(await messageOf(cook({ params: { file, end: 2_000_000 } }))).toContain("above the limit of 1000000");
  });
});

describe("generic_generator", () => {
  const cook = cookIn(folder, generic_generator);
  holdsContract("file/generic_generator", generic_generator, {
    base: () => ({ params: { count: 2 } }),
    changes: () => ({
      count: { to: { count: 3 } },
      start: { to: { start: 5 } },
      number: { to: { number: "copy" } },
      total: { to: { total: "copies" } },
    }),
  });

  test("generic_generator: so many items, numbered from the start", async () => {
    const { items } = await cook({ params: { count: 3, start: -1, total: "all" } });
    expect(items.map(({ attributes }) => attributes)).toEqual([-1, 0, 1].map((number) => ({ number, all: 3 })));
    expect((await cook({ params: { count: 0 } })).items).toEqual([]);
    expect(await messageOf(cook({ params: { total: "number" } }))).toContain('"number" is the name');
  });
});

describe("files in a graph", () => {
  let space: CookSpace;
  beforeAll(() => {
    space = new CookSpace();
  });
  afterAll(() => space.remove());

  test("files example: it cooks; the sequence, the folder and the generated items are there", async () => {
    copyExample(space, "files.json");
    const tiles = await itemsOf(space, "files.json", "tiles");
    expect(tiles.map(({ label }) => label)).toEqual(["tile_0001.txt", "tile_0002.txt", "tile_0004.txt"]);
    const copies = await rowsOf(space, "files.json", "copies");
    expect(copies.map(({ attributes }) => [attributes.frame, attributes.copy])).toEqual([
      [1, 0],
      [2, 0],
      [2, 1],
      [4, 0],
      [4, 1],
      [4, 2],
      [4, 3],
    ]);
  });

  test("file_pattern: a file added in the middle makes one item, and cooks nothing else", async () => {
    space.node(
      "copy",
      `import { copyFile } from "node:fs/promises";
export default { description: "Copies.", version: 1, params: {}, inputs: { main: { description: "Files." } },
  async cook({ inputs }, _, { directory }) {
    await copyFile(inputs.main[0].files[0].path, directory + "/copy.txt");
    return { outputs: [{ path: "copy.txt", tag: "file/text" }] };
  } };`,
    );
    space.write("in/a1.txt", "1");
    space.write("in/a10.txt", "10");
    space.graph("copy.json", {
      files: { type: "file_pattern", params: { directory: "in" } },
      copies: { type: "studio/copy", inputs: ["files"] },
    });
    const cook = async () => cookedItems((await space.cook("copy.json")).events).length;
    expect(await cook()).toBe(2);
    space.write("in/a2.txt", "2");
    expect(await cook()).toBe(1);
    expect(await cook()).toBe(0);
  });

  test("graphs/examples/textures.json: names in parts, a program that hands its input on, a sheet for each frame", async () => {
    copyExample(space, "textures.json");
    const frames = await itemsOf(space, "textures.json", "frames");
    expect(frames.map(({ label }) => label)).toEqual([
      "frame 1: 2 maps, 955 bytes",
      "frame 2: 1 maps, 777 bytes",
      "frame 3: 2 maps, 955 bytes",
    ]);
    expect(frames.map(({ attributes: { maps } }) => maps)).toEqual([
      ["albedo", "rough"],
      ["albedo"],
      ["albedo", "rough"],
    ]);
    expect(frames[0]!.outputs.map(({ name }) => name)).toEqual(["rock_albedo.0001.png", "rock_rough.0001.png"]);
    const [strip] = await rowsOf(space, "textures.json", "strip");
    expect(strip!.outputs.map(({ name }) => name)).toEqual(["strip.png"]);
    expect(space.list("out/textures")).toEqual([1, 2, 3].map((frame) => `sheet_000${frame}.png`).concat("strip.png"));
  });

  test("file_range: of each upstream item the files that it names, tagged by their extension", async () => {
    for (const name of ["sea/a_0001.exr", "sea/a_0002.exr", "hill/a_0001.exr"]) space.write(`shots/${name}`, name);
    const params = { file: "shots/@{shot}/a_{frame:4}.exr", end: 2, missing: "skip" };
    space.graph("range.json", {
      shots: wedgeOf("shot", ["sea", "hill"]),
      files: { type: "file_range", inputs: ["shots"], params },
    });
    const files = await itemsOf(space, "range.json", "files");
    expect(files.map(({ attributes: { shot, frame } }) => [shot, frame])).toEqual([
      ["sea", 1],
      ["sea", 2],
      ["hill", 1],
    ]);
    expect(files[0]!.outputs).toMatchObject([{ name: "a_0001.exr", tag: "file/image" }]);
  });

  test("file_range: a path that leaves the allowed folders is refused with its place", async () => {
    space.graph("bad.json", {
      files: { type: "file_range", params: { file: "../../../../etc/tile_{frame}.png" } },
    });
    const { exit, stderr } = await space.dag("check", "bad.json");
    expect([exit, stderr]).toEqual([2, expect.stringMatching(/bad\.json:8:17 .*lies outside of the graph's folder/)]);
    space.graph("absent.json", { files: { type: "file_range", params: { file: "in/b{frame}.txt" } } });
    const cooked = await space.cook("absent.json");
    expect([cooked.exit, failuresIn(cooked)]).toEqual([1, { files: "The file $HIP/in/b1.txt does not exist." }]);
  });
});
