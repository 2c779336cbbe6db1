/** `attribute_create` and `wait_for_all`: items that have no work. */
import { describe, expect, test } from "@jest/globals";
import { testNodeType } from "dag-cook/testing";
import attribute_create from "../../nodes/attribute/attribute_create.js";
import wait_for_all from "../../nodes/flow/wait_for_all.js";
import { membersBy, numbered, SHARED_CHANGES } from "./partition/members.js";
import { cookIn, messageOf, testFolder } from "./space.js";

const folder = testFolder();
const cookCreate = cookIn(folder, attribute_create);

describe("attribute_create", () => {
  testNodeType((name, run) => test(name, run), attribute_create, {
    module: new URL("../../nodes/attribute/attribute_create.js", import.meta.url).href,
    base: () => ({ inputs: [{}] }),
    changes: () => ({ attributes: { to: { attributes: [{ name: "x", value: 1 }] } } }),
  });

  test("attribute_create: values get their types, text from templates included", async () => {
    const attributes = [
      { name: "half", value: "12.5" },
      { name: "count", type: "int", value: 3 },
      { name: "title", type: "string", value: 7 },
      { name: "on", type: "bool", value: "true" },
      { name: "sizes", type: "int", array: true, value: [64, "128"] },
    ];
    const { items } = await cookCreate({ params: { attributes }, inputs: [{}] });
    expect(items.map((item) => item.attributes)).toEqual([
      { half: 12.5, count: 3, title: "7", on: true, sizes: [64, 128] },
    ]);
  });

  test("attribute_create: files by their paths, one or a list", async () => {
    const attributes = [
      { name: "one", type: "file", files: ["/d/a.png"] },
      { name: "all", type: "file", array: true, files: ["/d/a.png", "/d/b.png"] },
    ];
    const { items } = await cookCreate({ params: { attributes }, inputs: [{}] });
    const [a, b] = ["/d/a.png", "/d/b.png"].map(($file) => ({ $file }));
    expect(items[0]!.attributes).toEqual({ one: a, all: [a, b] });
  });

  test.each([
    [
      { name: "x", type: "int", value: 0.5 },
      'attributes.0.value: 0.5 is not a whole number, which the type "int" asks for',
    ],
    [
      { name: "x", type: "bool", value: "yes" },
      'attributes.0.value: "yes" is not true or false, which the type "bool" asks for',
    ],
    [{ name: "x", value: "" }, 'attributes.0.value: "" is not a number, which the type "float" asks for'],
    [{ name: "x", value: [1] }, 'attributes.0.value: a list needs "array": true'],
    [{ name: "x", array: true, value: 1 }, 'attributes.0.value: 1 is no list, which "array": true asks for'],
    [{ name: "x" }, 'attributes.0: "x" needs a "value"'],
    [{ name: "x", type: "file", value: "a" }, 'attributes.0.value: "type": "file" takes "files", not a value'],
    [{ name: "x", type: "file" }, 'attributes.0: "x" needs "files"'],
    [{ name: "x", files: ["a"] }, 'attributes.0.files: "files" need "type": "file"'],
    [{ name: "x", type: "file", files: [] }, 'attributes.0.files: 0 files for one value: a list needs "array": true'],
  ])("attribute_create: %j is refused", async (attribute, message) => {
    expect(await messageOf(cookCreate({ params: { attributes: [attribute] } }))).toBe(message);
  });
});

describe("wait_for_all", () => {
  testNodeType((name, run) => test(name, run), wait_for_all, {
    module: new URL("../../nodes/flow/wait_for_all.js", import.meta.url).href,
    base: () => ({ inputs: numbered({ shot: "sea" }, { shot: "hill" }) }),
    changes: () => SHARED_CHANGES,
  });

  test("wait_for_all: all upstream items are members of one partition, none of no partition", async () => {
    const cook = cookIn(folder, wait_for_all);
    const { items } = await cook({ inputs: [{ name: "a" }, { name: "b" }, { name: "c" }] });
    expect(items.map(({ identity, attributes }) => [identity, attributes])).toEqual([["all", { partitionsize: 3 }]]);
    expect((await cook({ inputs: [] })).items).toEqual([]);
  });

  test("wait_for_all: members in order, split, and what is merged of them", async () => {
    const inputs = numbered({ shot: "sea" }, { shot: "hill" }, { shot: "sea" });
    const sort = [{ attribute: "n", descending: true }];
    expect(await membersBy(wait_for_all, { sort }, inputs)).toEqual([[2, 1, 0]]);
    expect(await membersBy(wait_for_all, { split_by: ["shot"] }, inputs)).toEqual([[0, 2], [1]]);
  });
});
