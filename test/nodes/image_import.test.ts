/** `image_import` on real folders. */
import { existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { testNodeType } from "dag-cook/testing";
import image_import from "../../nodes/image/image_import.js";
import { cookIn, imageFile, messageOf, testFolder } from "./space.js";

const folder = testFolder();
const cook = cookIn(folder, image_import);
const directory = join(folder, "images");

async function images(): Promise<string> {
  if (existsSync(directory)) return directory;
  for (const name of ["tile10.png", "tile2.png", "deep/tile1.png"]) {
    await imageFile(join(directory, name), [4, 2, 3], (_, x) => x / 4);
  }
  await imageFile(join(directory, "gray16.png"), [3, 5, 1], (_, x) => x / 4, 16);
  await imageFile(join(directory, "height.tif"), [2, 2, 1], () => 900.5, "float");
  writeFileSync(join(directory, "notes.txt"), "no image");
  return directory;
}

describe("image_import", () => {
  testNodeType((name, run) => test(name, run), image_import, {
    module: new URL("../../nodes/image/image_import.js", import.meta.url).href,
    base: async () => ({ params: { directory: await images() } }),
    changes: async () => ({
      directory: { to: { directory: join(await images(), "deep") } },
      pattern: { to: { pattern: "*.tif" } },
      recursive: { to: { recursive: true } },
      limit: { to: { limit: 1 } },
      tag: { to: { tag: "file/image/input" } },
      name_parts: { from: { pattern: "tile*.png" }, to: { name_parts: "tile{number:int}.png" } },
      no_match: { from: { pattern: "*.exr", no_match: "empty" }, to: { no_match: "error" }, refused: true },
    }),
  });

  test("image_import: an item per image in natural order, with what its header says; the file is not copied", async () => {
    const { items } = await cook({ params: { directory: await images() } });
    expect(items.map(({ identity }) => identity)).toEqual(["gray16.png", "height.tif", "tile2.png", "tile10.png"]);
    expect(items.map(({ attributes }) => attributes)).toMatchObject([
      { filename: "gray16.png", width: 3, height: 5, channels: 1, bit_depth: 16 },
      { filename: "height.tif", width: 2, height: 2, channels: 1, bit_depth: 32 },
      { filename: "tile2.png", width: 4, height: 2, channels: 3, bit_depth: 8 },
      { filename: "tile10.png" },
    ]);
    const path = join(directory, "tile2.png");
    expect(items[2]!.outputs).toMatchObject([{ path, name: "tile2.png", tag: "file/image" }]);
    expect(items[2]!.attributes.file_size).toBe(statSync(path).size);
  });

  test("image_import: folders below are searched on request, and the limit takes the first", async () => {
    const params = { directory: await images(), recursive: true, pattern: "**/tile*.png", limit: 2 };
    const { items } = await cook({ params });
    expect(items.map(({ identity }) => identity)).toEqual(["deep/tile1.png", "tile2.png"]);
    expect(items[0]!.attributes).toMatchObject({ filename: "tile1.png", directory: "deep", extension: ".png" });
  });

  test("image_import: no match is an error, a warning or nothing, as asked", async () => {
    const params = { directory: await images(), pattern: "*.exr" };
    const message = `No file in the folder ${directory} itself ("recursive" searches below it too) matches "*.exr".`;
    expect(await messageOf(cook({ params }))).toBe(
      `${message} Set "no_match" to "warn" or "empty" where that is meant.`,
    );
    expect(await cook({ params: { ...params, no_match: "warn" } })).toEqual({ items: [], warnings: [message] });
    expect(await cook({ params: { ...params, no_match: "empty" } })).toEqual({ items: [], warnings: [] });
  });

  test("image_import: without a folder, the images of the upstream item, with what their headers say", async () => {
    const files = ["gray16.png", "height.tif"].map((name) => ({ path: join(directory, name), tag: "file/image/made" }));
    const { items } = await cook({ params: { pattern: "*.tif" }, inputs: [{ files }] });
    expect(items).toMatchObject([{ identity: "height.tif", attributes: { width: 2, bit_depth: 32 } }]);
    expect(items[0]!.outputs).toMatchObject([{ name: "height.tif", tag: "file/image/made" }]);
  });

  test("image_import: an absent folder is an error that names it", async () => {
    const absent = join(folder, "absent");
    expect(await messageOf(cook({ params: { directory: absent } }))).toBe(`The folder ${absent} does not exist.`);
  });

  test("image_import: a file that is no image, empty or cut short is an error that names it", async () => {
    const bad = join(folder, "bad");
    mkdirSync(bad, { recursive: true });
    writeFileSync(join(bad, "text.png"), "this is text");
    expect(await messageOf(cook({ params: { directory: bad } }))).toMatch(
      /^\S+text\.png: this is not an image, or its start is damaged/,
    );
    writeFileSync(join(bad, "text.png"), "");
    expect(await messageOf(cook({ params: { directory: bad } }))).toMatch(/^\S+text\.png: the file is empty\.$/);
  });
});
