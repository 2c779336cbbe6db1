/** A manifest read back: what decided a cook, field by field. Knows manifests' JSON alone. */
import type { Digest } from "../base/hash.js";

/** One of a manifest's fields, in its order. */
export type ManifestField = readonly [field: string, value: unknown];

/** A file as a manifest has it. `field`: `input.main`, `file`, `param.image`, `@image`. */
export interface ManifestFile {
  readonly field: string;
  readonly digest: Digest;
  /** Undefined for the file of a parameter, or of an attribute that has none. */
  readonly tag: string | undefined;
  readonly name: string;
}

/** That a result stands for other code than made it: a user kept it (`dag accept`). */
export interface Acceptance {
  /** Under which it was found until then. */
  readonly fingerprint: Digest;
  /** The code that it stood for until then. */
  readonly code: string;
  /** When the user said so, as ISO 8601. */
  readonly at: string;
}

/** The field of a manifest that holds an acceptance; it decides nothing, and is in no fingerprint. */
export const ACCEPTED = "accepted";

type Named = readonly (readonly [name: string, value: unknown])[];

export interface ManifestParts {
  /** `augment@1`. */
  readonly type: string;
  readonly code: string;
  readonly packages: readonly string[];
  /** Names without `param.`; a file is an object with `$file` and `digest`. */
  readonly params: Named;
  /** The item's own attributes that were read. */
  readonly attributes: Named;
  readonly variables: Named;
  readonly seed: number | undefined;
  /** Every file that was read, in order. */
  readonly files: readonly ManifestFile[];
  /** The first one first. */
  readonly accepted: readonly Acceptance[];
}

/** The form of manifests before they were lists; nothing is known of what they held. */
const OLDEST: readonly ManifestField[] = [["schema", 1]];

/** What an older `dag` wrote otherwise differs in its `schema`. */
export function fieldsOf(manifest: string): readonly ManifestField[] {
  try {
    const fields: unknown = JSON.parse(manifest);
    return Array.isArray(fields) && fields.every(isField) ? fields : OLDEST;
  } catch {
    return OLDEST;
  }
}

function isField(field: unknown): field is ManifestField {
  return Array.isArray(field) && field.length === 2 && typeof field[0] === "string";
}

/** The name of the attribute that a field is of: of the item's own `@width`, of an input's members `input.main@width`. */
export function attributeIn(field: string): string | undefined {
  const at = field.startsWith("@") ? 0 : field.startsWith("input.") ? field.indexOf("@") : -1;
  return at === -1 ? undefined : field.slice(at + 1);
}

export function manifestParts(manifest: string): ManifestParts {
  const fields = fieldsOf(manifest);
  const all = (name: string): unknown[] => fields.filter(([field]) => field === name).map(([, value]) => value);
  const named = (prefix: string): Named =>
    fields
      .filter(([field]) => field.startsWith(prefix))
      .map(([field, value]) => [field.slice(prefix.length), value] as const);
  const [seed] = all("seed");
  return {
    type: String(all("type")[0] ?? ""),
    code: String(all("code")[0] ?? ""),
    packages: all("package").map(String),
    params: named("param."),
    attributes: named("@"),
    variables: named("env."),
    seed: typeof seed === "number" ? seed : undefined,
    files: fields.flatMap(filesIn),
    accepted: all(ACCEPTED).filter(isAcceptance),
  };
}

function isAcceptance(value: unknown): value is Acceptance {
  const { fingerprint, code, at } = (value ?? {}) as Readonly<Record<string, unknown>>;
  return [fingerprint, code, at].every((text) => typeof text === "string");
}

/** The files of a field: one of an input, those of a parameter that is a path, those among an attribute's values. */
function filesIn([field, value]: ManifestField): ManifestFile[] {
  if (Array.isArray(value)) return value.flatMap((one) => filesIn([field, one]));
  const file = fileIn(value);
  return file === undefined ? [] : [{ field, ...file }];
}

/** The file that a value is. */
export function fileIn(value: unknown): Omit<ManifestFile, "field"> | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { $file: name, digest, tag } = value as { $file?: unknown; digest?: unknown; tag?: unknown };
  if (typeof name !== "string" || typeof digest !== "string") return undefined;
  return { digest: digest as Digest, tag: typeof tag === "string" ? tag : undefined, name };
}
