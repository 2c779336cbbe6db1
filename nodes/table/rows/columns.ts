/** Columns of a table as attributes: their names and types. Knows no format of files. */
import { isWhole, type Json, numberProblem, type ParamProblem, type ParamSchemas, type ParamValues } from "dag-cook";
import { MAYBE_ATTRIBUTE_NAME } from "../../attribute/typed/names.js";
import type { Value } from "../../attribute/typed/order.js";
import { misfit, type Spelled, typedValue } from "../../attribute/typed/value.js";

/** A table as read: cells are numbers, text, booleans, lists, dictionaries, or null where there is nothing. */
export type Table = { readonly columns: readonly string[]; readonly rows: readonly (readonly Json[])[] };

/** A table whose cells are all text: which columns are numbers is seen from all of their cells, where no type is given. */
export type TextTable = {
  readonly text: true;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
};

/** The parameter of node types that read numbers from text. */
export const NUMBERS = {
  numbers: {
    type: "string",
    enum: ["exact", "nearest"],
    default: "exact",
    description:
      "Numbers that cannot be held as they are written (9007199254740993, 1e400, more than 17 digits): `exact` refuses them with their place; a column of CSV with such whole numbers alone stays text. `nearest` takes the nearest number.",
  },
} as const satisfies ParamSchemas;

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
/** With what is said of numbers, where they are read from text. */
export type RowsRead = Rows & Partial<ParamValues<typeof NUMBERS>>;
type Type = Rows["columns"][number]["type"];

/** A column that becomes an attribute. */
export interface Column {
  readonly place: number;
  readonly name: string;
  readonly attribute: string;
  readonly type: Type;
}

/** The columns that are wanted. Throws, naming those there are, where one is not there or two become one attribute. */
export function columnsOf(table: Table, { columns: wanted, numbers }: RowsRead): readonly Column[] {
  const { columns: present } = table;
  const chosen = wanted.length > 0 ? wanted : present.map((name) => ({ name, attribute: "", type: "auto" as const }));
  const columns = chosen.map(({ name, attribute, type }) => {
    const place = placeOf(present, name);
    const own = type === "auto" && isTextTable(table) ? typeOfTexts(table, place, numbers ?? "exact") : type;
    return { place, name, attribute: attribute || attributeName(name), type: own };
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

function isTextTable(table: Table): table is TextTable {
  return (table as Partial<TextTable>).text === true;
}

/** Numbers where all cells that are not empty are numbers, else text. Throws, naming the row, where a number cannot be held. */
function typeOfTexts({ columns, rows }: TextTable, place: number, numbers: "exact" | "nearest"): Type {
  if (!rows.every((row) => row[place] === "" || isNumber(row[place]!))) return "string";
  if (numbers === "nearest") return "float";
  const lost = rows.flatMap((row, index) => {
    const problem = numberProblem(row[place]!);
    return problem === undefined ? [] : [{ problem, index, cell: row[place]! }];
  });
  // Whole numbers of so many digits are names: of accounts, assets, places.
  const first = lost.find(({ cell }) => !isWhole(cell));
  if (first === undefined) return lost.length > 0 ? "string" : "float";
  throw new Error(
    `Row ${first.index + 1}, column "${columns[place]!}": ${first.problem}; "numbers": "nearest" takes the nearest one, the type "string" keeps the text`,
  );
}

// `Number` alone would take " ", "0x1f" and "Infinity"; "007" is a name.
function isNumber(cell: string): boolean {
  return /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(cell);
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
