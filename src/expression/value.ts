/**
 * The values that attributes and expressions have, and the words for their types. Values are plain data: they survive
 * JSON and a message to another process, so a file is marked by a key and not by a class. Knows no expressions.
 */
import { DEEPEST_JSON } from "../base/json.js";

export type Value = number | string | boolean | readonly Value[] | FileValue | Dict;

/** A dictionary. Always read through `Object.hasOwn`, since it may come from `JSON.parse` with any prototype. */
export interface Dict {
  readonly [name: string]: Value;
}

/** A file. As text it is its path. Made by `fileValue`, told from a dictionary by `isFile`. */
export interface FileValue {
  /** Symbolic path, such as `$HIP/data/a.png`. */
  readonly $file: string;
  /** SHA-256 of the content, where known. */
  readonly digest?: string;
  /** Hierarchical kind: `file/image`. */
  readonly tag?: string;
}

/** An int is a number without a fraction, so every int is also a float. `any`: known only when a value is there. */
export type ValueType = ScalarType | "int[]" | "float[]" | "string[]" | "file[]";

/** The type of one value: no array. */
export type ScalarType = "int" | "float" | "string" | "bool" | "file" | "dict" | "any";

/** Whether data from outside (a worker, a file) is a value: no null, no number that is not finite, not nested without end. */
export function isValue(data: unknown, deepest = DEEPEST_JSON): data is Value {
  if (typeof data === "number") return Number.isFinite(data);
  if (typeof data === "string" || typeof data === "boolean") return true;
  return (
    typeof data === "object" &&
    data !== null &&
    deepest > 0 &&
    Object.values(data).every((each) => isValue(each, deepest - 1))
  );
}

export function fileValue(path: string, about: { readonly digest?: string; readonly tag?: string } = {}): FileValue {
  return { $file: path, ...about };
}

export function isFile(value: Value): value is FileValue {
  return typeof value === "object" && Object.hasOwn(value, "$file") && typeof (value as FileValue).$file === "string";
}

export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

export function isDict(value: Value): value is Dict {
  return typeof value === "object" && !isList(value) && !isFile(value);
}

/** The narrowest type of a value; `any` where no word fits: an empty, mixed or nested array. */
export function typeOf(value: Value): ValueType {
  if (typeof value === "number") return Number.isInteger(value) ? "int" : "float";
  if (typeof value === "string") return "string";
  if (typeof value === "boolean") return "bool";
  if (!isList(value)) return isFile(value) ? "file" : "dict";
  const fitting = value.length === 0 ? undefined : ARRAYS.find((type) => hasType(value, type));
  return fitting ?? "any";
}

const ARRAYS = ["int[]", "float[]", "string[]", "file[]"] as const;

/** Whether a value is of a type. An empty array is of every array type. */
export function hasType(value: Value, type: ValueType): boolean {
  switch (type) {
    case "int":
      return typeof value === "number" && Number.isInteger(value);
    case "float":
      return typeof value === "number" && Number.isFinite(value);
    case "string":
      return typeof value === "string";
    case "bool":
      return typeof value === "boolean";
    case "file":
      return isFile(value);
    case "dict":
      return isDict(value);
    case "any":
      return true;
    default:
      return isList(value) && value.every((element) => hasType(element, elementType(type)));
  }
}

/** Whether every value of type `from` is one of type `to`; where either is `any`, only the value can tell. */
export function assignable(from: ValueType, to: ValueType): boolean {
  if (from === to || from === "any" || to === "any") return true;
  return (from === "int" && to === "float") || (from === "int[]" && to === "float[]");
}

/** The type of an array's elements; of any other type, the type itself. */
export function elementType(type: ValueType): ScalarType {
  return (type.endsWith("[]") ? type.slice(0, -2) : type) as ScalarType;
}

const WORDS: Readonly<Record<ScalarType, readonly [one: string, many: string]>> = {
  int: ["a whole number", "whole numbers"],
  float: ["a number", "numbers"],
  string: ["a string", "strings"],
  bool: ["true or false", "true or false"],
  file: ["a file", "files"],
  dict: ["a dictionary", "dictionaries"],
  any: ["a value", "values"],
};

/** A type in words for messages: `a whole number`, `a list of files`. */
export function describe(type: ValueType): string {
  const [one, many] = WORDS[elementType(type)];
  return type.endsWith("[]") ? `a list of ${many}` : one;
}

/**
 * A number as text: the shortest digits that read back as the same number, in plain decimals, without an exponent and
 * without a fraction where there is none: `3`, `0.1`, `0.0002`. Minus zero is `0`.
 */
export function numberText(value: number): string {
  const short = String(value);
  const parts = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(short);
  if (parts === null) return short;
  const [, sign = "", whole = "", fraction = "", power = ""] = parts;
  const digits = whole + fraction;
  const point = 1 + Number(power);
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  return sign + digits.padEnd(point, "0");
}

/** A value as templates and `+` write it: a number as above, a file as its path. Undefined for arrays and dictionaries. */
export function valueText(value: Value): string | undefined {
  if (typeof value === "string") return value;
  if (typeof value === "number") return numberText(value);
  if (typeof value === "boolean") return value ? "true" : "false";
  return isFile(value) ? value.$file : undefined;
}
