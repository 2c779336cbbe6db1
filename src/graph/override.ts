/** `--set node.param=JSON`: values put over those of a graph file before it is checked. Knows no node types. */
import { child, type Located, type Member, type Span } from "./located.js";
import { readJson } from "./read.js";
import type { Report } from "./report.js";
import { sourceText } from "./text.js";

/** The file that diagnostics about overrides name; its lines are the overrides in order. */
export const OVERRIDES = "--set";

/** The text whose places diagnostics about overrides give. */
export function overridesText(overrides: readonly string[]): string {
  return overrides.map((each) => each.replaceAll(/[\r\n]/g, " ")).join("\n");
}

/**
 * The graph's JSON with `node.param=JSON` texts applied in order. A value that does not begin like JSON text, object or
 * list and is no JSON is a string: `tiles.directory=data/new`.
 */
export function applyOverrides(root: Located, overrides: readonly string[], report: Report): Located {
  return overridesText(overrides)
    .split("\n")
    .slice(0, overrides.length)
    .reduce((graph, text, index) => {
      const override = parseOverride(text, index, report);
      return override === undefined ? graph : applied(graph, override, report);
    }, root);
}

interface Override {
  /** The node's name, then the parameter's path. */
  readonly steps: readonly { readonly name: string; readonly span: Span }[];
  readonly value: Located;
}

function parseOverride(text: string, index: number, report: Report): Override | undefined {
  const equals = text.indexOf("=");
  const source = sourceText(OVERRIDES, `${"\n".repeat(index)}${text}`);
  const name = text.slice(0, Math.max(0, equals));
  if (!/^[^.=]+(\.[^.=]+)+$/.test(name)) {
    const all = { source, offset: index, length: text.length };
    report.error(all, `"${text}" is not of the form node.parameter=value.`);
    return undefined;
  }
  let offset = index;
  const steps = name.split(".").map((step) => {
    const span = { source, offset, length: step.length };
    offset += step.length + 1;
    return { name: step, span };
  });
  const raw = text.slice(equals + 1);
  if (raw.trim() === "") {
    report.error({ source, offset: index + equals, length: 1 }, `A JSON value follows the "=", such as ${name}=1.`);
    return undefined;
  }
  // Blanks before the value give it the offsets that it has in the whole text.
  const read = readJson(OVERRIDES, `${"\n".repeat(index)}${" ".repeat(equals + 1)}${raw}`);
  if (read.root !== undefined && read.diagnostics.length === 0) return { steps, value: read.root };
  if (!/^\s*(["[{]|$)/.test(raw)) {
    const span = { source, offset: index + equals + 1, length: raw.length };
    return { steps, value: { kind: "leaf", span, value: raw } };
  }
  report.diagnostics.push(...read.diagnostics);
  return undefined;
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
  const members = new Map<string, Member>(at?.kind === "object" ? at.members : []);
  // A key given in the file keeps its place there: what is wrong with the value is said at the value.
  members.set(step.name, { key: members.get(step.name)?.key ?? step.span, value: inner });
  return { kind: "object", span: at?.kind === "object" ? at.span : step.span, members };
}
