/** Items of a table's rows. Knows no format of files. */
import type { GeneratedItem, Json } from "dag-cook";
import { sameText, type Value } from "../../attribute/typed/order.js";
import { cellValue, columnsOf, placeOf, type Rows, type Table } from "./columns.js";

/** Rows that a file may have: more are no work for items. */
export const MOST_ROWS = 1_000_000;

/**
 * An item for each row, with its cells as attributes; empty cells make none. What a row holds is its identity, not where
 * it stands: only equal rows are told apart by a number.
 */
export function* itemsOfRows(table: Table, params: Rows): Generator<GeneratedItem> {
  const columns = columnsOf(table, params);
  const keys = params.key.map((name) => ({ name, place: placeOf(table.columns, name) }));
  const end = params.first + (params.limit ?? table.rows.length);
  const seen = new Map<string, number>();
  for (const [place, row] of table.rows.slice(params.first, end).entries()) {
    const attributes: Record<string, Value> = {};
    for (const column of columns) {
      const value = cellValue(row[column.place] ?? null, column, params.first + place);
      if (value !== undefined) attributes[column.attribute] = value;
    }
    const own: Json =
      keys.length === 0
        ? (attributes as Json)
        : Object.fromEntries(keys.map(({ name, place: at }) => [name, row[at] ?? null]));
    const text = sameText(own as Value);
    const repeat = seen.get(text) ?? 0;
    seen.set(text, repeat + 1);
    yield { identity: repeat === 0 ? own : { row: own, repeat }, attributes };
  }
}
