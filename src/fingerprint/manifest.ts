/**
 * What decides a cook, written once: the manifest is readable text, and its digest is the fingerprint, so the reason for
 * a recook can never disagree with the key. Knows values and digests; nothing of graphs, items or stores.
 */
import { canonicalJson, type Digest, digestOf } from "../base/hash.js";
import type { ParamSchema, ParamSchemas } from "../nodetype/params.js";

/** Raised when the manifest's meaning changes: every fingerprint changes with it. */
const SCHEMA = 1;

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

/** The first lines of a manifest: made once where the items of a node share their parameters. */
export function nodeManifest(node: NodeIdentity): string {
  const lines = [`schema: ${SCHEMA}`, `type: ${node.type}@${node.version}`, `code: ${node.code}`];
  for (const name of node.packages) lines.push(`package: ${name}`);
  paramLines(node.schemas, node.params, "param", node.inputDigest, lines);
  return lines.join("\n");
}

/** Adds what is the item's own, and takes the digest of it all. */
export function fingerprint(node: string, item: ItemIdentity): Fingerprint {
  let manifest = node;
  if (item.seed !== undefined) manifest += `\nseed: ${item.seed}`;
  const variables = Object.keys(item.variables);
  if (variables.length > 1) variables.sort();
  for (const name of variables) manifest += `\nenv.${name}: ${JSON.stringify(item.variables[name])}`;
  manifest += attributeLines("attribute", item.attributes);
  for (const file of item.files) manifest += fileLine("file", file);
  for (const [input, members] of item.inputs) {
    for (const member of members) {
      manifest += `\ninput.${input}: item${attributeLines(`input.${input}`, member.attributes)}`;
      for (const file of member.files) manifest += fileLine(`input.${input}`, file);
    }
  }
  return { digest: digestOf(manifest), manifest };
}

function fileLine(field: string, file: FileIdentity): string {
  return `\n${field}: ${file.digest} ${file.tag} ${JSON.stringify(file.name)}`;
}

function attributeLines(field: string, attributes: Readonly<Record<string, unknown>>): string {
  let lines = "";
  for (const name in attributes) lines += `\n${field}: @${name} = ${canonicalJson(attributes[name])}`;
  return lines;
}

function paramLines(
  schemas: ParamSchemas,
  values: Readonly<Record<string, unknown>>,
  prefix: string,
  inputDigest: NodeIdentity["inputDigest"],
  lines: string[],
): void {
  for (const name of Object.keys(schemas).sort()) {
    const schema = schemas[name];
    const value = values[name];
    if (schema === undefined || value === undefined || value === null || schema.effect !== undefined) continue;
    if (schema.properties !== undefined && typeof value === "object") {
      paramLines(schema.properties, value as Record<string, unknown>, `${prefix}.${name}`, inputDigest, lines);
    } else lines.push(`${prefix}.${name}: ${valueText(schema, value, inputDigest)}`);
  }
}

function valueText(schema: ParamSchema, value: unknown, inputDigest: NodeIdentity["inputDigest"]): string {
  if (schema.path === "output" && typeof value === "string") return canonicalJson(outputName(value));
  if (schema.path === "input" && typeof value === "string") return inputText(value, inputDigest);
  if (schema.items?.path === "input" && Array.isArray(value)) {
    return value.map((path) => inputText(String(path), inputDigest)).join(" ");
  }
  return canonicalJson(value);
}

function inputText(path: string, inputDigest: NodeIdentity["inputDigest"]): string {
  const digest = inputDigest(path);
  return digest === undefined ? "folder" : `${digest} ${JSON.stringify(path.slice(path.lastIndexOf("/") + 1))}`;
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
