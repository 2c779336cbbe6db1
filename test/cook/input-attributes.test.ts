/** @jest-environment ./dist/test/ml/runtime/environment.js */
/** Attributes of items with several inputs: the main input's go first, and each input's are under its name. */
import { copyFileSync, mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { CookSpace } from "../helpers/cook-space.js";

const space = new CookSpace();
afterAll(() => space.remove());
const zoo = (name: string) => resolve("test/fixtures/onnx/zoo", name);

beforeAll(() => {
  for (const folder of ["m", "in"]) mkdirSync(space.path(folder));
  for (const name of ["f32_chw", "f32_hwc"]) copyFileSync(zoo(`${name}.onnx`), space.path(`m/${name}.onnx`));
  for (const name of ["a", "b"]) copyFileSync(zoo("image.png"), space.path(`in/${name}.png`));
});

const graph = (output: string, model: object = {}) => ({
  m: { type: "file_pattern", params: { directory: "m", pattern: "*chw*", tag: "file/model/onnx", ...model } },
  named: {
    ...{ type: "attribute_create", inputs: ["m"] },
    params: { attributes: [{ name: "style", type: "string", value: "night" }] },
  },
  i: { type: "image_import", params: { directory: "in" } },
  a: { type: "onnx_apply", inputs: { model: ["named"], images: ["i"] }, params: { output } },
});

describe("attributes of several inputs", () => {
  test("attributes of several inputs: a name that both have is the main input's", async () => {
    space.graph("plain.json", graph("$HIP/plain/@{filename}"));
    expect((await space.cook("plain.json")).exit).toBe(0);
    expect(space.list("plain")).toEqual(["a.png", "b.png"]);
  });

  test("attributes of several inputs: each input's are under its name, and what the main one lacks is another's", async () => {
    space.graph(
      "by.json",
      graph("$HIP/by/@{model.filename}_@{images.filename}_@{style}_@{extension}.png", { pattern: "*" }),
    );
    expect((await space.cook("by.json")).exit).toBe(0);
    expect(space.list("by")).toEqual(
      ["f32_chw", "f32_hwc"].flatMap((model) => ["a", "b"].map((name) => `${model}.onnx_${name}.png_night_.png.png`)),
    );
  });

  test("attributes of several inputs: a name that an input's items lack fails the item in words", async () => {
    space.graph("none.json", graph("$HIP/none/@{model.width}.png"));
    const { exit, events } = await space.cook("none.json");
    expect(exit).toBe(1);
    expect(JSON.stringify(events)).toMatch(/model.*width/);
  });
});
