/** Columns of a table as attributes: their names and types. Knows no format of files. */
import type { Json, ParamProblem, ParamSchemas, ParamValues } from "dag-cook";
import { MAYBE_ATTRIBUTE_NAME } from "../../attribute/typed/names.js";
import type { Value } from "../../attribute/typed/order.js";
import { misfit, type Spelled, typedValue } from "../../attribute/typed/value.js";

/** A table as read: cells are numbers, text, booleans, lists, dictionaries, or null where there is nothing. */
export type Table = { readonly columns: readonly string[]; readonly rows: readonly (readonly Json[])[] };

/** The parameters of every node type that makes items of rows. */
export const ROWS = {
  columns: {
    type: "array",
    default: [],
    description: "The columns that become attributes; empty: all. With it, `dag check` knows the attributes below.",
    items: {
      type: "object",
      properties: {
        name: { type: "string", template: false, minLength: 1, required: true, description: "Name of the column." },
        attribute: {
          ...MAYBE_ATTRIBUTE_NAME,
          default: "",
          description: "Name of the attribute; empty: that of the column, with `_` for what no name may hold.",
        },
        type: {
          type: "string",
          enum: ["auto", "int", "float", "string", "bool"],
          default: "auto",
          description: "Type of the values; `auto`: as the file has them, in text files numbers where all are numbers.",
        },
      },
    },
  },
  key: {
    type: "array",
    items: { type: "string", template: false, minLength: 1 },
    uniqueItems: true,
    default: [],
    description:
      "Columns that tell rows apart: an item stays the same item while they do. Empty: all that become attributes.",
  },
  first: { type: "integer", minimum: 0, default: 0, description: "Rows left out at the start." },
  limit: { type: ["integer", "null"], minimum: 1, default: null, description: "Takes so many rows at most." },
} as const satisfies ParamSchemas;

export type Rows = ParamValues<typeof ROWS>;
type Type = Rows["columns"][number]["type"];

/** A column that becomes an attribute. */
export interface Column {
  readonly place: number;
  readonly name: string;
  readonly attribute: string;
  readonly type: Type;
}

/** The columns that are wanted. Throws, naming those there are, where one is not there or two become one attribute. */
export function columnsOf({ columns: present }: Table, { columns: wanted }: Rows): readonly Column[] {
  const chosen = wanted.length > 0 ? wanted : present.map((name) => ({ name, attribute: "", type: "auto" as const }));
  const columns = chosen.map(({ name, attribute, type }) => {
    const place = placeOf(present, name);
    return { place, name, attribute: attribute || attributeName(name), type };
  });
  for (const [index, { name, attribute }] of columns.entries()) {
    const other = columns.findIndex((each) => each.attribute === attribute);
    if (other < index)
      throw new Error(
        `The columns "${columns[other]!.name}" and "${name}" would both become the attribute "${attribute}"; "columns" can name them`,
      );
  }
  return columns;
}

/** The place of a column. Throws, naming those there are, where it is not there. */
export function placeOf(present: readonly string[], name: string): number {
  const place = present.indexOf(name);
  if (place >= 0) return place;
  throw new Error(`There is no column "${name}"; the columns are ${present.map((each) => `"${each}"`).join(", ")}`);
}

function attributeName(column: string): string {
  const name = column.trim().replaceAll(/[^A-Za-z0-9_]+/g, "_");
  return /^[A-Za-z_]/.test(name) ? name : `_${name}`;
}

/** A cell as an attribute of its column's type; undefined where it is empty. Throws, naming the row, where it does not fit. */
export function cellValue(cell: Json, { name, type }: Column, row: number): Value | undefined {
  if (cell === null || (cell === "" && type !== "string" && type !== "auto")) return undefined;
  if (type === "auto") return cell as Value;
  const value = typeof cell === "object" ? undefined : typedValue(cell as Spelled, type);
  if (value !== undefined) return value;
  const problem = typeof cell === "object" ? `it holds no single value` : misfit(cell as Spelled, type);
  throw new Error(`Row ${row + 1}, column "${name}": ${problem}`);
}

/** The attributes that items of rows have, as far as the parameters tell. */
export function writtenBy({ columns }: Rows) {
  if (columns.length === 0) return "any" as const;
  const typeOf = (type: Type) => (type === "auto" ? "any" : type);
  return Object.fromEntries(
    columns.map(({ name, attribute, type }) => [attribute || attributeName(name), typeOf(type)] as const),
  );
}

/** What is wrong with the parameters. */
export function rowsProblems({ columns }: Rows): readonly ParamProblem[] {
  return columns.flatMap(({ name }, index) =>
    columns.findIndex((other) => other.name === name) < index
      ? [{ param: `columns.${index}.name`, message: `"${name}" is given twice` }]
      : [],
  );
}
