/** The patterns of `format`: `%04d`, `%.3f`, `%e`, `%s`, `%x`, as in C's printf. Knows no expressions. */
import { describeValue, NUMBER, PRINTABLE, type WantedTypes, WHOLE } from "./typed.js";
import { numberText, type Value, valueText } from "./value.js";

type Conversion = "d" | "e" | "f" | "s" | "x";

interface Directive {
  readonly conversion: Conversion;
  readonly flags: string;
  readonly width: number;
  readonly precision: number | undefined;
}

/** Text and directives in order. */
export type Pattern = readonly (string | Directive)[];

const DIRECTIVE = /%(?:%|([-+ 0]*)(\d*)(?:\.(\d*))?(.?))/gsu;
const WIDEST = 200;
const MOST_DIGITS = 100;

const WANTED: Readonly<Record<Conversion, WantedTypes>> = { d: WHOLE, x: WHOLE, e: NUMBER, f: NUMBER, s: PRINTABLE };

/** A pattern's parts, or a message that says what is wrong with it. */
export function parsePattern(text: string): Pattern | string {
  const parts: (string | Directive)[] = [];
  let end = 0;
  for (const found of text.matchAll(DIRECTIVE)) {
    parts.push(text.slice(end, found.index));
    end = found.index + found[0].length;
    const [whole, flags = "", width = "", precision, conversion = ""] = found;
    if (whole === "%%") parts.push("%");
    else if (!Object.hasOwn(WANTED, conversion))
      return `"${whole}" is no directive; there are %d, %x, %e, %f, %s and %%.`;
    else if (Number(width) > WIDEST) return `"${whole}" is wider than ${WIDEST} characters.`;
    else if (Number(precision ?? 0) > MOST_DIGITS) return `"${whole}" asks for more than ${MOST_DIGITS} digits.`;
    else {
      const digits = precision === undefined ? undefined : Number(precision);
      parts.push({ conversion: conversion as Conversion, flags, width: Number(width), precision: digits });
    }
  }
  parts.push(text.slice(end));
  return parts;
}

/** What each directive needs, in order. */
export function patternArguments(pattern: Pattern): readonly WantedTypes[] {
  return pattern.flatMap((part) => (typeof part === "string" ? [] : [WANTED[part.conversion]]));
}

/** The text of the values in a pattern; their number and types are those of `patternArguments`. */
export function applyPattern(pattern: Pattern, values: readonly Value[]): string {
  let next = 0;
  return pattern.map((part) => (typeof part === "string" ? part : written(part, values[next++]!))).join("");
}

function written({ conversion, flags, width, precision }: Directive, value: Value): string {
  if (conversion === "s") {
    const text = (valueText(value) ?? describeValue(value)).slice(0, precision);
    return flags.includes("-") ? text.padEnd(width) : text.padStart(width);
  }
  const number = value as number;
  const sign = number < 0 ? "-" : flags.includes("+") ? "+" : flags.includes(" ") ? " " : "";
  const digits = digitsOf(conversion, Math.abs(number), precision);
  if (flags.includes("-")) return (sign + digits).padEnd(width);
  return flags.includes("0") ? sign + digits.padStart(width - sign.length, "0") : (sign + digits).padStart(width);
}

function digitsOf(conversion: Conversion, number: number, precision: number | undefined): string {
  switch (conversion) {
    case "d":
      return numberText(number).padStart(precision ?? 0, "0");
    case "x":
      return BigInt(number)
        .toString(16)
        .padStart(precision ?? 0, "0");
    case "e":
      // C writes at least two digits of exponent.
      return number.toExponential(precision ?? 6).replace(/e([+-])(\d)$/, "e$10$2");
    default:
      return fixed(number, precision ?? 6);
  }
}

/** `toFixed` answers with an exponent from 1e21 on; such numbers are whole. */
function fixed(number: number, digits: number): string {
  if (number < 1e21) return number.toFixed(digits);
  return numberText(number) + (digits > 0 ? `.${"0".repeat(digits)}` : "");
}
