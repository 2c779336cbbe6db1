/** `contact_sheet` on real files: cells stand where they should and hold the right images. */
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { testNodeType, type Upstream } from "dag-cook/testing";
import contact_sheet from "../../nodes/image/contact_sheet.js";
import { planesOf } from "../../src/image/planes.js";
import { cookIn, decodeImage, imageFile, messageOf, testFolder } from "./space.js";

const folder = testFolder();
const cook = cookIn(folder, contact_sheet);
const SIDES = ["input", "reference", "output"];

/** A member with three plain images: of value `value`, and a third and a half of it. */
async function member(name: string, value: number, attributes: Upstream["attributes"] = {}): Promise<Upstream> {
  const files = SIDES.map(async (side, index) => ({
    path: await imageFile(join(folder, name, `${side}.png`), [16, 16, 1], () => value / (index + 1), 16),
    tag: `file/image/${side}`,
  }));
  return { name, attributes, files: await Promise.all(files) };
}

const two = async () => [await member("a", 1, { height: 7 }), await member("b", 0.8)];

describe("contact_sheet", () => {
  testNodeType((name, run) => test(name, run), contact_sheet, {
    module: new URL("../../nodes/image/contact_sheet.js", import.meta.url).href,
    base: async () => ({ inputs: await two() }),
    changes: () => ({
      columns: { to: { columns: ["file/image/output"] } },
      label_attribute: { to: { label_attribute: "height" } },
      title: { to: { title: "Test tiles" } },
      cell: { to: { cell: 64 } },
      range: { to: { range: [0, 2] } },
      max_rows: { to: { max_rows: 1 } },
      output: { to: { output: "sheet.png" } },
    }),
  });

  test("contact_sheet: a row for each member, a column for each tag, the values of its images", async () => {
    const { items } = await cook({ inputs: await two(), params: { cell: 32 } });
    const [file] = items[0]!.outputs;
    expect(file).toMatchObject({ name: "contact_sheet.png", tag: "file/image/contact_sheet" });
    expect(file).not.toHaveProperty("parameter");
    const image = await decodeImage(file!.path);
    const { width, height } = image;
    const data = planesOf(image);
    // From the sheet's right and bottom edges inwards: a cell's middle lies gap + half a cell from them.
    const at = (row: number, column: number) => {
      const [x, y] = [width - (3 - column) * 38 + 16, height - (2 - row) * 38 + 10];
      return Math.round(data[y * width + x]! * 255);
    };
    expect([at(0, 0), at(0, 1), at(0, 2)]).toEqual([255, 128, 85]);
    expect([at(1, 0), at(1, 1), at(1, 2)]).toEqual([204, 102, 68]);
  });

  test("contact_sheet: the sheet is put where the parameter says, under its name", async () => {
    const { items } = await cook({ inputs: await two(), params: { output: "sheet.png" } });
    expect(items[0]!.outputs).toMatchObject([{ name: "sheet.png", parameter: "output" }]);
  });

  test("contact_sheet: rows above the limit are left out, and the log says so", async () => {
    const { items } = await cook({ inputs: await two(), params: { max_rows: 1 } });
    expect(items[0]!.log).toEqual(["1 of 2 rows are left out"]);
  });

  test("contact_sheet: a partition without such images, and a sheet that is no PNG, are errors", async () => {
    const inputs = [{ name: "a", files: [] }];
    expect(await messageOf(cook({ inputs, params: { columns: ["file/image/output"] } }))).toBe(
      "No member has a file tagged file/image/output.",
    );
    expect(await messageOf(cook({ inputs, params: { output: "out/sheet.jpg" } }))).toBe(
      'output: a contact sheet is a PNG; name it such as "out/sheet.png"',
    );
    expect(await messageOf(cook({ inputs, params: { columns: [] } }))).toBe("columns must have at least 1 item, not 0");
  });
});
