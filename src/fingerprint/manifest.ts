/**
 * What decides a cook, written once: the manifest is a list of fields with their values, as JSON, and the digest of that text is
 * the fingerprint, so the reason for a recook can never disagree with the key. Knows values and digests; nothing of graphs, items
 * or stores. `fields` reads it.
 */
import { canonicalJson, type Digest, digestOf } from "../base/hash.js";
import type { ParamSchema, ParamSchemas } from "../nodetype/params.js";

/** Raised when the manifest's meaning changes: every fingerprint changes with it. */
export const MANIFEST_SCHEMA = 2;

/** A file as it decides a cook: never by its folder. */
export interface FileIdentity {
  readonly digest: string;
  readonly tag: string;
  readonly name: string;
}

/** One upstream item as it decides a cook. */
export interface MemberIdentity {
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly files: readonly FileIdentity[];
}

/** What all items of a node with the same parameters share. */
export interface NodeIdentity {
  readonly type: string;
  readonly version: number;
  readonly code: Digest;
  readonly packages: readonly string[];
  readonly schemas: ParamSchemas;
  readonly params: Readonly<Record<string, unknown>>;
  /** Digest of the file behind a `path: "input"` parameter; undefined for a folder, whose files discovery brings. */
  readonly inputDigest: (path: string) => string | undefined;
}

/** What is an item's own. */
export interface ItemIdentity {
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Of the environment, by name. */
  readonly variables: Readonly<Record<string, string>>;
  readonly inputs: ReadonlyMap<string, readonly MemberIdentity[]>;
  readonly files: readonly FileIdentity[];
  readonly seed: number | undefined;
}

export interface Fingerprint {
  readonly digest: Digest;
  readonly manifest: string;
}

/**
 * The first fields of a manifest, made once where the items of a node share their parameters: a list without its end.
 * `param.training.rate` is the field of a nested parameter; a file is an object with `$file` (its base name) and `digest`.
 */
export function nodeManifest(node: NodeIdentity): string {
  let text = `[["schema",${MANIFEST_SCHEMA}],["type",${JSON.stringify(`${node.type}@${node.version}`)}],["code","${node.code}"]`;
  for (const name of node.packages) text += `,["package",${JSON.stringify(name)}]`;
  for (const [field, value] of paramFields(node.schemas, node.params, "param", node.inputDigest))
    text += `,[${JSON.stringify(field)},${canonicalJson(value)}]`;
  return text;
}

/**
 * Adds what is the item's own, and takes the digest of it all. `@width` is the field of an attribute, `file` that of a file of its
 * own. An input's member is a field `input.main` without a value, then its attributes (`input.main@width`) and files
 * (`input.main`), in order.
 */
export function fingerprint(node: string, item: ItemIdentity): Fingerprint {
  let manifest = node;
  if (item.seed !== undefined) manifest += `,["seed",${item.seed}]`;
  const variables = Object.keys(item.variables);
  if (variables.length > 1) variables.sort();
  for (const name of variables)
    manifest += `,[${JSON.stringify(`env.${name}`)},${JSON.stringify(item.variables[name])}]`;
  manifest += attributeFields("", item.attributes);
  for (const file of item.files) manifest += fileField("file", file);
  for (const [input, members] of item.inputs) {
    for (const member of members) {
      manifest += `,["input.${input}",null]${attributeFields(`input.${input}`, member.attributes)}`;
      for (const file of member.files) manifest += fileField(`input.${input}`, file);
    }
  }
  manifest += "]";
  return { digest: digestOf(manifest), manifest };
}

function fileField(field: string, { name, digest, tag }: FileIdentity): string {
  return `,["${field}",{"$file":${JSON.stringify(name)},"digest":"${digest}","tag":${JSON.stringify(tag)}}]`;
}

function attributeFields(field: string, attributes: Readonly<Record<string, unknown>>): string {
  let fields = "";
  for (const name in attributes) fields += `,["${field}@${name}",${canonicalJson(attributes[name])}]`;
  return fields;
}

function* paramFields(
  schemas: ParamSchemas,
  values: Readonly<Record<string, unknown>>,
  prefix: string,
  inputDigest: NodeIdentity["inputDigest"],
): Generator<readonly [field: string, value: unknown]> {
  for (const name of Object.keys(schemas).sort()) {
    const schema = schemas[name];
    const value = values[name];
    if (schema === undefined || value === undefined || value === null || schema.effect !== undefined) continue;
    // A parameter may be a list or an object: [low, high] or { percentiles }.
    if (schema.properties !== undefined && typeof value === "object" && !Array.isArray(value)) {
      yield* paramFields(schema.properties, value as Record<string, unknown>, `${prefix}.${name}`, inputDigest);
    } else yield [`${prefix}.${name}`, decisive(schema, value, inputDigest)];
  }
}

/** A parameter's value as it decides a cook: paths by what lies there, or by the name alone. */
function decisive(schema: ParamSchema, value: unknown, inputDigest: NodeIdentity["inputDigest"]): unknown {
  if (schema.path === "output" && typeof value === "string") return outputName(value);
  if (schema.path === "input" && typeof value === "string") return inputFile(value, inputDigest);
  if (schema.items?.path === "input" && Array.isArray(value))
    return value.map((path) => inputFile(String(path), inputDigest));
  return value;
}

/** Null for a folder: what is in it comes through discovery. */
function inputFile(path: string, inputDigest: NodeIdentity["inputDigest"]): unknown {
  const digest = inputDigest(path);
  return digest === undefined ? null : { $file: path.slice(path.lastIndexOf("/") + 1), digest };
}

/**
 * An output path in two: the folder, which decides only where results are put, and the name (with any folders that hold a
 * `{variable}`), which the node fills in. `$HIP/out/{network}_{iteration}.onnx` → `$HIP/out` and the rest.
 */
export function splitOutput(path: string): { readonly folder: string; readonly name: string } {
  const variable = path.indexOf("{", path.startsWith("${") ? 2 : 0);
  const cut = path.lastIndexOf("/", variable === -1 ? undefined : variable);
  return { folder: cut === -1 ? "" : path.slice(0, cut) || "/", name: path.slice(cut + 1) };
}

/** The part of an output path that the node sees, and the fingerprint holds. */
export function outputName(path: string): string {
  return splitOutput(path).name;
}
