/** `image_tile` on real files: where tiles lie, that no value changes, and tiles put together again. */
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { testNodeType } from "dag-cook/testing";
import { spansOf } from "../../../nodes/image/files/tiling.js";
import image_tile from "../../../nodes/image/image_tile.js";
import { planesOf } from "../../../src/image/planes.js";
import { CookSpace, cookedItems } from "../../helpers/cook-space.js";
import { itemsOf } from "../partition/items.js";
import { cookIn, decodeImage, imageFile, messageOf, rows, testFolder } from "../space.js";

const folder = testFolder();
const cook = cookIn(folder, image_tile);
const value = (c: number, x: number, y: number) => (40 * y + 3 * x + c) / 255;
const picture = (width: number, height: number) =>
  imageFile(join(folder, `picture_${width}x${height}.png`), [width, height, 1], value);
const item = (path: string, tag = "file/image") => [{ name: "photo", files: [{ path, tag }] }];

describe("image_tile", () => {
  testNodeType((name, run) => test(name, run), image_tile, {
    module: new URL("../../../nodes/image/image_tile.js", import.meta.url).href,
    base: async () => ({ params: { width: 4 }, inputs: item(await picture(6, 5)) }),
    changes: async () => ({
      file: { to: { file: await picture(7, 5) } },
      tag: { to: { tag: "file/image/input" }, refused: true },
      width: { to: { width: 2 } },
      height: { to: { height: 2 } },
      overlap: { to: { overlap: 3 } },
      edge: { to: { edge: "smaller" } },
    }),
  });

  test("along a side: whole tiles that share their overlap; the last one by the rule for edges", () => {
    const starts = (...given: Parameters<typeof spansOf>) =>
      spansOf(...given).map(({ start, length }) => [start, length]);
    expect(starts(10, 4, 0, "shift")).toEqual([
      [0, 4],
      [4, 4],
      [6, 4],
    ]);
    expect(starts(10, 4, 0, "smaller")).toEqual([
      [0, 4],
      [4, 4],
      [8, 2],
    ]);
    expect(starts(10, 4, 0, "leave_out")).toEqual([
      [0, 4],
      [4, 4],
    ]);
    expect(starts(10, 4, 1, "smaller")).toEqual([
      [0, 4],
      [3, 4],
      [6, 4],
    ]);
    expect(starts(8, 4, 2, "shift")).toEqual([
      [0, 4],
      [2, 4],
      [4, 4],
    ]);
    for (const edge of ["shift", "smaller"] as const) expect(starts(3, 4, 0, edge)).toEqual([[0, 3]]);
    expect(starts(3, 4, 0, "leave_out")).toEqual([]);
    for (let side = 1; side < 40; side++) {
      for (let overlap = 0; overlap < 5; overlap++) {
        const spans = spansOf(side, 5, overlap, "smaller");
        expect(spans.at(-1)!.start + spans.at(-1)!.length).toBe(side);
        for (const [index, span] of spans.slice(1).entries())
          expect(spans[index]!.start + spans[index]!.length - span.start).toBe(overlap);
      }
    }
  });

  test("every pixel is in its tile as it was, with where the tile lies", async () => {
    const { items } = await cook({
      params: { width: 4, height: 3, edge: "smaller" },
      inputs: item(await picture(6, 5)),
    });
    expect(
      items.map(({ attributes }) => [attributes.tile_x, attributes.tile_y, attributes.width, attributes.height]),
    ).toEqual([
      [0, 0, 4, 3],
      [1, 0, 2, 3],
      [0, 1, 4, 2],
      [1, 1, 2, 2],
    ]);
    expect(items[3]!.attributes).toMatchObject({
      tile_left: 4,
      tile_top: 3,
      tile_columns: 2,
      tile_rows: 2,
      image_width: 6,
      image_height: 5,
    });
    expect(rows(await decodeImage(items[3]!.outputs[0]!.path), 255)).toEqual([
      [132, 135],
      [172, 175],
    ]);
    expect(items[3]!.outputs[0]!.name).toBe("picture_6x5_1_1.png");
  });

  test("floats and 16 bits are kept to the last bit; a tile begins where it lies on the ground", async () => {
    const path = await imageFile(join(folder, "height.tif"), [4, 2, 1], (_, x, y) => 1200.25 + x - 100 * y, "float");
    const place = { origin: [500, 900], pixel_size: [10, 20], shear: [0.5, 2] };
    const inputs = [{ attributes: place, files: [{ path, tag: "file/image" }] }];
    const { items } = await cook({ params: { width: 2, height: 1 }, inputs });
    expect([...planesOf(await decodeImage(items[3]!.outputs[0]!.path))]).toEqual([1102.25, 1103.25]);
    // x = 500 + 2·10 + 1·2, y = 900 + 2·0.5 − 1·20
    expect(items[3]!.attributes.origin).toEqual([522, 881]);
    const deep = await imageFile(join(folder, "deep.png"), [2, 1, 1], (_, x) => (257 * x + 1) / 65535, 16);
    const { items: tiles } = await cook({ params: { width: 1 }, inputs: item(deep) });
    expect(rows(await decodeImage(tiles[1]!.outputs[0]!.path), 65535)).toEqual([[258]]);
  });

  test("mistakes are said with the file or the parameter", async () => {
    const refused = async (params: object, path?: string) =>
      messageOf(cook({ params: { ...params }, inputs: item(path ?? (await picture(6, 5))) }));
    expect(await refused({ width: 4, overlap: 4 })).toContain("4 pixels of overlap leave nothing of a tile of 4");
    expect(await refused({ tag: "file/other" })).toContain("its files are tagged file/image");
  });
});

describe("image_tile in a graph", () => {
  let space: CookSpace;
  beforeAll(() => {
    space = new CookSpace();
  });
  afterAll(() => space.remove());

  test("tiles are cut, changed, and laid out again: the picture is what it was; blocks of tiles are partitions", async () => {
    await imageFile(space.path("in/photo.png"), [8, 6, 3], value);
    const graph = (width: number) =>
      space.graph("graph.json", {
        photos: { type: "image_import", params: { directory: "in" } },
        tiles: { type: "image_tile", inputs: ["photos"], params: { width, height: 3 } },
        all: { type: "wait_for_all", inputs: ["tiles"] },
        again: { type: "image_montage", inputs: ["all"], params: { columns: 2, output: "out/again.png" } },
        blocks: {
          type: "partition_by_tile",
          inputs: ["tiles"],
          params: { axes: [{ attribute: "tile_left", size: 4 }] },
        },
      });
    graph(4);
    const blocks = await itemsOf(space, "graph.json", "blocks");
    expect(blocks.map(({ attributes }) => [attributes.cell, attributes.partitionsize])).toEqual([
      [[0], 2],
      [[1], 2],
    ]);
    const [before, after] = await Promise.all(
      ["in/photo.png", "out/again.png"].map((path) => decodeImage(space.path(path))),
    );
    expect([...planesOf(after!)]).toEqual([...planesOf(before!)]);
    expect(cookedItems((await space.cook("graph.json")).events)).toEqual([]);
    // A tile that lies where it lay is not cut again.
    graph(2);
    expect(cookedItems((await space.cook("graph.json")).events).length).toBe(9);
  });
});
