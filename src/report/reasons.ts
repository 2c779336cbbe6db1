/** Why items are cooked, in words. Knows reasons and causes as data; finds none. */
import { canonicalJson } from "../base/hash.js";
import type { Cause } from "../cook/cause.js";
import { attributeIn, fileIn } from "../fingerprint/fields.js";
import { pairsOf } from "../fingerprint/reason.js";
import type { Reason, ReasonKind } from "../workitem/reason.js";

/** Reasons that a line tells; `dag why` has all of them. */
const MOST_PRINTED = 6;
/** Modules that a reason names. */
const MODULES = 5;

/** Those that need no more than their kind. */
const PLAIN: Readonly<Partial<Record<ReasonKind, string>>> = {
  never_cooked: "never cooked",
  dirty: "it was made dirty",
  lost: "its result is no longer in the store",
  not_kept: "its last result was not kept",
  partial: "it has a partial result, from which its cook goes on",
  forced: "forced",
  never_cached: "its node type is never cached",
  unknown: "changed, and the record of what it was is gone",
};

/** All reasons of an item in one line. */
export function reasonsText(reasons: readonly Reason[]): string {
  const texts = reasons.slice(0, MOST_PRINTED).map(reasonText);
  const more = reasons.length > MOST_PRINTED ? [`and ${reasons.length - MOST_PRINTED} more`] : [];
  return [...texts, ...more].join("; ");
}

export function reasonText(reason: Reason): string {
  const { meaning } = reason;
  return `${PLAIN[reason.kind] ?? changeText(reason)}${meaning === undefined ? "" : ` (${meaning})`}`;
}

/** What changed, of a reason or a cause that names a field. */
function changeText({ kind, field = "", old = [], new: now = [], modules = [] }: Reason): string {
  if (kind === "cache_mode") return `cache_mode is ${now[0]}`;
  if (kind === "order") return `${field}: the same inputs in another order`;
  if (kind === "code") return codeText(modules);
  if (field === "schema") return "this version of dag makes other keys";
  if (kind === "version") return `the node type was ${old[0]}, is ${now[0]}`;
  if (kind === "package") return `packages: ${list(old.map(String))} → ${list(now.map(String))}`;
  if (kind === "environment") return valueText(`the environment variable ${field.slice(4)}`, old, now);
  if (kind === "input" || kind === "file") return filesText(field, old, now);
  const [input, name] = [field.split("@")[0], attributeIn(field)];
  if (name === undefined || input === "") return valueText(field, old, now);
  const pairs = old.length === now.length ? pairsOf({ field, old, new: now }) : undefined;
  const texts = pairs?.map((pair) => valueText(`@${name}`, [pair.old], [pair.new]));
  return `${input}: ${texts === undefined ? valueText(`@${name}`, old, now) : list(repeated(texts))}`;
}

function codeText(modules: readonly string[]): string {
  const more = modules.length > MODULES ? ` and ${modules.length - MODULES} more` : "";
  const named = modules.length === 0 ? "" : `: ${modules.slice(0, MODULES).join(", ")}${more}`;
  return `the node's code changed${named}`;
}

function valueText(name: string, old: readonly unknown[], now: readonly unknown[]): string {
  const [before, after] = [old, now].map((values) => list(values.map(reasonValue)));
  if (old.length === 0) return `${name} is now ${after} (was not set)`;
  if (now.length === 0) return `${name} is no longer set (was ${before})`;
  return `${name} was ${before}, is ${after}`;
}

function filesText(field: string, old: readonly unknown[], now: readonly unknown[]): string {
  const changed: string[] = [];
  const fresh: string[] = [];
  const gone: string[] = [];
  for (const pair of pairsOf({ field, old, new: now })) {
    const [before, after] = [fileName(pair.old), fileName(pair.new)];
    if (before !== undefined && after !== undefined) changed.push(`content of ${after} changed`);
    else if (after !== undefined) fresh.push(after);
    else if (before !== undefined) gone.push(before);
  }
  const parts = [
    ...(changed.length > 0 ? [list(repeated(changed))] : []),
    ...(fresh.length > 0 ? [`new ${list(repeated(fresh))}`] : []),
    ...(gone.length > 0 ? [`gone ${list(repeated(gone))}`] : []),
  ];
  return `${field}: ${parts.length === 0 ? `${now.length} items instead of ${old.length}` : parts.join("; ")}`;
}

/** Tag and quoted name of a file. */
function fileName(value: unknown): string | undefined {
  const file = fileIn(value);
  if (file === undefined) return undefined;
  return `${file.tag === undefined ? "" : `${file.tag} `}${JSON.stringify(file.name)}`;
}

/** A manifest's value for people: of a file its digest and name, of anything else its JSON. */
export function reasonValue(value: unknown): string {
  if (Array.isArray(value) && value.some((one) => fileIn(one) !== undefined)) return value.map(reasonValue).join(" ");
  const file = fileIn(value);
  return file === undefined ? canonicalJson(value) : `${file.digest} ${JSON.stringify(file.name)}`;
}

/** Equal texts once, with how often they stand. */
function repeated(texts: readonly string[]): string[] {
  const times = new Map<string, number>();
  for (const text of texts) times.set(text, (times.get(text) ?? 0) + 1);
  return [...times].map(([text, count]) => (count === 1 ? text : `${text} (${count} times)`));
}

function list(texts: readonly string[]): string {
  const first = texts.slice(0, 4).join(", ");
  return texts.length > 4 ? `${first} and ${texts.length - 4} more` : first;
}

/** What changed by itself. `path`: how a symbolic path is shown; `modules`: of changed code, where they are known. */
export function causeText(
  { kind, detail }: Pick<Cause, "kind" | "detail">,
  path: (symbolic: string) => string,
  modules: readonly string[],
): string {
  if (detail.what === "change") return changeText({ kind, ...detail.change, modules });
  if (detail.what === "members") {
    const { field, more } = detail;
    return `${field} has ${Math.abs(more)} ${more > 0 ? "more" : "fewer"} items than before`;
  }
  if (detail.what === "file") {
    const became = { gone: "is gone", new: "is new", changed: "has other bytes" }[detail.became];
    return `${detail.isPath ? path(detail.name) : detail.name} ${became}`;
  }
  if (detail.what === "made") {
    const { name, of } = detail;
    return of === "the_same"
      ? `${name} came out otherwise, of the same inputs`
      : `${name} is another; what it was made from is no longer recorded`;
  }
  const value = (one: unknown): string => (one === undefined ? "not set" : reasonValue(one));
  const source = detail.source === undefined ? "" : `${path(detail.source)}: `;
  return `${source}@${detail.name} was ${value(detail.old)}, is ${value(detail.new)}`;
}
