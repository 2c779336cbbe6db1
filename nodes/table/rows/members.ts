/** Rows made from the members of an item: a column for each attribute that is asked for. Knows no format of files. */
import type { InputMember, ParamProblem, ParamSchemas, ParamValues } from "dag-cook";
import { scalarOf } from "../../attribute/typed/label.js";
import { UPSTREAM_ATTRIBUTE } from "../../attribute/typed/names.js";
import type { Value } from "../../attribute/typed/order.js";

/** The parameters of every node type that writes rows. */
export const MEMBERS = {
  columns: {
    type: "array",
    required: true,
    minItems: 1,
    description: "The columns, in order.",
    items: {
      type: "object",
      properties: {
        attribute: {
          ...UPSTREAM_ATTRIBUTE,
          required: true,
          description: "Attribute, built-in ones like `pdg_name` too.",
        },
        name: { type: "string", default: "", template: false, description: "Name of the column; empty: the same." },
      },
    },
  },
  missing: {
    type: "string",
    enum: ["fail", "empty", "leave_out"],
    default: "fail",
    description:
      "What becomes of items that lack an attribute: the cook fails, a cell stays empty, or the row is not there.",
  },
} as const satisfies ParamSchemas;

export type Members = ParamValues<typeof MEMBERS>;

export function columnNames({ columns }: Members): readonly string[] {
  return columns.map(({ attribute, name }) => name || attribute);
}

/** The attributes that are read. */
export function readsOf({ columns }: Members): readonly string[] {
  return columns.map(({ attribute }) => attribute);
}

/** Those without which there is no row. */
export function neededBy(members: Members): readonly string[] {
  return members.missing === "fail" ? readsOf(members) : [];
}

/** A row for each member, null for what one lacks. Throws, naming the member, where that is asked for. */
export function rowsOf(
  members: readonly InputMember[],
  { columns, missing }: Members,
): readonly (readonly (Value | null)[])[] {
  return members.flatMap((member) => {
    const row = columns.map(({ attribute }) => member.attributes[attribute] ?? null);
    const place = row.indexOf(null);
    if (place < 0 || missing === "empty") return [row];
    if (missing === "leave_out") return [];
    throw new Error(
      `${member.name} has no attribute "${columns[place]!.attribute}"; "missing" can say what becomes of such items`,
    );
  });
}

/** A value as one cell. */
export function cellOf(value: Value | null): string | number | boolean | null {
  return value === null ? null : scalarOf(value);
}

/** What is wrong with the parameters. */
export function columnProblems(members: Members): readonly ParamProblem[] {
  const names = columnNames(members);
  return names.flatMap((name, index) =>
    names.indexOf(name) < index ? [{ param: `columns.${index}`, message: `two columns are named "${name}"` }] : [],
  );
}
