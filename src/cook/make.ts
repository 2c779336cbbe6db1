/** Makes one work item of what a node type yielded, and shows node types what is upstream. Decides not when. */
import type { GeneratedItem, Surroundings, UpstreamItem } from "../nodetype/define.js";
import { keyOf, type ParentGroups, WorkItem } from "../workitem/item.js";
import type { GenerationDoors } from "./generate.js";
import type { NodeRun } from "./run.js";

/** The upstream items as generation knows them: they are work items. */
function asItems(items: readonly UpstreamItem[]): readonly WorkItem[] {
  return items as readonly WorkItem[];
}

/** Parents grouped by the input that they came through. */
export function byInput(run: NodeRun, members: readonly UpstreamItem[]): ParentGroups {
  if (members.length === 0) return [];
  if (run.sources.length <= 1) return [asItems(members)];
  const nodes = run.sources.map((sources) => new Set(sources.map((source) => source.node.name)));
  return nodes.map((names) => asItems(members).filter((item) => names.has(item.node)));
}

export function surroundings(run: NodeRun, doors: GenerationDoors): Surroundings<never> {
  const names = [...run.node.inputs.keys()];
  const inputs = run.sources.map((sources, place) => {
    const all = sources.map((source) => ({ node: source.node.name, items: source.items }));
    return [names[place] ?? "main", all] as const;
  });
  return {
    inputs: Object.fromEntries(inputs),
    paramsOf: (item) => doors.params(run, item as WorkItem) as never,
  };
}

/** Makes an item, and hands it to the cook. */
export function addItem(run: NodeRun, parents: ParentGroups, made: GeneratedItem, doors: GenerationDoors): WorkItem {
  // Two siblings that nothing distinguishes get an ordinal: the only place where an order enters a key.
  const plain = keyOf(parents, made.identity, 0);
  const occurrence = run.occurrences.get(plain) ?? 0;
  run.occurrences.set(plain, occurrence + 1);
  const attributes = made.attributes;
  const item = new WorkItem({
    node: run.node.name,
    key: occurrence === 0 ? plain : keyOf(parents, made.identity, occurrence),
    index: run.items.length,
    parents,
    hasWork: run.definition.cook !== undefined,
    own: attributes === undefined ? undefined : new Map(Object.entries(attributes)),
    files: made.files?.map((file) => ({ ...file, digest: file.digest as never })),
  });
  item.label = made.label;
  if (made.removes !== undefined) item.removed = new Set(made.removes);
  run.items.push(item);
  doors.made(run, item);
  return item;
}
