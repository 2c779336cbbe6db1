/** The few expressions and templates that the fuzz's graphs hold, evaluated for an item of the model. */
import type { Json } from "../../src/nodetype/define.js";
import type { Attribute, Item } from "./items.js";
import type { Placed } from "./world.js";

/** The world says something that the model has no words for: no case to try. */
export class Unmodelled extends Error {}

/** An expression has no value: its item, or its node, fails. */
export class NoValue extends Error {}

const EXPRESSION = /^@(\w+)(?: (\+|\*|%|<|==) (\d+))?$/;
const EXPANDED = /\$\{OS\}|@\{(\w+)\}|@(\w+)/g;

/** The value of what stands where a number, a truth or an expression may. */
export function evaluated(given: Json, node: Placed, item: Item | undefined): Attribute {
  if (typeof given === "number" || typeof given === "boolean") return given;
  const [, name = "", operator, other] = EXPRESSION.exec(String(given)) ?? [];
  const value = attributeOf(name, node, item);
  if (operator === undefined) return value;
  if (typeof value !== "number") throw new Unmodelled(`${given} of no number`);
  if (operator === "+") return value + Number(other);
  if (operator === "*") return value * Number(other);
  if (operator === "%") return value % Number(other);
  return operator === "<" ? value < Number(other) : value === Number(other);
}

/** The text of a template. */
export function textOf(given: string, node: Placed, item: Item | undefined): string {
  return given.replaceAll(EXPANDED, (whole, braced?: string, bare?: string) => {
    if (whole === "$" + "{OS}") return node.name;
    return String(attributeOf(braced ?? bare ?? "", node, item));
  });
}

/** Names of the attributes in any of the parameters' expressions. */
export function namesIn(params: Readonly<Record<string, Json>>): readonly string[] {
  return [...JSON.stringify(params).matchAll(/@\{?(\w+)/g)].map(([, name]) => name!);
}

function attributeOf(name: string, node: Placed, item: Item | undefined): Attribute {
  const value = item?.attribute(name);
  if (value === undefined) throw new NoValue(`${node.name}: @${name}`);
  return value;
}
