import { describe, expect, test } from "@jest/globals";
import {
  composites,
  type Dataset,
  givenPairs,
  pairDirectories,
  sampleCount,
  singlePair,
  unpairedDirectories,
} from "../../../src/ml/data/samples.js";

const files = (folder: string, ...names: string[]) => names.map((name) => ({ name, path: `${folder}/${name}` }));
const pathsOf = (dataset: Dataset) =>
  dataset.kind === "paired" ? dataset.samples.map(({ input, reference }) => [input.path, reference.path]) : [];

describe("paired directories", () => {
  test("ordinal order of stems; extensions may differ", () => {
    const dataset = pairDirectories(
      files("a", "b10.png", "b2.tif", "B.png", "sub/b2.png"),
      files("r", "sub/b2.png", "b2.png", "b10.jpg", "B.PNG"),
    );
    expect(pathsOf(dataset)).toEqual([
      ["a/B.png", "r/B.PNG"],
      ["a/b10.png", "r/b10.jpg"],
      ["a/b2.tif", "r/b2.png"],
      ["a/sub/b2.png", "r/sub/b2.png"],
    ]);
    expect(dataset).toMatchObject({ samples: [{ name: "B" }, { name: "b10" }, { name: "b2" }, { name: "sub/b2" }] });
  });

  test("a stem that begins another, with any extensions: still the same order on both sides", () => {
    const dataset = pairDirectories(files("a", "a.png", "a-b.png", "a.b.png"), files("r", "a.tif", "a-b.gif", "a.b.x"));
    expect(pathsOf(dataset)).toEqual([
      ["a/a.png", "r/a.tif"],
      ["a/a-b.png", "r/a-b.gif"],
      ["a/a.b.png", "r/a.b.x"],
    ]);
  });

  test("the first mismatch is named, with the counts", () => {
    const inputs = files("a", "1.png", "2.png", "4.png");
    expect(() => pairDirectories(inputs, files("r", "1.png", "2.png", "3.png"))).toThrow(
      'The reference image "3.png" has no input image of the same name (3 input and 3 reference images; ' +
        "stems must match, extensions may differ).",
    );
    expect(() => pairDirectories(inputs, files("r", "1.png", "4.png"))).toThrow(
      'The input image "2.png" has no reference image of the same name (3 input and 2 reference images;',
    );
    expect(() => pairDirectories(files("a", "1.png"), files("r", "1.png", "2.png"))).toThrow(
      'The reference image "2.png" has no input image',
    );
  });

  test("two files of one stem, and empty folders, are errors", () => {
    const two = files("a", "1.png", "1.tif");
    expect(() => pairDirectories(two, two)).toThrow('The input images "1.png" and "1.tif" have the same stem.');
    expect(() => pairDirectories([], two)).toThrow("There are no input images.");
    expect(() => pairDirectories(two, [])).toThrow("There are no reference images.");
  });

  test("the limit is the first after sorting, and hides no mismatch", () => {
    const inputs = files("a", "2.png", "1.png", "3.png");
    expect(pathsOf(pairDirectories(inputs, files("r", "3.png", "2.png", "1.png"), 2))).toEqual([
      ["a/1.png", "r/1.png"],
      ["a/2.png", "r/2.png"],
    ]);
    expect(() => pairDirectories(inputs, files("r", "1.png", "2.png"), 2)).toThrow('"3.png"');
  });
});

test("composites: left half input, right half reference, in ordinal order", () => {
  expect(composites(files("c", "b.png", "a.png"), 1)).toEqual({
    kind: "paired",
    samples: [{ name: "a", input: { path: "c/a.png", half: "left" }, reference: { path: "c/a.png", half: "right" } }],
  });
  expect(() => composites([])).toThrow("There are no composite images.");
});

test("unpaired: two sorted sets, each limited; an iteration goes through the larger", () => {
  const dataset = unpairedDirectories(files("a", "2.png", "1.png"), files("b", "z.png", "y.png", "x.png"));
  expect(dataset).toMatchObject({ inputs: [{ path: "a/1.png" }, { path: "a/2.png" }], references: { length: 3 } });
  expect(sampleCount(dataset)).toBe(3);
  expect(sampleCount(unpairedDirectories(files("a", "1"), files("b", "1", "2"), 1))).toBe(1);
});

test("single and given pairs: in the caller's order", () => {
  expect(singlePair("/in/a.b.png", "/out/c.png")).toEqual({
    kind: "paired",
    samples: [{ name: "a.b", input: { path: "/in/a.b.png" }, reference: { path: "/out/c.png" } }],
  });
  const [input, reference] = [files("a", "2.png", "1.png"), files("r", "x.png", "y.png")];
  const pairs = input.map((file, i) => ({ input: file, reference: reference[i]! }));
  expect(pathsOf(givenPairs(pairs))).toEqual([
    ["a/2.png", "r/x.png"],
    ["a/1.png", "r/y.png"],
  ]);
  expect(() => givenPairs([])).toThrow("There are no pairs");
});
