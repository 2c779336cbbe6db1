/**
 * The tasks of one message as rows: what all have in common stands there once, and so does the beginning that all strings of a
 * column have. Knows columns, not what is in them.
 */
import type { CookTask, PackedRows, PackedTasks, Task } from "./protocol.js";

/** No member of a task, or of its item, is null. All tasks are of one kind. */
export function packTasks(tasks: readonly Task[]): PackedTasks {
  if (tasks[0]?.kind !== "cook") return { tasks: pack(tasks) };
  return { tasks: pack(tasks, "item"), items: pack((tasks as readonly CookTask[]).map(({ item }) => item)) };
}

export function unpackTasks({ tasks, items }: PackedTasks): Task[] {
  const unpacked = unpack(tasks);
  if (items !== undefined) for (const [place, item] of unpack(items).entries()) unpacked[place]!.item = item;
  return unpacked as unknown as Task[];
}

function pack(objects: readonly object[], without?: string): PackedRows {
  const all = objects as readonly Readonly<Record<string, unknown>>[];
  const known = new Set<string>();
  for (const each of all) for (const name in each) if (name !== without) known.add(name);
  const common: Record<string, unknown> = {};
  const names: string[] = [];
  for (const name of known) {
    const value = all[0]![name];
    if (all.every((each) => each[name] === value)) common[name] = value;
    else names.push(name);
  }
  const begins = names.map((name) => beginning(all, name));
  const rows = all.map((each) =>
    names.map((name, column) => {
      const begin = begins[column]!.length;
      return begin === 0 ? each[name] : (each[name] as string).slice(begin);
    }),
  );
  return { common, names, begins, rows };
}

/** How a column's values begin, where all are strings. */
function beginning(all: readonly Readonly<Record<string, unknown>>[], name: string): string {
  const first = all[0]![name];
  if (typeof first !== "string") return "";
  let length = first.length;
  for (const each of all) {
    const value = each[name];
    if (typeof value !== "string") return "";
    length = Math.min(length, value.length);
    while (length > 0 && !value.startsWith(first.slice(0, length))) length -= 1;
    if (length === 0) return "";
  }
  return first.slice(0, length);
}

function unpack({ common, names, begins, rows }: PackedRows): Record<string, unknown>[] {
  return rows.map((values) => {
    const own: Record<string, unknown> = {};
    for (const [column, value] of values.entries()) {
      if (value !== null) own[names[column]!] = begins[column] === "" ? value : `${begins[column]}${value}`;
    }
    // Spreading what was parsed, and then adding to it, takes ten times as long.
    return Object.assign(own, common);
  });
}
