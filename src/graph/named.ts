/**
 * Parameters that name attributes (`"by": [{ "attribute": "width" }]`): whether any item above can have them. Knows no
 * expressions: those are checked where they are compiled.
 */
import { nearest } from "../base/suggest.js";
import { ITEM_ATTRIBUTES, ownersOf } from "../expression/index.js";
import type { RegisteredNodeType } from "../nodetype/registry.js";
import type { AnyParamSchema } from "../nodetype/schema.js";
import { type CompiledParams, declaredFor } from "./graph.js";
import type { JsonPath } from "./located.js";
import { placeOfParam } from "./params.js";
import type { Report } from "./report.js";
import { type KnownAttributes, UNKNOWN, union } from "./scope.js";
import type { PlacedNode } from "./space.js";

/** A parameter's text that names an attribute. `of`: the input whose items are meant; true: any. */
interface NamedAttribute {
  readonly name: string;
  readonly of: true | string;
  readonly path: JsonPath;
}

/** Reports attributes that a node reads by name though no item above can have them. `handed`: by input, what is inherited. */
export function requireNamed(
  node: PlacedNode,
  type: RegisteredNodeType,
  params: CompiledParams,
  handed: ReadonlyMap<string, KnownAttributes>,
  report: Report,
): void {
  const { reads, needs } = type.definition.attributes ?? {};
  const needed = new Set(declaredFor<readonly string[]>(needs ?? [], params));
  const read = new Set([...needed, ...(declaredFor<readonly string[]>(reads ?? [], params) ?? [])]);
  if (read.size === 0) return;
  const all = union([...handed.values()]);
  const named = [...namesIn(params.known, { type: "object", properties: type.definition.params }, [])];
  for (const { name, of, path } of named.filter((each) => read.has(each.name))) {
    const known = of === true ? all : (handed.get(of) ?? UNKNOWN);
    if (!has(known, name)) say(name, known, needed.has(name), placeOfParam(node, path).value);
  }
  // What no parameter names, the type itself asks for.
  for (const name of needed) {
    if (!has(all, name) && named.every((each) => each.name !== name)) say(name, all, true, node.key);
  }

  function say(name: string, known: KnownAttributes, isNeeded: boolean, at: typeof node.key): void {
    const owners = ownersOf(name);
    const hint = owners === undefined ? "" : `: only items ${owners} have it`;
    const suggestion = owners === undefined ? nearest(name, known.attributes.keys()) : undefined;
    const what = `the attribute "${name}", which no item above it has${hint}.`;
    if (isNeeded) report.error(at, `Node "${node.name}" needs ${what}`, suggestion);
    else report.warn(at, `Node "${node.name}" names ${what}`, suggestion);
  }
}

function has({ attributes, open }: KnownAttributes, name: string): boolean {
  return open || attributes.has(name) || ITEM_ATTRIBUTES.has(name);
}

function* namesIn(value: unknown, schema: AnyParamSchema, path: JsonPath): Generator<NamedAttribute> {
  const { attribute, items, properties } = schema;
  if (typeof value === "string" && attribute !== undefined) yield { name: value, of: attribute, path };
  if (typeof value !== "object" || value === null) return;
  // What differs by item is a hole that throws when it is read: a getter.
  const member = (name: string | number): unknown => Object.getOwnPropertyDescriptor(value, name)?.value;
  if (Array.isArray(value) && items !== undefined) {
    for (const index of value.keys()) yield* namesIn(member(index), items, [...path, index]);
  } else
    for (const [name, inner] of Object.entries(properties ?? {})) yield* namesIn(member(name), inner, [...path, name]);
}
