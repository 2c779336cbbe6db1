/**
 * The parts of a text, at a separator or by a regular expression. Patterns are RE2's: matched in time that grows with pattern times
 * text, whatever a stranger wrote. Knows no attributes.
 */
import { RE2JS } from "re2js";

export interface Parts {
  /** In order. Of a pattern: its groups, the unnamed ones among them; empty where a group took no part. */
  readonly all: readonly string[];
  /** By the names of the pattern's groups that took part. */
  readonly byName: Readonly<Record<string, string>>;
}

/** The pattern that was asked for last: the items of a node have the same one. */
let latest: { readonly pattern: string; readonly compiled: RE2JS } | undefined;

function compiledOf(pattern: string): RE2JS {
  if (latest?.pattern !== pattern) latest = { pattern, compiled: RE2JS.compile(pattern) };
  return latest.compiled;
}

/** The parts between separators; without one, the words. */
export function partsBySeparator(text: string, separator: string | null): Parts {
  const words = text.trim() === "" ? [] : text.trim().split(/\s+/);
  return { all: separator === null ? words : text.split(separator), byName: {} };
}

/** The groups of the first place where the pattern fits; undefined where it fits nowhere. */
export function partsByPattern(text: string, pattern: string): Parts | undefined {
  const compiled = compiledOf(pattern);
  const matcher = compiled.matcher(text);
  if (!matcher.find()) return undefined;
  const all = Array.from({ length: compiled.groupCount() }, (_, index) => matcher.group(index + 1) ?? "");
  const byName: Record<string, string> = {};
  for (const name of groupsOf(pattern)) {
    const found = matcher.group(name);
    if (found !== null && found !== undefined) byName[name] = found;
  }
  return { all, byName };
}

/** Names of a pattern's groups in order; none where it is no pattern. */
export function groupsOf(pattern: string): readonly string[] {
  if (patternProblem(pattern) !== undefined) return [];
  const groups = Object.entries(compiledOf(pattern).namedGroups());
  return groups.sort(([, a], [, b]) => Number(a) - Number(b)).map(([name]) => name);
}

/** What is wrong with a pattern, in words. */
export function patternProblem(pattern: string): string | undefined {
  try {
    compiledOf(pattern);
    return undefined;
  } catch (error) {
    return `it is no regular expression of RE2: ${error instanceof Error ? error.message : String(error)}`;
  }
}
