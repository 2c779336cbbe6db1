/** What expressions see of a work item: built-in attributes, its own and inherited ones, variables, input files. */
import type { Environment } from "../expression/index.js";
import { type FileValue, fileValue, type Value } from "../expression/value.js";
import { type NodeRun, runOf } from "../generate/run.js";
import type { Member, WorkItem } from "../workitem/item.js";
import { attributesOf } from "../workitem/lookup.js";
import { memberAttribute } from "../workitem/members.js";
import { type OutputFile, tagMatches } from "../workitem/output.js";

/** An attribute of an item, built-in ones among them. */
export function itemAttribute(item: WorkItem, name: string): Value | undefined {
  if (name === "pdg_workitemcount") return runOf(item).items.length;
  return name.startsWith("pdg_") ? builtIn(item, name) : item.attribute(name);
}

/** A member's attribute as its consumer sees it, built-in ones of the member itself among them. */
export function consumedAttribute(member: Member, name: string): Value | undefined {
  return name.startsWith("pdg_") ? builtIn(member.item, name) : memberAttribute(member, name);
}

/** The environment of an item's expressions; without an item, variables alone. */
export function environmentOf(run: NodeRun, item: WorkItem | undefined): Environment {
  let inputs: readonly OutputFile[] | undefined;
  const files = (): readonly OutputFile[] => {
    inputs ??= item === undefined ? [] : inputFiles(item);
    return inputs;
  };
  const matching = (tag: string): readonly OutputFile[] => files().filter((file) => tagMatches(file.tag, tag));
  return {
    attribute: (name) => (item === undefined ? undefined : (itemAttribute(item, name) ?? ofInput(run, item, name))),
    attributeNames: () => item?.attributeNames() ?? [],
    variable: (name) => (name === "OS" ? run.node.name : run.node.variables.get(name)),
    inputs: (tag) => matching(tag).map(fileOf),
  };
}

/** Where a name is that of one of several inputs: the attributes of that input's items, by name (`@model.filename`). */
function ofInput({ node }: NodeRun, { parents }: WorkItem, name: string): Value | undefined {
  if (node.inputs.size < 2 || !node.inputs.has(name)) return undefined;
  const group = parents[[...node.inputs.keys()].indexOf(name)] ?? [];
  return group.length === 0 ? undefined : (attributesOf(group) as Value);
}

/** All files that an item's inputs offer, in order. */
function inputFiles(item: WorkItem): readonly OutputFile[] {
  return item.parents.flatMap((group) => group.flatMap((parent) => parent.offered()));
}

function fileOf(file: OutputFile): FileValue {
  return fileValue(file.path ?? file.name, { digest: file.digest, tag: file.tag });
}

function builtIn(item: WorkItem, name: string): Value | undefined {
  switch (name) {
    case "pdg_index":
      return item.index;
    case "pdg_frame":
      return item.attribute("frame") ?? item.index;
    case "pdg_name":
      return item.name;
    case "pdg_label":
      return item.label ?? item.name;
    case "pdg_priority":
      return item.priority;
    case "pdg_input":
      return inputFiles(item).map(fileOf);
    case "pdg_output":
      return item.offered().map(fileOf);
    case "pdg_loopdepth":
      return item.attribute("loopdepth") ?? 0;
    default:
      return item.attribute(name);
  }
}
