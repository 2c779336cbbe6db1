/** Items of tables' rows. Knows no format of files. */
import type { GeneratedItem, Json } from "dag-cook";
import type { Value } from "../../attribute/typed/order.js";
import { Repeats } from "../../attribute/typed/repeats.js";
import { cellValue, columnsOf, type RowsRead, type Table } from "./columns.js";

/** Rows that a file may have: more are no work for items. */
export const MOST_ROWS = 1_000_000;

/**
 * An item for each row, with its cells as attributes; empty cells make none. What a row holds is its identity, not where
 * it stands: only equal rows are told apart by a number.
 */
export function* itemsOfRows(
  tables: readonly Table[],
  params: RowsRead & { readonly file: string | null },
): Generator<GeneratedItem> {
  // A file that was read is not offered below: a row is what it was while others change.
  const files = params.file === null ? { files: [] } : {};
  const repeats = new Repeats();
  for (const table of tables) {
    for (const { own, attributes } of rowsOf(table, params)) {
      const repeat = repeats.before(own);
      yield { identity: repeat === 0 ? own : { row: own, repeat }, attributes, ...files };
    }
  }
}

interface Row {
  /** What tells it from other rows. */
  readonly own: Json;
  readonly attributes: Readonly<Record<string, Value>>;
}

function* rowsOf(table: Table, params: RowsRead): Generator<Row> {
  const columns = columnsOf(table, params);
  const keys = params.key.length === 0 ? [] : columnsOf(table, { ...params, columns: params.key.map(keyColumn) });
  const end = params.first + (params.limit ?? table.rows.length);
  for (const [place, row] of table.rows.slice(params.first, end).entries()) {
    const attributes: Record<string, Value> = {};
    for (const column of columns) {
      const value = cellValue(row[column.place] ?? null, column, params.first + place);
      if (value !== undefined) attributes[column.attribute] = value;
    }
    const keyed = Object.fromEntries(
      keys.map((key) => [key.name, (cellValue(row[key.place] ?? null, key, params.first + place) ?? null) as Json]),
    );
    yield { own: keys.length === 0 ? (attributes as Json) : keyed, attributes };
  }
}

function keyColumn(name: string, index: number): RowsRead["columns"][number] {
  // Of the attributes' names, which must differ, nothing is used.
  return { name, attribute: `key_${index}`, type: "auto" };
}
