/**
 * Reads the graph file that a node stands for, with the node's parameters in the places to which the file promotes them.
 * Unaware of what node types mean, and of wires.
 */

import { dirname, join, relative, resolve } from "node:path";
import { problemIn } from "../base/error.js";
import type { InputDeclaration, Json } from "../nodetype/define.js";
import { child, type Located, type LocatedMember, plain } from "./located.js";
import { withValue } from "./override.js";
import { type Roots, symbolicPath } from "./paths.js";
import { readJson } from "./read.js";
import type { Report } from "./report.js";
import type { PlacedNode, Space } from "./space.js";

/** How deep graphs lie in graphs at most. */
const MAX_DEPTH = 32;

/** A graph file that was read for a node, with promoted parameters in their places. */
export interface NestedFile {
  readonly root: Located;
  /** As diagnostics name it. */
  readonly file: string;
  readonly folder: string;
}

export interface NestedDeps {
  readonly roots: Roots;
  readonly report: Report;
  /** The text of a file by its absolute path; throws with a message for the user. */
  read(path: string): string;
  /** Told the name and text of every file that is read. */
  noted(file: string, text: string, path: string): void;
}

/** Reads the file that a node's parameter names. Undefined where something is wrong, which is reported. */
export function readNested(node: PlacedNode, parameter: string, deps: NestedDeps): NestedFile | undefined {
  const { report, roots } = deps;
  const located = child(node.members.get("params")?.value ?? node.value, parameter);
  if (located?.kind !== "leaf" || typeof located.value !== "string") {
    report.error(
      located?.span ?? node.key,
      `Node "${node.name}" needs parameter "${parameter}": the path of a graph file.`,
    );
    return undefined;
  }
  const path = resolve(node.space.folder, located.value);
  const symbolic = symbolicPath(path, roots);
  if ("problem" in symbolic) {
    report.error(located.span, symbolic.problem);
    return undefined;
  }
  const file = join(dirname(node.space.source.file), relative(node.space.folder, path));
  const chain = filesAround(node.space);
  if (chain.includes(file)) {
    const circle = [...chain.slice(chain.indexOf(file)), file].join(" -> ");
    report.error(located.span, `The graph files have a cycle: ${circle}.`);
    return undefined;
  }
  if (chain.length > MAX_DEPTH) {
    report.error(located.span, `Graphs lie in graphs more than ${MAX_DEPTH} deep.`);
    return undefined;
  }
  try {
    const read = readJson(file, deps.read(path));
    deps.noted(file, read.source.text, path);
    report.diagnostics.push(...read.diagnostics);
    return read.root && { root: promoted(read.root, node, parameter, report), file, folder: dirname(path) };
  } catch (error) {
    report.error(located.span, problemIn(error));
    return undefined;
  }
}

/** Names of the files that a space lies in, the outermost first. */
function filesAround(space: Space): string[] {
  const own = space.source.file;
  return space.outer === undefined ? [own] : [...filesAround(space.outer.space), own];
}

/** The file's JSON with the node's parameters where it promotes them to. */
function promoted(root: Located, node: PlacedNode, parameter: string, report: Report): Located {
  const promotions = child(root, "params");
  const known = promotions?.kind === "object" ? promotions.members : new Map<string, LocatedMember>();
  const given = node.members.get("params")?.value;
  let result = root;
  for (const [name, { key, value }] of given?.kind === "object" ? given.members : []) {
    if (name === parameter) continue;
    const places = known.get(name);
    if (places === undefined)
      report.unknown(key, `Node "${node.name}" has no parameter "${name}".`, name, [...known.keys(), parameter]);
    else for (const place of placesOf(places.value)) result = withValue(result, place, value, report) ?? result;
  }
  return result;
}

/** Where a promoted parameter goes: texts such as `tiles.size`. */
function placesOf(located: Located): Located[] {
  return located.kind === "array" ? [...located.items] : [located];
}

/** Checks the names that a file promotes parameters by. */
export function checkPromotions(root: Located, nodes: ReadonlyMap<string, PlacedNode>, report: Report): void {
  const promotions = child(root, "params");
  if (promotions === undefined) return;
  if (promotions.kind !== "object") {
    report.error(
      promotions.span,
      '"params" must be an object of names and of what they stand for, such as { "size": "tiles.size" }.',
    );
    return;
  }
  for (const [name, { value }] of promotions.members) {
    for (const place of placesOf(value)) {
      const text = place.kind === "leaf" ? place.value : undefined;
      const target = typeof text === "string" ? /^([^.]+)\.[^.]+/.exec(text)?.[1] : undefined;
      if (target === undefined)
        report.error(place.span, `Parameter "${name}" must name a node and its parameter, such as "tiles.size".`);
      else if (!nodes.has(target)) report.unknown(place.span, `There is no node "${target}".`, target, nodes.keys());
    }
  }
}

/** The inputs that a file declares. */
export function declaredInputs(
  root: ReadonlyMap<string, LocatedMember>,
  report: Report,
): ReadonlyMap<string, InputDeclaration> {
  const located = root.get("inputs")?.value;
  const inputs = new Map<string, InputDeclaration>();
  if (located === undefined) return inputs;
  if (located.kind !== "object") {
    report.error(
      located.span,
      '"inputs" must be an object of inputs by name, such as { "images": { "description": "…" } }.',
    );
    return inputs;
  }
  for (const [name, { value }] of located.members) {
    const given = plain(value) as Readonly<Record<string, Json>> | null;
    const {
      description = "Work items.",
      optional = false,
      ...others
    } = typeof given === "object" && given !== null ? given : {};
    if (
      value.kind !== "object" ||
      typeof description !== "string" ||
      typeof optional !== "boolean" ||
      Object.keys(others).length > 0
    )
      report.error(value.span, `Input "${name}" may say { "description": "…", "optional": true }.`);
    else inputs.set(name, { description, optional });
  }
  return inputs;
}

/** The outputs that a file declares: lists of sources. */
export function declaredOutputs(
  root: ReadonlyMap<string, LocatedMember>,
  report: Report,
): ReadonlyMap<string, LocatedMember> {
  const located = root.get("outputs")?.value;
  if (located === undefined) return new Map();
  if (located.kind !== "object") {
    report.error(located.span, '"outputs" must be an object of lists of nodes, such as { "tiles": ["cut"] }.');
    return new Map();
  }
  for (const [name, { value }] of located.members) {
    const right =
      value.kind === "array" && value.items.every((item) => item.kind === "leaf" && typeof item.value === "string");
    if (!right) report.error(value.span, `Output "${name}" must be a list of nodes.`);
  }
  return located.members;
}
