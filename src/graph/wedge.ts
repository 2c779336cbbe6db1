/** `--wedge node.param=a,b,c`: a wedge node put before a node of a graph file, before it is checked. Knows no node types. */
import type { Diagnostic } from "../base/diagnostic.js";
import { nearest } from "../base/suggest.js";
import type { Json } from "../nodetype/define.js";
import { child, type Located, type Member, placeOf } from "./located.js";
import { readJson } from "./read.js";
import { sourceText } from "./text.js";

/** The file that diagnostics about these wedges name. */
export const WEDGES = "--wedge";

interface Wedge {
  readonly node: string;
  /** The parameter's path below `params`. */
  readonly path: readonly string[];
  readonly values: readonly (number | boolean | string)[];
}

/** The graph's JSON with a wedge before each named node; several for one node make every combination. */
export function applyWedges(root: Located, texts: readonly string[], diagnostics: Diagnostic[]): Located {
  const byNode = new Map<string, Wedge[]>();
  for (const [index, text] of texts.entries()) {
    const wedge = parseWedge(root, text, index, diagnostics);
    if (wedge !== undefined) byNode.set(wedge.node, [...(byNode.get(wedge.node) ?? []), wedge]);
  }
  return [...byNode].reduce((graph, [node, wedges]) => withWedge(graph, node, wedges), root);
}

function parseWedge(root: Located, text: string, index: number, diagnostics: Diagnostic[]): Wedge | undefined {
  const refuse = (message: string, suggestion?: string): undefined => {
    const source = sourceText(WEDGES, `${"\n".repeat(index)}${text}`);
    const place = placeOf({ source, offset: index, length: text.length });
    diagnostics.push({ severity: "error", message, place, ...(suggestion !== undefined && { suggestion }) });
    return undefined;
  };
  const [, node, path, list] = /^([^.=]+)\.([^=]+)=(.+)$/s.exec(text) ?? [];
  if (node === undefined || path === undefined || list === undefined) {
    return refuse(`"${text}" is not of the form node.parameter=a,b,c.`);
  }
  const nodes = child(root, "nodes");
  const names = nodes?.kind === "object" ? nodes.members : new Map<string, Member>();
  if (!names.has(node)) return refuse(`There is no node "${node}".`, nearest(node, names.keys()));
  return { node, path: path.split("."), values: list.split(",").map((value) => parseValue(value.trim())) };
}

function parseValue(text: string): number | boolean | string {
  if (text === "true" || text === "false") return text === "true";
  return text !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
}

function withWedge(root: Located, name: string, wedges: readonly Wedge[]): Located {
  const nodes = child(root, "nodes");
  const node = nodes && child(nodes, name);
  if (nodes?.kind !== "object" || node?.kind !== "object") return root;
  const wedgeName = freeName(`${name}_wedge`, nodes.members);
  const inputs = child(node, "inputs");
  const first = inputs?.kind === "object" ? [...inputs.members][0] : undefined;
  const feeding = first === undefined ? inputs : first[1].value;
  const attributes = wedges.map(({ path, values }) => ({
    name: path.join("_"),
    type: typeOf(values),
    values: [...values],
  }));
  const wedge = located({ type: "wedge", params: { attributes } });
  const changed = wedges.reduce(
    (at, { path }) => replaced(at, ["params", ...path], located(`@${path.join("_")}`)),
    replaced(node, first === undefined ? ["inputs"] : ["inputs", first[0]], located([wedgeName])),
  );
  const before = feeding === undefined ? wedge : replaced(wedge, ["inputs"], feeding);
  return replaced(replaced(root, ["nodes", wedgeName], before), ["nodes", name], changed);
}

function typeOf(values: readonly (number | boolean | string)[]): string {
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

/** A value as if it stood in a file named like the option. */
function located(value: Json): Located {
  return readJson(WEDGES, JSON.stringify(value)).root as Located;
}

function replaced(at: Located | undefined, path: readonly string[], value: Located): Located {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  const members = new Map<string, Member>(at?.kind === "object" ? at.members : []);
  const before = members.get(step);
  const inner = replaced(before?.value, rest, value);
  members.set(step, { key: before?.key ?? inner.span, value: inner });
  return { kind: "object", span: at?.span ?? value.span, members };
}
