/** `composite_split` on real files: which half is which, bit depth, odd sizes. */
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { testNodeType } from "dag-cook/testing";
import composite_split from "../../nodes/image/composite_split.js";
import { planesOf } from "../../src/image/planes.js";
import { cookIn, decodeImage, imageFile, messageOf, rows, testFolder } from "./space.js";

const folder = testFolder();
const cook = cookIn(folder, composite_split);
const module = new URL("../../nodes/image/composite_split.js", import.meta.url).href;
const wide = () => imageFile(join(folder, "wide.png"), [4, 2, 1], (_, x, y) => (10 * y + x) / 255);
const item = (path: string, tag = "file/image") => [{ name: "tile", files: [{ path, tag }] }];

describe("composite_split", () => {
  testNodeType((name, run) => test(name, run), composite_split, {
    module,
    base: async () => ({ inputs: item(await wide()) }),
    changes: async () => ({
      direction: { to: { direction: "top_bottom" } },
      input_half: { to: { input_half: "second" } },
      tag: {
        to: { tag: "file/image/other" },
        inputs: [
          {
            files: [
              { path: await wide(), tag: "file/image/composite" },
              { path: await imageFile(join(folder, "o.png"), [2, 2, 1], () => 0.5), tag: "file/image/other" },
            ],
          },
        ],
      },
    }),
  });

  test("composite_split: left is the input and right the reference, pixel by pixel", async () => {
    const { items } = await cook({ inputs: item(await wide()) });
    const [input, reference] = items[0]!.outputs;
    expect([input!.tag, input!.name]).toEqual(["file/image/input", "input/wide.png"]);
    expect([reference!.tag, reference!.name]).toEqual(["file/image/reference", "reference/wide.png"]);
    expect(rows(await decodeImage(input!.path), 255)).toEqual([
      [0, 1],
      [10, 11],
    ]);
    expect(rows(await decodeImage(reference!.path), 255)).toEqual([
      [2, 3],
      [12, 13],
    ]);
  });

  test("composite_split: top and bottom halves, the bottom one as input", async () => {
    const params = { direction: "top_bottom", input_half: "second" };
    const { items } = await cook({ params, inputs: item(await wide()) });
    expect(rows(await decodeImage(items[0]!.outputs[0]!.path), 255)).toEqual([[10, 11, 12, 13]]);
    expect(rows(await decodeImage(items[0]!.outputs[1]!.path), 255)).toEqual([[0, 1, 2, 3]]);
  });

  test("composite_split: 16-bit values are kept to the last bit, and so is the depth", async () => {
    const path = await imageFile(join(folder, "deep.png"), [4, 1, 1], (_, x) => (257 * x + 1) / 65535, 16);
    const { items } = await cook({ inputs: item(path) });
    const [input, reference] = await Promise.all(items[0]!.outputs.map((file) => decodeImage(file.path)));
    expect([input!.depth, reference!.depth]).toEqual([16, 16]);
    expect([rows(input!, 65535), rows(reference!, 65535)]).toEqual([[[1, 258]], [[515, 772]]]);
  });

  test("composite_split: floats outside 0..1 are kept", async () => {
    const path = await imageFile(join(folder, "height.tif"), [2, 1, 1], (_, x) => (x === 0 ? -3.5 : 1200.25), "float");
    const { items } = await cook({ inputs: item(path) });
    expect(items[0]!.outputs.map(({ name }) => name)).toEqual(["input/height.tif", "reference/height.tif"]);
    const values = await Promise.all(
      items[0]!.outputs.map(async (file) => [...planesOf(await decodeImage(file.path))]),
    );
    expect(values).toEqual([[-3.5], [1200.25]]);
  });

  test("composite_split: an odd width is an error that names file and size", async () => {
    const path = await imageFile(join(folder, "odd.png"), [5, 2, 1], () => 0);
    expect(await messageOf(cook({ inputs: item(path) }))).toBe(
      "odd.png: An odd width (5×2) cannot be split into left and right.",
    );
  });

  test("composite_split: an item without images says which tags it has", async () => {
    expect(await messageOf(cook({ inputs: item(await wide(), "file/text/csv") }))).toBe(
      'The item "tile" has no file tagged "file/image": its files are tagged file/text/csv.',
    );
  });
});
