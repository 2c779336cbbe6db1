/** A manifest read back: what decided a cook, part by part. Knows manifests' text alone. */
import type { Digest } from "../base/hash.js";

/** A file as a manifest has it. `field`: `input.main`, `file`, `param.image`, `attribute`. */
export interface ManifestFile {
  readonly field: string;
  readonly digest: Digest;
  /** Undefined for the file of a parameter, or of an attribute that has none. */
  readonly tag: string | undefined;
  readonly name: string;
}

export interface ManifestParts {
  /** `augment@1`. */
  readonly type: string;
  readonly code: string;
  readonly packages: readonly string[];
  /** Names without `param.`, and values as canonical JSON; of a file, its digest and name. */
  readonly params: readonly (readonly [name: string, text: string])[];
  /** The item's own attributes that were read: names with `@`, and values as canonical JSON. */
  readonly attributes: readonly (readonly [name: string, text: string])[];
  readonly variables: readonly (readonly [name: string, text: string])[];
  readonly seed: string | undefined;
  /** Every file that was read, in order. */
  readonly files: readonly ManifestFile[];
}

/** One line of a manifest. */
export interface ManifestLine {
  readonly field: string;
  readonly value: string;
}

export function linesOf(manifest: string): ManifestLine[] {
  return manifest.split("\n").map((line) => {
    const cut = line.indexOf(": ");
    return { field: line.slice(0, cut), value: line.slice(cut + 2) };
  });
}

export function partsOf(manifest: string): ManifestParts {
  const lines = linesOf(manifest);
  const all = (field: string) => lines.filter((line) => line.field === field).map(({ value }) => value);
  const named = (prefix: string) =>
    lines
      .filter(({ field }) => field.startsWith(prefix))
      .map(({ field, value }) => [field.slice(prefix.length), value] as const);
  return {
    type: all("type")[0] ?? "",
    code: all("code")[0] ?? "",
    packages: all("package"),
    params: named("param."),
    attributes: all("attribute").map((value) => {
      const cut = value.indexOf(" = ");
      return [value.slice(0, cut), value.slice(cut + 3)] as const;
    }),
    variables: named("env."),
    seed: all("seed")[0],
    files: lines.flatMap(filesOf),
  };
}

const IN_PARAMETER = /([0-9a-f]{64}) ("(?:[^"\\]|\\.)*")/g;

/** The files of a line: one of an input, those of a parameter that is a path, those among an attribute's values. */
export function filesOf({ field, value }: ManifestLine): ManifestFile[] {
  if (field.startsWith("param.")) {
    if (!/^[0-9a-f]{64} "/.test(value)) return [];
    return [...value.matchAll(IN_PARAMETER)].map(([, digest, name]) => {
      return { field, digest: digest as Digest, tag: undefined, name: JSON.parse(name as string) };
    });
  }
  // Of a package, too, a value may begin so: @bufbuild/protobuf@2.17.0.
  const ofItems = field === "attribute" || field === "file" || field.startsWith("input.");
  if (!ofItems || value === "item") return [];
  if (value.startsWith("@")) return filesIn(JSON.parse(value.slice(value.indexOf(" = ") + 3)), field);
  const quote = value.indexOf(' "', 64);
  const name = JSON.parse(value.slice(quote + 1)) as string;
  return [{ field, digest: value.slice(0, 64) as Digest, tag: value.slice(65, quote), name }];
}

function filesIn(value: unknown, field: string): ManifestFile[] {
  if (Array.isArray(value)) return value.flatMap((one) => filesIn(one, field));
  if (typeof value !== "object" || value === null || !("$file" in value)) return [];
  const { $file, digest, tag } = value as { $file: unknown; digest?: unknown; tag?: unknown };
  if (typeof $file !== "string" || typeof digest !== "string") return [];
  return [{ field, digest: digest as Digest, tag: typeof tag === "string" ? tag : undefined, name: $file }];
}
