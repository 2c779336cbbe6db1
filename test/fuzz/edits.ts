/** What may happen to a world between two cooks, as plain data. Knows the world, not the disk, and no chance. */
import type { Json } from "../../src/nodetype/define.js";
import { type Group, nodeOf, type Placed, type Ref, type Settings, type Variation, type World } from "./world.js";

export type Edit =
  /** `keeps`: its time is put back, as a copy's is; `output`: the output at this part of their list goes as well. */
  | {
      readonly kind: "write";
      readonly path: string;
      readonly content: string;
      readonly keeps?: boolean;
      readonly output?: number;
    }
  | { readonly kind: "touch"; readonly path: string }
  | { readonly kind: "remove"; readonly path: string }
  /** What is at `to` is replaced. */
  | { readonly kind: "move"; readonly path: string; readonly to: string }
  | { readonly kind: "swap"; readonly path: string; readonly to: string }
  | { readonly kind: "param"; readonly id: number; readonly name: string; readonly value: Json | null }
  | { readonly kind: "setting"; readonly id: number; readonly name: keyof Settings; readonly value: Json | null }
  | { readonly kind: "code"; readonly type: string; readonly variant: number }
  /** The code of a node type has another comment. */
  | { readonly kind: "comment"; readonly type: string }
  | { readonly kind: "rename"; readonly id: number; readonly name: string }
  | { readonly kind: "wire"; readonly id: number; readonly input: string; readonly refs: readonly Ref[] }
  /** The node comes at a place of the list, and in the place of its source for those of the numbers `below`. */
  | { readonly kind: "add"; readonly at: number; readonly node: Placed; readonly below: readonly number[] }
  /** What it fed is fed by its own sources. */
  | { readonly kind: "drop"; readonly id: number }
  | { readonly kind: "order"; readonly order: readonly number[] }
  /** Of the files at the users' paths, or the blobs of the store, the one at this part of their list. */
  | { readonly kind: "output"; readonly how: "remove" | "edit" | "touch"; readonly pick: number }
  | { readonly kind: "blob"; readonly pick: number }
  /** Nodes, and groups of the same place, come into a graph file of their own, or back; it is passed by, or no longer. */
  | { readonly kind: "group"; readonly group: Group; readonly groups: readonly string[] }
  | { readonly kind: "ungroup"; readonly name: string }
  | { readonly kind: "pass"; readonly name: string; readonly bypass: boolean }
  | { readonly kind: "variable"; readonly name: string; readonly value: string }
  | { readonly kind: "override"; readonly id: number; readonly param: string; readonly value: Json | null }
  | { readonly kind: "vary"; readonly variation: Variation | null }
  /** The results of a node are forgotten on purpose. */
  | { readonly kind: "dirty"; readonly id: number }
  /**
   * The results of a node are forgotten, and a file is written (null: removed) while it cooks, before the cook with this number
   * reads. `back`: it is again what it was when that cook ends.
   */
  | {
      readonly kind: "meanwhile";
      readonly id: number;
      readonly path: string;
      readonly content: string | null;
      readonly back: boolean;
      readonly at: number;
    }
  /**
   * The results of a node are forgotten, and while it cooks, before the cook with this number reads, somebody does something
   * to an output, or removes a blob.
   */
  | {
      readonly kind: "amid";
      readonly id: number;
      readonly how: "remove" | "edit" | "touch" | "blob";
      readonly pick: number;
      readonly at: number;
    }
  /** The engine ends and another begins; `rebuild`: its database is lost meanwhile; `gc`: what no item needs is collected. */
  | { readonly kind: "restart" }
  | { readonly kind: "rebuild" }
  | { readonly kind: "gc" };

/** The world after an edit; undefined where the edit means nothing in it. */
export function edited(world: World, edit: Edit): World | undefined {
  const { files } = world;
  switch (edit.kind) {
    case "write":
      return { ...world, files: { ...files, [edit.path]: edit.content } };
    case "touch":
      return files[edit.path] === undefined ? undefined : world;
    case "remove": {
      const { [edit.path]: gone, ...left } = files;
      return gone === undefined ? undefined : { ...world, files: left };
    }
    case "move": {
      const { [edit.path]: moved, ...left } = files;
      return moved === undefined || edit.path === edit.to
        ? undefined
        : { ...world, files: { ...left, [edit.to]: moved } };
    }
    case "swap": {
      const [one, other] = [files[edit.path], files[edit.to]];
      if (one === undefined || other === undefined || edit.path === edit.to) return undefined;
      return { ...world, files: { ...files, [edit.path]: other, [edit.to]: one } };
    }
    case "meanwhile": {
      if (files[edit.path] === undefined || !world.nodes.some(({ id }) => id === edit.id)) return undefined;
      if (edit.back) return world;
      const { [edit.path]: _, ...left } = files;
      return { ...world, files: edit.content === null ? left : { ...files, [edit.path]: edit.content } };
    }
    case "dirty":
    case "amid":
      return world.nodes.some(({ id }) => id === edit.id) ? world : undefined;
    case "group":
    case "ungroup":
    case "pass":
      return regrouped(world, edit);
    case "variable":
      return { ...world, variables: { ...world.variables, [edit.name]: edit.value } };
    case "override": {
      const { id, param, value } = edit;
      const others = world.overrides.filter((each) => each.id !== id || each.param !== param);
      return { ...world, overrides: value === null ? others : [...others, { id, param, value }] };
    }
    case "vary":
      return { ...world, variation: edit.variation ?? undefined };
    case "code":
      return { ...world, code: { ...world.code, [edit.type]: edit.variant } };
    case "order":
      return { ...world, order: edit.order };
    case "add":
    case "drop":
    case "param":
    case "setting":
    case "rename":
    case "wire":
      return editedNodes(world, edit);
    default:
      return world;
  }
}

