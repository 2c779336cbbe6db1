/** Which attributes the items of a node have, as far as the graph tells. Knows types, no values. */
import { LOOP_ATTRIBUTES, PARTITION_ATTRIBUTES } from "../expression/index.js";
import { assignable, type ValueType } from "../expression/value.js";
import type { RegisteredNodeType } from "../nodetype/registry.js";
import { type CompiledParams, declaredFor, type NodeFlags } from "./graph.js";

/** Attributes by name; `open`: there may be others, known only in a cook. */
export interface KnownAttributes {
  readonly attributes: ReadonlyMap<string, ValueType>;
  readonly open: boolean;
}

/** Of a node about which nothing is known. */
export const UNKNOWN: KnownAttributes = { attributes: new Map(), open: true };

/** The attributes of all of these: what one may have, an item below may have. */
export function union(all: readonly KnownAttributes[]): KnownAttributes {
  const attributes = new Map<string, ValueType>();
  for (const each of all) {
    for (const [name, type] of each.attributes) attributes.set(name, common(attributes.get(name) ?? type, type));
  }
  return { attributes, open: all.some((each) => each.open) };
}

function common(a: ValueType, b: ValueType): ValueType {
  if (a === b) return a;
  if (a === "any" || b === "any") return "any";
  if (assignable(a, b)) return b;
  return assignable(b, a) ? a : "any";
}

/** What a node's items have beside what they inherit; those of a node whose parameters differ by item are unknown. */
export function writtenAttributes(type: RegisteredNodeType, params: CompiledParams | undefined): KnownAttributes {
  const { attributes, partition } = type.definition;
  const own = partition === undefined ? new Map<string, ValueType>() : PARTITION_ATTRIBUTES;
  const written = declaredFor(attributes?.writes ?? {}, params);
  if (written === undefined || written === "any") return { attributes: own, open: true };
  return { attributes: new Map([...own, ...Object.entries(written)]), open: false };
}

/** What is left of what a node's items inherit; where it depends on the item, all of it may be. */
export function kept(
  inherited: KnownAttributes,
  type: RegisteredNodeType,
  params: CompiledParams | undefined,
): KnownAttributes {
  const removes = type.definition.attributes?.removes ?? [];
  return without(inherited, declaredFor(removes, params) ?? []);
}

/** These attributes but some. */
export function without(all: KnownAttributes, names: Iterable<string>): KnownAttributes {
  const attributes = new Map(all.attributes);
  for (const name of names) attributes.delete(name);
  return { ...all, attributes };
}

export const NO_FLAGS: NodeFlags = { noCopy: new Set(), exported: new Set(), readOnly: new Set() };

/** The flags of a node's attributes, by its own declaration and those of the nodes that feed it. */
export function flagsOf(
  type: RegisteredNodeType,
  params: CompiledParams | undefined,
  sources: readonly NodeFlags[],
): { readonly flags: NodeFlags; readonly protects: ReadonlySet<string> } {
  const own = Object.entries(declaredFor(type.definition.attributes?.flags ?? {}, params) ?? {});
  const names = (flag: "no_copy" | "env_export" | "read_only") =>
    own.filter(([, one]) => one[flag]).map(([name]) => name);
  const inherited = (flag: "exported" | "readOnly") => sources.flatMap((each) => [...each[flag]]);
  const flags: NodeFlags = {
    noCopy: new Set(names("no_copy")),
    exported: new Set([...inherited("exported"), ...names("env_export")]),
    readOnly: new Set(inherited("readOnly")),
  };
  return { flags, protects: new Set(names("read_only")) };
}

/** What a node's items write over what they inherit. */
export function over(inherited: KnownAttributes, written: KnownAttributes): KnownAttributes {
  return {
    attributes: new Map([...inherited.attributes, ...written.attributes]),
    open: inherited.open || written.open,
  };
}

/** A loop around nodes: what its items inherit from before it, and the loop around that. */
export interface LoopScope {
  readonly before: KnownAttributes;
  readonly outer: LoopScope | undefined;
}

/** The innermost of the loops that nodes lie in. */
export function innermost(loops: readonly (LoopScope | undefined)[]): LoopScope | undefined {
  const depth = (loop: LoopScope | undefined): number => (loop === undefined ? 0 : 1 + depth(loop.outer));
  return loops.reduce((inner, loop) => (depth(loop) > depth(inner) ? loop : inner), undefined);
}

/** What a loop's result hands on: what counted the iterations is again what it was before the loop. */
export function afterLoop(inside: KnownAttributes, { before }: LoopScope): KnownAttributes {
  const outside = without(inside, LOOP_ATTRIBUTES.keys()).attributes;
  const counts = [...before.attributes].filter(([name]) => LOOP_ATTRIBUTES.has(name));
  return { attributes: new Map([...outside, ...counts]), open: inside.open };
}
