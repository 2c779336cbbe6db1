/** Why a fingerprint is not the one it was: the fields in which two manifests differ. Knows manifests alone. */
import { linesOf } from "./parts.js";

export interface Change {
  /** `param.copies`, `code`, `input.main`. */
  readonly field: string;
  readonly old: readonly string[];
  readonly new: readonly string[];
}

/** What sort of thing makes an item cook. */
export type ReasonKind =
  | "file"
  | "input"
  | "attribute"
  | "parameter"
  | "code"
  | "version"
  | "package"
  | "environment"
  | "seed"
  | "order"
  | "never_cooked"
  | "dirty"
  | "lost"
  | "partial"
  | "forced"
  | "cache_mode"
  | "never_cached"
  | "unknown";

const ANOTHER_ORDER = "another order";

/** The sort of a change. A field of an input may hold attributes and files: the files decide. */
export function kindOf({ field, old, new: now }: Change): ReasonKind {
  if (old[0] === ANOTHER_ORDER) return "order";
  if (field === "code" || field === "package" || field === "seed" || field === "attribute") return field;
  if (field === "type" || field === "schema") return "version";
  if (field.startsWith("param.")) return "parameter";
  if (field.startsWith("env.")) return "environment";
  if (field.startsWith("input.") && [...old, ...now].every((line) => line.startsWith("@"))) return "attribute";
  return field === "file" ? "file" : "input";
}

/** A line of an input or file in two manifests; undefined where it came or went. */
export interface LinePair {
  readonly old: string | undefined;
  readonly new: string | undefined;
}

/** Files and attributes of a changed field, paired by name in order. */
export function pairsOf({ old, new: now }: Change): LinePair[] {
  const gone = [...old];
  const pairs = now.map((line): LinePair => {
    const place = gone.findIndex((other) => nameOf(other) === nameOf(line));
    return { old: place === -1 ? undefined : gone.splice(place, 1)[0], new: line };
  });
  return [...pairs, ...gone.map((line) => ({ old: line, new: undefined }))];
}

/** The fields whose values differ, in the new manifest's order. A repeated field is compared as a list without places. */
export function changes(old: string, now: string): Change[] {
  const before = fields(old);
  const after = fields(now);
  const result: Change[] = [];
  for (const field of new Set([...after.keys(), ...before.keys()])) {
    const removed = without(before.get(field) ?? [], after.get(field) ?? []);
    const added = without(after.get(field) ?? [], before.get(field) ?? []);
    if (removed.length > 0 || added.length > 0) result.push({ field, old: removed, new: added });
    else if ((before.get(field) ?? []).join("\n") !== (after.get(field) ?? []).join("\n")) {
      result.push({ field, old: [ANOTHER_ORDER], new: [] });
    }
  }
  return result;
}

/** One line for people. */
export function describeChange(change: Change): string {
  const { field, old, new: now } = change;
  if (old[0] === ANOTHER_ORDER) return `${field}: the same inputs in another order`;
  if (field === "code") return "the node's code changed";
  if (field === "type") return `the node type was ${old[0]}, is ${now[0]}`;
  if (field === "package") return `packages: ${list(old)} → ${list(now)}`;
  if (field.startsWith("input.") || field === "file") return describeFiles(change);
  if (field.startsWith("env.")) return describeValue(`the environment variable ${field.slice(4)}`, change);
  return describeValue(field, change);
}

function describeValue(name: string, { old, new: now }: Change): string {
  if (old.length === 0) return `${name} is now ${list(now)} (was not set)`;
  if (now.length === 0) return `${name} is no longer set (was ${list(old)})`;
  return `${name} was ${list(old)}, is ${list(now)}`;
}

function describeFiles(change: Change): string {
  const { field, old, new: now } = change;
  const pairs: string[] = [];
  const fresh: string[] = [];
  const gone: string[] = [];
  for (const { old: before, new: line } of pairsOf(change)) {
    if (before !== undefined && line !== undefined) pairs.push(pair(before, line));
    else if (line !== undefined) fresh.push(line);
    else if (before !== undefined) gone.push(before);
  }
  const parts = [
    ...(pairs.length > 0 ? [list(repeated(pairs))] : []),
    ...counted("new", fresh),
    ...counted("gone", gone),
  ];
  return `${field}: ${parts.length === 0 ? `${now.length} items instead of ${old.length}` : parts.join("; ")}`;
}

/** Equal texts once, with how often they stand. */
function repeated(texts: readonly string[]): string[] {
  const times = new Map<string, number>();
  for (const text of texts) times.set(text, (times.get(text) ?? 0) + 1);
  return [...times].map(([text, count]) => (count === 1 ? text : `${text} (${count} times)`));
}

function counted(word: string, lines: readonly string[]): string[] {
  const names = lines.map(nameOf).filter((name) => name !== "item");
  return names.length === 0 ? [] : [`${word} ${list(repeated(names))}`];
}

function pair(old: string, now: string): string {
  if (now === "item") return "another number of items";
  const value = (line: string): string => line.slice(line.indexOf(" = ") + 3);
  return now.startsWith("@")
    ? `${nameOf(now)} was ${value(old)}, is ${value(now)}`
    : `content of ${nameOf(now)} changed`;
}

/** `@width` of an attribute's line; tag and quoted name of a file's. */
export function nameOf(line: string): string {
  if (line.startsWith("@")) return line.slice(0, line.indexOf(" ="));
  return line.slice(65);
}

function list(values: readonly string[]): string {
  const shown = values.slice(0, 4).join(", ");
  return values.length > 4 ? `${shown} and ${values.length - 4} more` : shown;
}

function fields(manifest: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { field, value } of linesOf(manifest)) {
    const values = found.get(field);
    if (values === undefined) found.set(field, [value]);
    else values.push(value);
  }
  return found;
}

function without(these: readonly string[], others: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const value of others) left.set(value, (left.get(value) ?? 0) + 1);
  return these.filter((value) => {
    const count = left.get(value) ?? 0;
    left.set(value, count - 1);
    return count <= 0;
  });
}