type GroupEdit = Extract<Edit, { kind: "group" | "ungroup" | "pass" }>;

function regrouped(world: World, edit: GroupEdit): World | undefined {
  const { groups } = world;
  if (edit.kind === "group") return grouped(world, edit);
  const found = groups.find(({ name }) => name === edit.name);
  if (found === undefined) return undefined;
  if (edit.kind === "pass")
    return { ...world, groups: groups.map((each) => (each === found ? { ...each, bypass: edit.bypass } : each)) };
  const left = groups.filter((each) => each !== found);
  const opened = left.map((each) => ({
    ...each,
    ids: each.name === found.within ? [...each.ids, ...found.ids] : each.ids,
    within: each.within === found.name ? found.within : each.within,
  }));
  return { ...world, groups: opened };
}

function grouped({ groups, nodes, ...world }: World, edit: Extract<Edit, { kind: "group" }>): World | undefined {
  const { name, ids, within } = edit.group;
  const home = groups.find((each) => each.name === within);
  const isHere = (id: number) =>
    nodes.some((node) => node.id === id) && groups.find((each) => each.ids.includes(id)) === home;
  const isTaken = [...groups, ...nodes].some((other) => other.name === name);
  const inner = groups.filter((each) => edit.groups.includes(each.name));
  if (isTaken || !ids.every(isHere) || inner.some((each) => each.within !== within)) return undefined;
  if (within !== undefined && home === undefined) return undefined;
  const moved = groups.map((each) => ({
    ...each,
    ids: each === home ? each.ids.filter((id) => !ids.includes(id)) : each.ids,
    within: inner.includes(each) ? name : each.within,
  }));
  return { ...world, nodes, groups: [...moved, edit.group] };
}

type NodeEdit = Extract<Edit, { kind: "add" | "drop" | "param" | "setting" | "rename" | "wire" }>;

function editedNodes(world: World, edit: NodeEdit): World | undefined {
  const { nodes } = world;
  if (edit.kind === "add") return added(world, edit);
  if (!nodes.some(({ id }) => id === edit.id)) return undefined;
  if (edit.kind === "drop") return dropped(world, edit.id);
  const change = (node: Placed): Placed => {
    if (node.id !== edit.id) return node;
    if (edit.kind === "rename") return { ...node, name: edit.name };
    if (edit.kind === "wire") return { ...node, inputs: { ...node.inputs, [edit.input]: edit.refs } };
    if (edit.kind === "param") return { ...node, params: without(node.params, edit.name, edit.value) };
    return { ...node, settings: without(node.settings as Record<string, Json>, edit.name, edit.value) as Settings };
  };
  const known = new Set(nodes.map(({ id }) => id));
  if (edit.kind === "wire" && edit.refs.some(({ id }) => !known.has(id))) return undefined;
  if (edit.kind === "rename" && nodes.some(({ name }) => name === edit.name)) return undefined;
  return { ...world, nodes: nodes.map(change) };
}

/** Members with one set; null takes it away. */
function without(members: Readonly<Record<string, Json>>, name: string, value: Json | null): Record<string, Json> {
  const { [name]: _, ...left } = members;
  return value === null ? left : { ...left, [name]: value };
}

function added(world: World, { at, node, below }: Extract<Edit, { kind: "add" }>): World | undefined {
  const known = new Set(world.nodes.slice(0, at).map(({ id }) => id));
  const sources = Object.values(node.inputs).flat();
  const taken = world.nodes.some(({ id, name }) => id === node.id || name === node.name);
  if (taken || sources.some(({ id }) => !known.has(id))) return undefined;
  const [source] = sources;
  const isSource = (ref: Ref) => ref.id === source?.id && ref.output === source.output;
  const rewired = world.nodes.map((each, place) =>
    place >= at && below.includes(each.id) ? mapRefs(each, (ref) => (isSource(ref) ? [{ id: node.id }] : [ref])) : each,
  );
  return { ...world, nodes: [...rewired.slice(0, at), node, ...rewired.slice(at)] };
}

function dropped(world: World, id: number): World | undefined {
  const node = nodeOf(world, id);
  const sources = Object.values(node.inputs).flat();
  const left = world.nodes.filter((each) => each.id !== id);
  if (left.length === 0) return undefined;
  return {
    ...world,
    nodes: left.map((each) => mapRefs(each, (ref) => (ref.id === id ? sources : [ref]))),
    groups: filled(world.groups.map((group) => withoutNode(group, id))),
    overrides: world.overrides.filter((each) => each.id !== id),
    variation: world.variation?.id === id ? undefined : world.variation,
  };
}

function withoutNode(group: Group, id: number): Group {
  const promoted = group.promoted.filter((each) => each.id !== id);
  return { ...group, ids: group.ids.filter((each) => each !== id), promoted };
}

/** The groups in which there is anything. */
function filled(groups: readonly Group[]): readonly Group[] {
  const left = groups.filter(({ name, ids }) => ids.length > 0 || groups.some(({ within }) => within === name));
  return left.length === groups.length ? groups : filled(left);
}

function mapRefs(node: Placed, change: (ref: Ref) => readonly Ref[]): Placed {
  const inputs = Object.entries(node.inputs).map(([input, refs]) => [input, unique(refs.flatMap(change))] as const);
  return { ...node, inputs: Object.fromEntries(inputs) };
}

/** A node is named once among an input's sources. */
function unique(refs: readonly Ref[]): readonly Ref[] {
  const texts = refs.map(({ id, output }) => `${id}:${output ?? ""}`);
  return refs.filter((_, place) => texts.indexOf(texts[place]!) === place);
}
