/** `dag items GRAPH`: the table of work items, with their attributes. */

import { relative } from "node:path";
import { UserError } from "../../base/error.js";
import { nearest } from "../../base/suggest.js";
import { askEngine } from "../../engine/ask.js";
import type { DryCook, DryOptions } from "../../engine/dry.js";
import type { ItemStatus } from "../../engine/requests.js";
import { compileExpression, type Environment, EvaluationError } from "../../expression/index.js";
import { type Value, valueText } from "../../expression/value.js";
import { itemAttribute } from "../../prepare/environment.js";
import type { WorkItem } from "../../workitem/item.js";
import { type Outcome, STATE_OF } from "../../workitem/outcome.js";
import type { ItemState } from "../../workitem/state.js";
import { cookedDry, type Flags } from "../open.js";
import { print, printError } from "../print.js";
import { csv, table } from "../table.js";

export interface ItemsOptions extends Flags<DryOptions> {
  readonly where?: string;
  readonly columns?: string;
  readonly json?: boolean;
  readonly csv?: boolean;
}

/** What is shown of an item before its attributes. */
const FIXED = ["node", "index", "name", "state", "outcome", "label"] as const;

export async function itemsCommand(file: string, options: ItemsOptions): Promise<number> {
  const dry: Table = { ...(await cookedDry(file, options)), live: new Map() };
  const graph = relative(dry.project, dry.graph.file);
  for (const [name, state, outcome] of (await liveItems(dry.store, graph)) ?? [])
    dry.live.set(name, { state, outcome });
  const { reads, holds } = filterOf(options.where);
  const runs = [...dry.report.runs.values()].filter(({ node }) => options.node?.includes(node.name) ?? true);
  const items = runs.flatMap((run) => run.items);
  const asked = options.columns?.split(",").map((name) => name.trim());
  warnOfUnknown([...reads, ...(asked ?? [])], items);
  const chosen = items.filter((item) => holds((name) => shownOf(item, name, dry), item));
  const attributes = asked ?? [...namesOf(chosen)];
  const exit = dry.report.ok ? 0 : 1;
  if (options.json === true)
    return answer(
      JSON.stringify(
        chosen.map((one) => asJson(one, attributes, dry)),
        null,
        2,
      ),
      exit,
    );
  const fixed = options.columns === undefined ? FIXED : [];
  const rows = chosen.map((one) => [
    ...fixed.map((name) => String(fixedOf(one, name, dry))),
    ...attributes.map((name) => textOf(shownOf(one, name, dry))),
  ]);
  return answer((options.csv === true ? csv : table)([...fixed, ...attributes], rows), exit);
}

function answer(text: string, exit: number): number {
  print(`${text}\n`);
  return exit;
}

/** The items as they are now: a dry cook, and beside a cook what its engine says. */
interface Table extends DryCook {
  /** By the items' names. */
  readonly live: Map<string, { readonly state: ItemState; readonly outcome: Outcome["kind"] | null }>;
}

/** What the engine that cooks the graph says of its items; undefined where none does. */
async function liveItems(store: string, graph: string): Promise<readonly ItemStatus[] | undefined> {
  try {
    return await askEngine(store, { ask: "items", graph });
  } catch (error) {
    // One that cooks another graph, or has not begun.
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

/** How an item ended when it was last cooked; undefined where what it is now was never cooked. */
function outcomeOf(item: WorkItem, dry: Table): Outcome["kind"] | undefined {
  const live = dry.live.get(item.name);
  if (live !== undefined) return live.outcome ?? undefined;
  if (dry.report.partial.has(item)) return "partial";
  if (dry.report.missed.has(item) && dry.failed.has(item.name)) return "failed";
  return dry.report.missed.has(item) || dry.dirty.has(item) ? undefined : item.outcome?.kind;
}

function stateOf(item: WorkItem, dry: Table): ItemState {
  const live = dry.live.get(item.name);
  if (live !== undefined) return live.state;
  const outcome = outcomeOf(item, dry);
  if (outcome !== undefined) return STATE_OF[outcome];
  return dry.report.missed.has(item) || dry.dirty.has(item) ? "uncooked" : item.state;
}

/** An attribute; where the item has none of that name, what is shown before the attributes: `@state`, `@outcome`, `@label`. */
function shownOf(item: WorkItem, name: string, dry: Table): Value | undefined {
  const fixed = FIXED.find((each) => each === name);
  return itemAttribute(item, name) ?? (fixed && fixedOf(item, fixed, dry));
}

function fixedOf(item: WorkItem, name: (typeof FIXED)[number], dry: Table): string | number {
  if (name === "node") return item.node;
  if (name === "index") return item.index;
  if (name === "name") return item.name;
  if (name === "outcome") return outcomeOf(item, dry) ?? "";
  return name === "state" ? stateOf(item, dry) : (item.label ?? item.name);
}

function asJson(item: WorkItem, attributes: readonly string[], dry: Table) {
  const values = attributes.map((name) => [name, itemAttribute(item, name)] as const);
  return {
    node: item.node,
    index: item.index,
    name: item.name,
    state: stateOf(item, dry),
    outcome: outcomeOf(item, dry) ?? null,
    label: item.label ?? item.name,
    attributes: Object.fromEntries(values.filter(([, value]) => value !== undefined)),
    outputs: item.offered().map(({ name, tag, digest, size }) => ({ name, tag, digest, size })),
  };
}

function textOf(value: Value | undefined): string {
  return value === undefined ? "" : (valueText(value) ?? JSON.stringify(value));
}

/** Names of the attributes of any of them, in the order in which they come. */
function namesOf(items: readonly WorkItem[]): Set<string> {
  const names = new Set<string>();
  for (const item of items) for (const name of item.attributeNames()) names.add(name);
  return names;
}

/** An attribute that no item has is probably misspelt; it may also be one that a cook will write. */
function warnOfUnknown(names: readonly string[], items: readonly WorkItem[]): void {
  if (names.length === 0 || items.length === 0) return;
  const known = new Set<string>([...FIXED, ...namesOf(items)]);
  for (const name of new Set(names)) {
    if (known.has(name) || items.some((item) => itemAttribute(item, name) !== undefined)) continue;
    const hint = nearest(name, known);
    const meant = hint === undefined ? "" : ` Did you mean "${hint}"?`;
    printError(`Warning: no item has an attribute "${name}" so far.${meant}\n`);
  }
}

interface Filter {
  /** Attributes by name. */
  readonly reads: Iterable<string>;
  holds(attribute: Environment["attribute"], item: WorkItem): boolean;
}

function filterOf(text: string | undefined): Filter {
  if (text === undefined) return { reads: [], holds: () => true };
  const compiled = compileExpression(text, { attributes: new Map(), open: true, variables: new Map() });
  if (Array.isArray(compiled)) {
    const said = compiled.map(({ message, offset }) => `--where:${offset + 1} ${message}`);
    throw new UserError(said.join("\n"), 2);
  }
  const holds: Filter["holds"] = (attribute, item) => {
    const environment: Environment = {
      attribute,
      attributeNames: () => item.attributeNames(),
      variable: () => undefined,
      inputs: () => [],
    };
    try {
      return Boolean(compiled.evaluate(environment));
    } catch (error) {
      // An item without the attribute does not match.
      if (error instanceof EvaluationError) return false;
      throw error;
    }
  };
  return { reads: compiled.reads.attributes, holds };
}
