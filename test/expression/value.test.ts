import { expect, describe as group, test } from "@jest/globals";
import { randomStream } from "../../src/base/random.js";
import {
  assignable,
  describe,
  fileValue,
  hasType,
  isDict,
  isFile,
  isValue,
  numberText,
  typeOf,
  type Value,
  valueText,
} from "../../src/expression/value.js";

group("value", () => {
  test("typeOf: the narrowest type", () => {
    const cases: [Value, string][] = [
      [3, "int"],
      [3.5, "float"],
      ["3", "string"],
      [false, "bool"],
      [fileValue("$HIP/a.png"), "file"],
      [{ a: 1 }, "dict"],
      [[1, 2], "int[]"],
      [[1, 2.5], "float[]"],
      [["a"], "string[]"],
      [[fileValue("a")], "file[]"],
      [[], "any"],
      [[1, "a"], "any"],
    ];
    for (const [value, type] of cases) expect(typeOf(value)).toBe(type);
  });

  test("hasType: ints are floats, an empty array is of every array type, NaN of none", () => {
    expect(hasType(2, "float")).toBe(true);
    expect(hasType(2.5, "int")).toBe(false);
    expect(hasType([], "file[]")).toBe(true);
    expect(hasType([], "dict")).toBe(false);
    expect(hasType(Number.NaN, "float")).toBe(false);
    expect(hasType([1, Number.NaN], "float[]")).toBe(false);
  });

  test("assignable: only upwards", () => {
    expect(assignable("int", "float")).toBe(true);
    expect(assignable("float", "int")).toBe(false);
    expect(assignable("int[]", "float[]")).toBe(true);
    expect(assignable("bool", "int")).toBe(false);
    expect(assignable("any", "int")).toBe(true);
  });

  test("file values: they survive JSON, and no dictionary passes for one by its prototype", () => {
    const file = fileValue("$HIP/a.png", { digest: "00", tag: "file/image" });
    expect(isFile(JSON.parse(JSON.stringify(file)))).toBe(true);
    expect(isFile(Object.create(file))).toBe(false);
    expect(isDict(file)).toBe(false);
    expect(isFile({ $file: 3 })).toBe(false);
  });

  test("isValue: refuses what JSON or messages may bring and attributes may not hold", () => {
    expect(isValue({ a: [1, "b", { c: true }] })).toBe(true);
    for (const data of [null, undefined, Number.NaN, Number.POSITIVE_INFINITY, { a: null }, [undefined], () => 1]) {
      expect(isValue(data)).toBe(false);
    }
  });

  test("describe: types in words", () => {
    expect(describe("int")).toBe("a whole number");
    expect(describe("file[]")).toBe("a list of files");
  });

  test("numberText: plain decimals", () => {
    const cases: [number, string][] = [
      [3, "3"],
      [3.0, "3"],
      [-0, "0"],
      [0.1, "0.1"],
      [2e-4, "0.0002"],
      [1e-7, "0.0000001"],
      [-1.25e-9, "-0.00000000125"],
      [1e21, "1000000000000000000000"],
      [-1.5e22, "-15000000000000000000000"],
      [123456789.125, "123456789.125"],
      [0.1 + 0.2, "0.30000000000000004"],
    ];
    for (const [number, text] of cases) expect(numberText(number)).toBe(text);
  });

  test("numberText: any number reads back as itself and has no exponent", () => {
    const stream = randomStream(1, "number text");
    const bits = new DataView(new ArrayBuffer(8));
    for (let index = 0; index < 2000; index++) {
      bits.setUint32(0, stream.integer(2 * index, 2 ** 32));
      bits.setUint32(4, stream.integer(2 * index + 1, 2 ** 32));
      const number = bits.getFloat64(0);
      if (!Number.isFinite(number)) continue;
      expect(numberText(number)).toMatch(/^-?(0|[1-9]\d*)(\.\d*[1-9])?$/);
      expect(Number(numberText(number))).toBe(number);
    }
  });

  test("valueText: scalars and files have a text, others none", () => {
    expect([0.5, "a", true, fileValue("$HIP/x")].map(valueText)).toEqual(["0.5", "a", "true", "$HIP/x"]);
    expect([[1], { a: 1 }].map(valueText)).toEqual([undefined, undefined]);
  });
});
