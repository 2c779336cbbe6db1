/** A small graph of real images through the package's own node types, as a user meets it first. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import sharp from "sharp";
import { cookedItems, itemsThat } from "../helpers/cook-space.js";
import { inStudio, type Studio } from "../helpers/studio.js";

/** A composite of two halves, 8 by 8 pixels each, whose values follow from a number. */
async function composite(space: Studio, name: string, number: number): Promise<void> {
  const pixels = Uint8Array.from({ length: 16 * 8 * 3 }, (_, place) => (place * 7 + number * 31) % 256);
  space.write(
    `in/${name}.png`,
    await sharp(pixels, { raw: { width: 16, height: 8, channels: 3 } })
      .png()
      .toBuffer(),
  );
}

function graph(space: Studio, params: object = {}): void {
  space.graph(
    "g.json",
    {
      tiles: { type: "image_import", params: { directory: "$IN" } },
      split: { type: "composite_split", inputs: ["tiles"], label: "split @filename" },
      augment: {
        type: "augment",
        inputs: ["split"],
        label: "copy @copy of @filename",
        params: { copies: 2, horizontal_flip: 0.5, noise: 0.1, ...params },
      },
      all: { type: "wait_for_all", inputs: ["augment"] },
      rates: {
        type: "wedge",
        inputs: ["all"],
        params: { attributes: [{ name: "rate", type: "float", values: [0.1, 0.2] }] },
      },
      named: {
        type: "attribute_create",
        inputs: ["rates"],
        params: { attributes: [{ name: "title", type: "string", value: "rate @rate" }] },
      },
      sheet: {
        type: "contact_sheet",
        inputs: ["named"],
        label: "sheet @wedgeindex",
        params: { title: "@title", cell: 16, label_attribute: "filename", output: "$OUT/sheet_@{wedgeindex}.png" },
      },
    },
    { IN: "in", OUT: "out" },
  );
}

describe("a graph of images", () => {
  test("cooked once; an image in the middle cooks its chain and the sheets; a parameter what lies below", () =>
    inStudio(async (space) => {
      for (const [number, name] of ["a", "b", "d"].entries()) await composite(space, name, number);
      graph(space);
      const first = await space.cook("g.json");
      expect([first.exit, cookedItems(first.events).length]).toEqual([0, 3 + 6 + 2]);
      expect(space.list("out")).toEqual(["sheet_0.png", "sheet_1.png"]);
      const { width = 0, height = 0 } = await sharp(space.path("out/sheet_0.png")).metadata();
      expect(width >= 32 && height >= 6 * 16).toBe(true);
      expect(cookedItems((await space.cook("g.json")).events)).toEqual([]);

      await composite(space, "c", 9);
      const added = await space.cook("g.json");
      expect(itemsThat("cooked_success", added)).toEqual([
        ...["copy 1 of c.png", "copy 2 of c.png", "sheet 0", "sheet 1", "split c.png"],
      ]);

      graph(space, { copies: 3 });
      const more = await space.cook("g.json");
      expect(itemsThat("cooked_success", more)).toEqual([
        ...["a", "b", "c", "d"].map((name) => `copy 3 of ${name}.png`),
        ...["sheet 0", "sheet 1"],
      ]);
    }));

  test("a node renamed: what a hit puts there is what a cook would make, names in the picture included", () =>
    inStudio(async (space) => {
      await composite(space, "a", 1);
      const named = (name: string) =>
        space.graph("g.json", {
          tiles: { type: "image_import", params: { directory: "in" } },
          [name]: { type: "composite_split", inputs: ["tiles"] },
          sheet: { type: "contact_sheet", inputs: [name], params: { cell: 64, output: "sheet.png" } },
        });
      named("split");
      await space.cook("g.json");
      named("quite_another_name");
      await space.cook("g.json");
      const kept = readFileSync(space.path("sheet.png"));
      await space.cook("g.json", "--force", "sheet");
      expect(readFileSync(space.path("sheet.png")).equals(kept)).toBe(true);
    }));

  test("a truncated image and one of odd width: their own items fail with the file's name, the rest is cooked", () =>
    inStudio(async (space) => {
      await composite(space, "good", 1);
      const whole = await sharp({ create: { width: 64, height: 64, channels: 3, background: "red" } })
        .png()
        .toBuffer();
      space.write("in/truncated.png", whole.subarray(0, whole.length - 60));
      space.write(
        "in/odd.png",
        await sharp({ create: { width: 15, height: 8, channels: 3, background: "red" } })
          .png()
          .toBuffer(),
      );
      graph(space);
      const failed = await space.cook("g.json");
      expect(failed.exit).toBe(1);
      expect(itemsThat("cooked_fail", failed)).toEqual(["split odd.png", "split truncated.png"]);
      const messages = failed.events
        .filter(({ type }) => type === "item_failed")
        .map(({ failure }) => (failure as { message: string }).message);
      expect(messages.join("\n")).toMatch(/odd\.png[\s\S]*truncated\.png|truncated\.png[\s\S]*odd\.png/);
      expect(itemsThat("cooked_success", failed)).toEqual([
        "copy 1 of good.png",
        "copy 2 of good.png",
        "split good.png",
      ]);
    }));
});
