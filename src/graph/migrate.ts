/**
 * Nodes that an older version of their type saved: read as the present one, and written so into the file's text with its
 * comments. Knows positions, not what a migration does.
 */
import { isDeepStrictEqual } from "node:util";
import { applyEdits, modify } from "jsonc-parser";
import { callNode, UserError } from "../base/error.js";
import type { Json } from "../nodetype/define.js";
import { migrated, pinnedType } from "../nodetype/migrate.js";
import type { RegisteredNodeType, Registry } from "../nodetype/registry.js";
import { child, type Located, type LocatedMember, plain } from "./located.js";
import { readJson } from "./read.js";
import { objectEdits, replacing } from "./rewrite.js";

type Values = Readonly<Record<string, unknown>>;

/** A node's parameters as its type's present version has them. Throws a NodeError where a migration throws. */
export function presentParams(params: Located | undefined, type: RegisteredNodeType, from: number): Values {
  const saved = params === undefined ? {} : plain(params);
  const values = migrated(type.definition, saved as Values, from);
  // Through JSON: what a file cannot hold is no parameter.
  return JSON.parse(callNode(() => JSON.stringify(values))) as Values;
}

/** Migrated values with the places of what they were made from; what is new stands where its object does. */
export function relocated(value: Json, old: Located): Located {
  if (isDeepStrictEqual(value, plain(old))) return old;
  if (typeof value !== "object" || value === null) return { kind: "leaf", span: old.span, value };
  if (Array.isArray(value)) {
    const items = old.kind === "array" ? old.items : [];
    return { kind: "array", span: old.span, items: value.map((item, at) => relocated(item, items[at] ?? old)) };
  }
  const before = old.kind === "object" ? old.members : new Map<string, LocatedMember>();
  const members = new Map<string, LocatedMember>();
  for (const [name, member] of Object.entries(value)) {
    const same = before.get(name) ?? [...before.values()].find((each) => isDeepStrictEqual(plain(each.value), member));
    members.set(name, { key: same?.key ?? old.span, value: relocated(member, same?.value ?? old) });
  }
  return { kind: "object", span: old.span, members };
}

/** A node that was brought to the present version. */
export interface Migration {
  readonly node: string;
  readonly type: string;
  readonly from: number;
  readonly to: number;
}

/**
 * The text of a graph file with every node as the present version of its type saves it, and which nodes those are. Rejects
 * with a message for the user where the text is no JSON or a migration throws.
 */
export async function migrateText(
  text: string,
  registry: Registry,
): Promise<{ readonly text: string; readonly migrations: readonly Migration[] }> {
  const { root, source, diagnostics } = readJson("", text);
  if (diagnostics[0] !== undefined) throw new UserError(diagnostics[0].message);
  const nodes = root && child(root, "nodes");
  let present = source.text;
  const migrations: Migration[] = [];
  if (nodes?.kind !== "object") return { text, migrations };
  for (const name of nodes.members.keys()) {
    // Places are those of the text as it is by now.
    const node = child(child(readJson("", present).root!, "nodes")!, name)!;
    const typeName = child(node, "type");
    if (typeName?.kind !== "leaf" || typeof typeName.value !== "string") continue;
    const pinned = pinnedType(typeName.value);
    const type = await registry.get(pinned.name);
    if (type === undefined) continue;
    const from = pinned.version ?? savedBy(child(node, "params"), type);
    const to = type.definition.version;
    if (from === undefined || from >= to) continue;
    present = withParams(present, name, node, presentParams(child(node, "params"), type, from));
    if (pinned.version !== undefined) {
      const span = child(child(child(readJson("", present).root!, "nodes")!, name)!, "type")!.span;
      present = applyEdits(present, [replacing(span, `${pinned.name}@${to}`)]);
    }
    migrations.push({ node: name, type: pinned.name, from, to });
  }
  return { text: present, migrations };
}

/** The last version from which the migrations lead to parameters that the type has; undefined where it has them already. */
function savedBy(params: Located | undefined, type: RegisteredNodeType): number | undefined {
  const known = (values: Values) => Object.keys(values).every((name) => Object.hasOwn(type.definition.params, name));
  if (params === undefined || known(plain(params) as Values)) return undefined;
  for (let version = type.definition.version - 1; version >= 1; version--) {
    if (known(presentParams(params, type, version))) return version;
  }
  return undefined;
}

function withParams(text: string, name: string, node: Located, values: Values): string {
  const params = child(node, "params");
  if (params?.kind === "object") return applyEdits(text, objectEdits(params, values));
  if (Object.keys(values).length === 0) return text;
  return applyEdits(text, modify(text, ["nodes", name, "params"], values, FORMAT));
}

const FORMAT = { formattingOptions: { insertSpaces: true, tabSize: 2 } };
