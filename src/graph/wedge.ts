/** A wedge node put before a node of a graph file, before it is checked. Knows no node types, nor how the values were written. */
import { child, type Located, type LocatedMember, type Span } from "./located.js";
import type { Report } from "./report.js";

/** Several values of a parameter, each of which is cooked. */
export interface Wedge {
  readonly node: string;
  readonly nodeSpan: Span;
  /** The parameter's path below `params`, and where it stands. */
  readonly path: readonly string[];
  readonly span: Span;
  readonly values: readonly { readonly value: Scalar; readonly span: Span }[];
}

export type Scalar = number | boolean | string;

/** The graph's JSON with a wedge before each named node; several for one node make every combination. */
export function applyWedges(root: Located, wedges: readonly Wedge[], report: Report): Located {
  const nodes = child(root, "nodes");
  const names = nodes?.kind === "object" ? nodes.members : new Map<string, LocatedMember>();
  const byNode = new Map<string, Wedge[]>();
  for (const wedge of wedges) {
    const { node, nodeSpan } = wedge;
    if (names.has(node)) byNode.set(node, [...(byNode.get(node) ?? []), wedge]);
    else report.unknown(nodeSpan, `There is no node "${node}".`, node, names.keys());
  }
  return [...byNode].reduce((graph, [node, all]) => withWedge(graph, node, all), root);
}

function withWedge(root: Located, name: string, wedges: readonly Wedge[]): Located {
  const nodes = child(root, "nodes");
  const node = nodes && child(nodes, name);
  const span = wedges[0]?.span;
  if (nodes?.kind !== "object" || node?.kind !== "object" || span === undefined) return root;
  const wedgeName = freeName(`${name}_wedge`, nodes.members);
  const inputs = child(node, "inputs");
  const first = inputs?.kind === "object" ? [...inputs.members][0] : undefined;
  const feeding = first === undefined ? inputs : first[1].value;
  const attributes: Located = { kind: "array", span, items: wedges.map(attributeOf) };
  const wedge = replaced(replaced(undefined, ["type"], leaf("wedge", span)), ["params", "attributes"], attributes);
  const changed = wedges.reduce(
    (at, { path, span: place }) => replaced(at, ["params", ...path], leaf(`@${path.join("_")}`, place)),
    replaced(node, first === undefined ? ["inputs"] : ["inputs", first[0]], leaves([wedgeName], span)),
  );
  const before = feeding === undefined ? wedge : replaced(wedge, ["inputs"], feeding);
  return replaced(replaced(root, ["nodes", wedgeName], before), ["nodes", name], changed);
}

/** What the wedge node makes of one parameter's values. */
function attributeOf({ path, span, values }: Wedge): Located {
  const name = replaced(undefined, ["name"], leaf(path.join("_"), span));
  const typed = replaced(name, ["type"], leaf(typeOf(values.map(({ value }) => value)), span));
  const items = values.map((each) => leaf(each.value, each.span));
  return replaced(typed, ["values"], { kind: "array", span, items });
}

function typeOf(values: readonly Scalar[]): string {
  if (values.every((value) => typeof value === "number")) {
    return values.every(Number.isInteger) ? "int" : "float";
  }
  return values.every((value) => typeof value === "boolean") ? "bool" : "string";
}

function freeName(wanted: string, taken: ReadonlyMap<string, unknown>): string {
  for (let number = 1; ; number++) {
    const name = number === 1 ? wanted : `${wanted}${number}`;
    if (!taken.has(name)) return name;
  }
}

function leaf(value: Scalar, span: Span): Located {
  return { kind: "leaf", span, value };
}

function leaves(values: readonly Scalar[], span: Span): Located {
  return { kind: "array", span, items: values.map((value) => leaf(value, span)) };
}

function replaced(at: Located | undefined, path: readonly string[], value: Located): Located {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  const members = new Map<string, LocatedMember>(at?.kind === "object" ? at.members : []);
  const before = members.get(step);
  const inner = replaced(before?.value, rest, value);
  members.set(step, { key: before?.key ?? inner.span, value: inner });
  return { kind: "object", span: at?.span ?? value.span, members };
}
