/** JSON as a table. Knows no items. */
import { DEEPEST_JSON, type Json, jsonDepth, jsonNumberProblem } from "dag-cook";
import type { Table } from "./columns.js";
import { MOST_ROWS } from "./items.js";

/** Which rows there are. A type, since it is remembered as JSON with what was read. */
export type JsonForm = { readonly at: string; readonly each: boolean; readonly numbers: "exact" | "nearest" };

/**
 * The table at a JSON Pointer (RFC 6901): a row for each element of a list or member of an object, or one row. Columns are
 * the members of its objects; `key` holds the name of a member, `value` what is no object. Throws with a message for the
 * user.
 */
export function tableOfJson(text: string, { at, each, numbers }: JsonForm): Table {
  const found = valueAt(parsed(text), at);
  const problem = numbers === "exact" ? jsonNumberProblem(text) : undefined;
  if (problem !== undefined) throw new Error(`${problem}; "numbers": "nearest" takes the nearest one`);
  const rows = each ? elementsOf(found, at) : [fieldsOf(found)];
  if (rows.length > MOST_ROWS) throw new Error(`it has ${rows.length} elements, above the limit of ${MOST_ROWS}`);
  const columns = [...new Set(rows.flatMap((row) => [...row.keys()]))];
  return { columns, rows: rows.map((row) => columns.map((name) => withoutNull(row.get(name) ?? null, name))) };
}

type Fields = ReadonlyMap<string, Json>;

function parsed(text: string): Json {
  if (jsonDepth(text) > DEEPEST_JSON)
    throw new Error(`its lists and objects are nested more than ${DEEPEST_JSON} deep`);
  try {
    return JSON.parse(text.replace(/^\uFEFF/, "")) as Json;
  } catch (cause) {
    throw new Error(`it is no JSON: ${(cause as Error).message}`, { cause });
  }
}

function valueAt(root: Json, pointer: string): Json {
  let value = root;
  const steps = pointer === "" ? [] : pointer.slice(1).split("/");
  for (const [index, step] of steps.entries()) {
    const name = step.replaceAll("~1", "/").replaceAll("~0", "~");
    const inside = typeof value === "object" && value !== null && Object.hasOwn(value, name);
    if (!inside) throw new Error(`there is nothing at "/${steps.slice(0, index + 1).join("/")}"${membersOf(value)}`);
    value = (value as Readonly<Record<string, Json>>)[name]!;
  }
  return value;
}

function membersOf(value: Json): string {
  if (typeof value !== "object" || value === null) return `, which is below ${JSON.stringify(value)}`;
  if (Array.isArray(value)) return `: the list has ${value.length} elements`;
  return `: the members are ${Object.keys(value).slice(0, 10).join(", ") || "none"}`;
}

function elementsOf(value: Json, at: string): readonly Fields[] {
  if (Array.isArray(value)) return value.map(fieldsOf);
  if (typeof value !== "object" || value === null)
    throw new Error(
      `there is ${JSON.stringify(value)} at "${at}", no list and no object; "each": false takes it as one row`,
    );
  return Object.entries(value).map(([key, member]) => new Map([["key", key], ...fieldsOf(member)]));
}

function fieldsOf(value: Json): Fields {
  const object = typeof value === "object" && value !== null && !Array.isArray(value);
  return new Map(object ? Object.entries(value) : [["value", value]]);
}

/** What an attribute can hold: a dictionary has no nulls, and nothing from outside calls itself a file. */
function withoutNull(value: Json, column: string): Json {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    if (value.includes(null)) throw new Error(`a list in "${column}" holds null, which no attribute can`);
    return value.map((element: Json) => withoutNull(element, column));
  }
  if (Object.hasOwn(value, "$file")) throw new Error(`"${column}" holds the name "$file", which files alone have`);
  const members = Object.entries(value).filter(([, member]) => member !== null);
  return Object.fromEntries(members.map(([name, member]) => [name, withoutNull(member, column)]));
}
