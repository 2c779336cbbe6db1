/**
 * The functions of text. Places and lengths count characters (Unicode code points), from 0. Files count as their paths. Every
 * function takes time that grows with the texts' lengths alone.
 */
import { posix } from "node:path";
import { UserError } from "../base/error.js";
import { globMatcher } from "../base/glob.js";
import { numberProblem } from "../base/number.js";
import { applyPattern, type Pattern, parsePattern } from "./format.js";
import { type FunctionDefinition, text } from "./function.js";
import { PRINTABLE, TEXT, WHOLE } from "./typed.js";
import { isList, type Value, valueText } from "./value.js";

/** A number as people and programs write it in text. */
const NUMBER_TEXT = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const WANTED_NUMBER = ["float", "bool", "string", "file"] as const;

/** The number that a value says. */
function numberOf(value: Value, name: string, fail: (message: string) => never): number {
  if (typeof value === "number" || typeof value === "boolean") return Number(value);
  const said = valueText(value)!.trim();
  if (!NUMBER_TEXT.test(said))
    fail(`${name} needs text that is a number, but this is ${JSON.stringify(said.slice(0, 40))}.`);
  const problem = numberProblem(said);
  return problem === undefined ? Number(said) : fail(`${problem}.`);
}

/** Between the characters from `start`, `length` of them; a start below 0 counts from the end. */
function part(of: string, start: number, length = Number.POSITIVE_INFINITY): string {
  const characters = [...of];
  const from = start < 0 ? Math.max(0, characters.length + start) : start;
  return characters.slice(from, from + Math.max(0, length)).join("");
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

function words(of: string): readonly string[] {
  const trimmed = of.trim();
  return trimmed === "" ? [] : trimmed.split(/\s+/);
}

export const TEXT_FUNCTIONS: readonly FunctionDefinition[] = [
  {
    usage: "format(pattern, value, …)",
    parameters: [["string"]],
    rest: PRINTABLE,
    result: "string",
    pattern: true,
    apply: ([pattern, ...values]) => applyPattern(parsePattern(pattern as string) as Pattern, values),
  },
  text("basename(path)", "string", 1, (path) => posix.basename(path)),
  text("stem(path)", "string", 1, (path) => posix.basename(path, posix.extname(path))),
  text("extension(path)", "string", 1, posix.extname),
  text("dirname(path)", "string", 1, posix.dirname),
  text("upper(text)", "string", 1, (of) => of.toUpperCase()),
  text("lower(text)", "string", 1, (of) => of.toLowerCase()),
  text("trim(text)", "string", 1, (of) => of.trim()),
  text("strlen(text)", "int", 1, (of) => [...of].length),
  text("strcmp(a, b)", "int", 2, compare as (...texts: string[]) => number),
  text("contains(text, part)", "bool", 2, (of, looked) => of.includes(looked!)),
  text("startswith(text, part)", "bool", 2, (of, looked) => of.startsWith(looked!)),
  text("endswith(text, part)", "bool", 2, (of, looked) => of.endsWith(looked!)),
  {
    usage: "match(pattern, text)",
    parameters: [TEXT, TEXT],
    result: "bool",
    apply([pattern, of], _environment, fail) {
      try {
        return globMatcher(valueText(pattern!)!, { dot: true })(valueText(of!)!);
      } catch (error) {
        if (error instanceof UserError) return fail(error.message);
        throw error;
      }
    },
  },
  text("replace(text, old, new)", "string", 3, (of, old, by) => (old === "" ? of! : of!.replaceAll(old!, () => by!))),
  {
    usage: "substr(text, start, length)",
    parameters: [TEXT, WHOLE, WHOLE],
    required: 2,
    result: "string",
    apply: ([of, start, length]) => part(valueText(of!)!, start as number, length as number | undefined),
  },
  {
    usage: "split(text, separator)",
    parameters: [TEXT, TEXT],
    required: 1,
    result: "string[]",
    apply([of, separator]) {
      const whole = valueText(of!)!;
      return separator === undefined ? words(whole) : whole.split(valueText(separator)!);
    },
  },
  {
    usage: "join(list, separator)",
    parameters: [["float[]", "string[]", "file[]"], TEXT],
    result: "string",
    apply: ([list, separator]) =>
      (isList(list!) ? list : []).map((each) => valueText(each)!).join(valueText(separator!)!),
  },
  { usage: "str(value)", parameters: [PRINTABLE], result: "string", apply: ([value]) => valueText(value!)! },
  {
    usage: "int(value)",
    parameters: [WANTED_NUMBER],
    result: "int",
    apply: ([value], _environment, fail) => Math.trunc(numberOf(value!, "int", fail)),
  },
  {
    usage: "float(value)",
    parameters: [WANTED_NUMBER],
    result: "float",
    apply: ([value], _environment, fail) => numberOf(value!, "float", fail),
  },
];
