/** Why a fingerprint is not the one it was: the fields in which two manifests differ. Knows manifests alone, and makes no words. */
import { canonicalJson } from "../base/hash.js";
import type { ReasonKind } from "../workitem/reason.js";
import { ACCEPTED, attributeIn, fieldsOf, fileIn } from "./fields.js";

/** A field whose values are others. Of a repeated one, those that are gone and those that came. */
export interface Change {
  /** `param.copies`, `code`, `input.main`, `@width`. */
  readonly field: string;
  readonly old: readonly unknown[];
  readonly new: readonly unknown[];
}

/** The sort of a change; of a field whose values are the same in another order, neither old nor new has any. */
export function kindOf({ field, old, new: now }: Change): ReasonKind {
  if (old.length === 0 && now.length === 0) return "order";
  if (field === "code" || field === "package" || field === "seed" || field === "file") return field;
  if (field === "type" || field === "schema") return "version";
  if (field.startsWith("param.")) return "parameter";
  if (field.startsWith("env.")) return "environment";
  return attributeIn(field) === undefined ? "input" : "attribute";
}

/** A value of a field in two manifests; undefined where it came or went. */
export interface Pair {
  readonly old: unknown;
  readonly new: unknown;
}

/** Values of a changed field, files paired by tag and name and others in order. */
export function pairsOf({ old, new: now }: Change): Pair[] {
  const gone = [...old];
  const pairs = now.map((value): Pair => {
    const place = gone.findIndex((other) => nameIn(other) === nameIn(value));
    return { old: place === -1 ? undefined : gone.splice(place, 1)[0], new: value };
  });
  return [...pairs, ...gone.map((value) => ({ old: value, new: undefined }))];
}

function nameIn(value: unknown): string {
  const file = fileIn(value);
  return file === undefined ? String(value === null) : `${file.tag} ${file.name}`;
}

/** The fields whose values differ, in the new manifest's order. A repeated field is compared as a list without places. */
export function changes(old: string, now: string): Change[] {
  const before = valuesIn(old);
  const after = valuesIn(now);
  const [oldSchema, schema] = [before, after].map((fields) => fields.get("schema")?.map(parsed) ?? []);
  // Where manifests mean something else, nothing in them can be compared.
  if (oldSchema?.[0] !== schema?.[0]) return [{ field: "schema", old: oldSchema ?? [], new: schema ?? [] }];
  const result: Change[] = [];
  for (const field of new Set([...after.keys(), ...before.keys()])) {
    const [had, has] = [before.get(field) ?? [], after.get(field) ?? []];
    const [gone, came] = [without(had, has), without(has, had)];
    const isMoved = gone.length === 0 && came.length === 0 && had.join() !== has.join();
    if (gone.length > 0 || came.length > 0 || isMoved)
      result.push({ field, old: gone.map(parsed), new: came.map(parsed) });
  }
  return result;
}

/** The values of each field, as canonical JSON. */
function valuesIn(manifest: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const [field, value] of fieldsOf(manifest)) {
    // It decides nothing.
    if (field === ACCEPTED) continue;
    const text = canonicalJson(value);
    const values = found.get(field);
    if (values === undefined) found.set(field, [text]);
    else values.push(text);
  }
  return found;
}

function parsed(text: string): unknown {
  return JSON.parse(text);
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
