/** Values put over those of a graph file before it is checked. Knows no node types, nor how the values were written. */
import { child, type Located, type LocatedMember, type Span } from "./located.js";
import type { Report } from "./report.js";

/** A value that is put over the file's. */
export interface Override {
  /** The node's name, then the parameter's path. */
  readonly steps: readonly { readonly name: string; readonly span: Span }[];
  readonly value: Located;
}

/** The graph's JSON with overrides applied in order. */
export function applyOverrides(root: Located, overrides: readonly Override[], report: Report): Located {
  return overrides.reduce((graph, override) => applied(graph, override, report), root);
}

function applied(root: Located, override: Override, report: Report): Located {
  const [node, ...rest] = override.steps;
  const nodes = child(root, "nodes");
  if (node === undefined || nodes?.kind !== "object") return root;
  if (!nodes.members.has(node.name)) {
    report.unknown(node.span, `There is no node "${node.name}".`, node.name, nodes.members.keys());
    return root;
  }
  const steps = [{ name: "nodes", span: node.span }, node, { name: "params", span: node.span }, ...rest];
  return replaced(root, steps, override.value, report);
}

/** A graph's JSON with a value where `place`, a text such as `tiles.size`, names a parameter. Undefined: there is none. */
export function withValue(root: Located, place: Located, value: Located, report: Report): Located | undefined {
  if (place.kind !== "leaf" || typeof place.value !== "string") return undefined;
  const [node, ...rest] = place.value.split(".").map((name) => ({ name, span: value.span }));
  const nodes = child(root, "nodes");
  if (node === undefined || rest.length === 0 || nodes?.kind !== "object" || !nodes.members.has(node.name))
    return undefined;
  const steps = [{ name: "nodes", span: value.span }, node, { name: "params", span: value.span }, ...rest];
  return replaced(root, steps, value, report);
}

function replaced(at: Located | undefined, steps: Override["steps"], value: Located, report: Report): Located {
  const [step, ...rest] = steps;
  if (step === undefined) return value;
  const inner = replaced(at && child(at, step.name), rest, value, report);
  if (at?.kind === "array") {
    const items = at.items.map((item, index) => (String(index) === step.name ? inner : item));
    if (!items.includes(inner)) report.error(step.span, `The list has no item ${step.name}: it has ${items.length}.`);
    return { ...at, items };
  }
  const members = new Map<string, LocatedMember>(at?.kind === "object" ? at.members : []);
  // A key given in the file keeps its place there: what is wrong with the value is said at the value.
  members.set(step.name, { key: members.get(step.name)?.key ?? step.span, value: inner });
  return { kind: "object", span: at?.kind === "object" ? at.span : step.span, members };
}
