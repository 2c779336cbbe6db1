/** What every node may be told beside its parameters: read, checked, compiled. Knows no node types. */
import type { Compiled, Scope } from "../expression/index.js";
import type { ScalarType } from "../expression/value.js";
import { type Conform, type Conformed, conformTo } from "../nodetype/conform.js";
import { NODE_KEYS, type NodeSettings, SETTINGS_SCHEMA } from "./file.js";
import type { GraphNode } from "./graph.js";
import { type Located, plain, spanOfKey, spanOfValue } from "./located.js";
import type { Report } from "./report.js";
import type { PlacedNode } from "./space.js";
import { compileText, constantValue, type TextPlace } from "./texts.js";

/** Attempts after the first, where `on_failure` is `retry` and the graph does not say how many. */
const DEFAULT_RETRIES = 3;

/** Seconds from the first failed attempt to the second. */
const DEFAULT_RETRY_DELAY = 0.5;

/** The part of a GraphNode that follows from its settings. */
export type CompiledSettings = Pick<
  GraphNode,
  | "scheduleWhen"
  | "label"
  | "priority"
  | "generateWhen"
  | "cacheMode"
  | "onFailure"
  | "retries"
  | "retryDelay"
  | "timeout"
  | "memoryLimit"
  | "slots"
  | "batchSize"
  | "env"
  | "bypass"
>;

export function settingsCheck(before: Conformed | undefined): Conform {
  return conformTo(SETTINGS_SCHEMA, before);
}

/** Compiles a node's settings. What is wrong is reported, and its default taken. */
export function compileSettings(node: PlacedNode, scope: Scope, conform: Conform, report: Report): CompiledSettings {
  for (const [key, { key: span }] of node.members)
    if (!NODE_KEYS.includes(key)) report.unknown(span, `A node has no "${key}".`, key, NODE_KEYS);
  const given = plain(node.value) as NodeSettings;
  const wrong = new Set<string>();
  for (const { path, kind, message, suggestion } of conform(given)) {
    const name = path.join(".");
    wrong.add(String(path[0]));
    if (kind === "unknown") report.error(spanOfKey(node.value, path), `There is no "${name}".`, suggestion);
    else report.error(spanOfValue(node.value, path), `"${name}" of node "${node.name}" ${message}.`, suggestion);
  }
  const settings: NodeSettings = Object.fromEntries(Object.entries(given).filter(([key]) => !wrong.has(key)));
  return {
    scheduleWhen: compileNumber("schedule_when", settings.schedule_when, node, scope, report),
    label: compileLabel(settings.label, node, scope, report),
    priority: compilePriority(settings.priority, node, scope, report),
    generateWhen: settings.generate_when ?? "automatic",
    cacheMode: settings.cache_mode ?? "automatic",
    onFailure: settings.on_failure ?? "fail",
    retries: settings.retries ?? DEFAULT_RETRIES,
    retryDelay: settings.retry_delay ?? DEFAULT_RETRY_DELAY,
    timeout: settings.timeout ?? null,
    memoryLimit: settings.memory_limit ?? null,
    slots: settings.slots ?? null,
    batchSize: settings.batch_size ?? 1,
    env: evaluateEnv(node, settings.env ?? {}, scope, report),
    bypass: settings.bypass ?? false,
  };
}

function compileNumber(
  key: "schedule_when" | "priority",
  value: string | number | boolean | undefined,
  node: PlacedNode,
  scope: Scope,
  report: Report,
): Compiled | null {
  if (value === undefined) return null;
  const wanted: readonly ScalarType[] = key === "priority" ? ["float"] : ["float", "bool"];
  return compileText("expression", String(value), scope, textPlace(node.value, [key]), report, wanted) ?? null;
}

function compileLabel(
  label: NodeSettings["label"],
  node: PlacedNode,
  scope: Scope,
  report: Report,
): CompiledSettings["label"] {
  if (label === undefined) return "default";
  if (typeof label === "string")
    return compileText("template", label, scope, textPlace(node.value, ["label"]), report) ?? "default";
  if ("inherit" in label) return "inherit";
  return "node" in label ? "node" : "default";
}

function compilePriority(
  priority: NodeSettings["priority"],
  node: PlacedNode,
  scope: Scope,
  report: Report,
): CompiledSettings["priority"] {
  if (typeof priority === "object") return "node" in priority ? "node" : "inherit";
  return compileNumber("priority", priority, node, scope, report) ?? "inherit";
}

// The environment belongs to the worker: no item is known when it is set.
function evaluateEnv(
  node: PlacedNode,
  env: Readonly<Record<string, string>>,
  scope: Scope,
  report: Report,
): ReadonlyMap<string, string> {
  const without: Scope = { attributes: new Map(), open: false, variables: scope.variables };
  const values = Object.entries(env).flatMap(([name, text]) => {
    const at = textPlace(node.value, ["env", name]);
    const compiled = compileText("template", text, without, at, report);
    const value = compiled && constantValue(compiled, without, at, report);
    return value === undefined ? [] : [[name, String(value)] as const];
  });
  return new Map(values);
}

function textPlace(value: Located, path: readonly string[]): TextPlace {
  const span = spanOfValue(value, path);
  return { span, inside: span.source.text[span.offset] === '"' };
}
