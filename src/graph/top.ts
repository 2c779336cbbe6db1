/** The top level of a graph file: its keys, its variables, and its nodes with their types. Knows no wires. */
import { problemIn } from "../base/error.js";
import type { Scope } from "../expression/index.js";
import type { Json } from "../nodetype/define.js";
import { NodeFileError } from "../nodetype/fault.js";
import { pinnedType } from "../nodetype/migrate.js";
import type { RegisteredNodeType, Registry } from "../nodetype/registry.js";
import { GRAPH_VERSION, NODE_NAME, RESERVED_VARIABLES, VARIABLE_NAME } from "./file.js";
import type { Located, LocatedMember } from "./located.js";
import { presentParams, relocated } from "./migrate.js";
import type { Report } from "./report.js";
import type { Space } from "./space.js";
import { compileText, constantValue } from "./texts.js";

const KEYS = ["$schema", "version", "variables", "nodes", "inputs", "outputs", "params"];

/** The top level's members. Undefined where there are none: the file holds something else. */
export function topLevel(root: Located, report: Report): ReadonlyMap<string, LocatedMember> | undefined {
  if (root.kind !== "object") {
    report.error(root.span, 'A graph is an object: { "version": 1, "nodes": { … } }.');
    return undefined;
  }
  for (const [name, { key }] of root.members)
    if (!KEYS.includes(name)) report.unknown(key, `A graph has no "${name}".`, name, KEYS);
  checkVersion(root, report);
  if (!root.members.has("nodes")) report.error(brace(root), 'The graph has no "nodes".');
  return root.members;
}

function checkVersion(root: Located & { readonly kind: "object" }, report: Report): void {
  const version = root.members.get("version")?.value;
  if (version === undefined) {
    report.error(brace(root), `The graph has no "version"; the present one is ${GRAPH_VERSION}.`);
  } else if (version.kind !== "leaf" || version.value !== GRAPH_VERSION) {
    report.error(version.span, `This program reads graphs of version ${GRAPH_VERSION}.`);
  }
}

function brace(root: Located): Located["span"] {
  return { ...root.span, length: 1 };
}

/** `$NAME` for the whole graph: the environment, over it the file's variables (each may use those before it), HIP, JOB. */
export function readVariables(
  root: ReadonlyMap<string, LocatedMember>,
  given: { readonly folder: string; readonly job: string; readonly environment: ReadonlyMap<string, string> },
  report: Report,
): ReadonlyMap<string, string> {
  const variables = new Map([...given.environment, ["HIP", given.folder], ["JOB", given.job]]);
  const scope: Scope = { attributes: new Map(), open: false, variables };
  const located = root.get("variables")?.value;
  if (located === undefined) return variables;
  if (located.kind !== "object") {
    report.error(located.span, '"variables" must be an object of strings.');
    return variables;
  }
  for (const [name, { key, value }] of located.members) {
    if (RESERVED_VARIABLES.includes(name)) report.error(key, `$${name} is given by the engine.`);
    else if (!VARIABLE_NAME.test(name))
      report.error(key, `"${name}" cannot name a variable: letters, digits and _ only, no digit first.`);
    else if (value.kind !== "leaf" || typeof value.value !== "string")
      report.error(value.span, `Variable "${name}" must be a string.`);
    else {
      const at = { span: value.span, inside: true };
      const compiled = compileText("template", value.value, scope, at, report);
      const text = compiled && constantValue(compiled, scope, at, report);
      variables.set(name, text === undefined ? "" : String(text));
    }
  }
  return variables;
}

/** Puts the nodes that can be checked further into their space, in the file's order, with their types loaded. */
export async function placeNodes(
  root: ReadonlyMap<string, LocatedMember>,
  space: Space,
  registry: Registry,
  report: Report,
): Promise<void> {
  const located = root.get("nodes")?.value;
  if (located !== undefined && located.kind !== "object")
    report.error(located.span, '"nodes" must be an object of nodes by name.');
  if (located?.kind !== "object") return;
  for (const [name, { key, value }] of located.members) {
    if (!NODE_NAME.test(name))
      report.error(key, `"${name}" cannot name a node: letters, digits, _ and - only, a letter first.`);
    if (value.kind !== "object") {
      report.error(value.span, `Node "${name}" must be an object.`);
      continue;
    }
    const located = value.members.get("type")?.value;
    const type = await loadType(name, key, located, registry, report);
    const members = type === undefined ? value.members : present(name, value, located!, type, report);
    const full = space.prefix + name;
    space.nodes.set(name, { name: full, space, inner: undefined, key, value, members, type });
  }
}

async function loadType(
  node: string,
  key: LocatedMember["key"],
  located: Located | undefined,
  registry: Registry,
  report: Report,
): Promise<RegisteredNodeType | undefined> {
  if (located === undefined) report.error(key, `Node "${node}" has no "type".`);
  else if (located.kind !== "leaf" || typeof located.value !== "string")
    report.error(located.span, `The type of node "${node}" must be a name in double quotes.`);
  else {
    const { name } = pinnedType(located.value);
    try {
      const type = await registry.get(name);
      if (type === undefined) report.unknown(located.span, `There is no node type "${name}".`, name, registry.names);
      return type;
    } catch (error) {
      if (!(error instanceof NodeFileError)) throw error;
      report.error(located.span, `${error.message}.`);
    }
  }
  return undefined;
}

/** A node's members; one that is pinned to an older version of its type gets the parameters of the present one. */
function present(
  node: string,
  located: Located & { readonly kind: "object" },
  typeName: Located,
  type: RegisteredNodeType,
  report: Report,
): ReadonlyMap<string, LocatedMember> {
  const { version } = pinnedType(String(typeName.kind === "leaf" ? typeName.value : ""));
  const now = type.definition.version;
  if (version === undefined || version === now) return located.members;
  const words = `Node "${node}" wants version ${version} of "${type.name}"`;
  if (version > now || version < 1) {
    report.error(typeName.span, `${words}; here it is version ${now}.`);
    return located.members;
  }
  const params = located.members.get("params");
  try {
    const values = presentParams(params?.value, type, version) as { readonly [name: string]: Json };
    report.warn(typeName.span, `${words}, and is read as version ${now}; dag migrate writes it so.`);
    const value = relocated(values, params?.value ?? { kind: "object", span: located.span, members: new Map() });
    return new Map([...located.members, ["params", { key: params?.key ?? typeName.span, value }]]);
  } catch (error) {
    report.error(typeName.span, `${words}, and cannot be read as version ${now}: ${problemIn(error)}`);
    return located.members;
  }
}
