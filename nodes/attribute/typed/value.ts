/** Attribute values as parameters give them, turned into the type that is asked for. Knows no nodes. */
import { numberProblem } from "dag-cook";

/** Types that a parameter can spell. */
export const SPELLED_TYPES = ["int", "float", "string", "bool"] as const;

export type SpelledType = (typeof SPELLED_TYPES)[number];

/** What JSON spells a value with. Text may be what a template made of a number. */
export type Spelled = number | string | boolean;

/** A name that expressions can read: `@learning_rate`. */
export const NAME_PATTERN = "^[A-Za-z_][A-Za-z0-9_]*$";

const MEANING = { int: "a whole number", float: "a number", string: "text", bool: "true or false" } as const;

/** The value in its type; text such as `0.5` or `true` is read. Undefined where it does not fit. */
export function typedValue(value: Spelled, type: SpelledType): Spelled | undefined {
  if (type === "string") return String(value);
  if (type === "bool") return typeof value === "boolean" ? value : { true: true, false: false }[String(value).trim()];
  const number = typeof value === "string" && value.trim() !== "" ? numberOf(value.trim(), type) : value;
  if (typeof number !== "number" || !Number.isFinite(number)) return undefined;
  return type === "float" || Number.isInteger(number) ? number : undefined;
}

/** The number that a text says; as a float the nearest, as an int just that. NaN where there is none. */
function numberOf(text: string, type: "int" | "float"): number {
  return type === "int" && numberProblem(text) !== undefined ? Number.NaN : Number(text);
}

/** What is wrong with a value that `typedValue` does not take. */
export function misfit(value: Spelled, type: SpelledType): string {
  const problem = typeof value === "string" && type !== "bool" ? numberProblem(value.trim()) : undefined;
  if (problem !== undefined) return problem;
  return `${JSON.stringify(value)} is not ${MEANING[type]}, which the type "${type}" asks for`;
}
