/**
 * Graph files in use: the graph itself, and one for each node that stands for a graph file. A name means something within
 * its space alone. Knows nothing of wires.
 */
import type { InputDeclaration } from "../nodetype/define.js";
import type { RegisteredNodeType } from "../nodetype/registry.js";
import type { Located, LocatedMember, Span } from "./located.js";

/** A node of the file with its type, where that is known. */
export interface PlacedNode {
  /** With the names of the nodes that it lies in: `outer/inner`. */
  readonly name: string;
  /** The graph file that it stands in. */
  readonly space: Space;
  /** The graph file that it stands for, once that is read. */
  inner: Space | undefined;
  /** Span of the name. */
  readonly key: Span;
  readonly value: Located;
  readonly members: ReadonlyMap<string, LocatedMember>;
  readonly type: RegisteredNodeType | undefined;
}

export interface Space {
  /** `outer/` for what node `outer` stands for; empty for the graph itself. */
  readonly prefix: string;
  /** What its text is read from. */
  readonly source: Span["source"];
  /** Its absolute folder: `$HIP` in it. */
  readonly folder: string;
  readonly variables: ReadonlyMap<string, string>;
  /** By the name that they have in the file. */
  readonly nodes: Map<string, PlacedNode>;
  /** What it takes from outside, by name; the first is what the outer node's list of inputs feeds. */
  readonly inputs: ReadonlyMap<string, InputDeclaration>;
  /** What it hands on, by name: lists of sources; the first is what the outer node's name alone stands for. */
  readonly outputs: ReadonlyMap<string, LocatedMember>;
  /** The node that stands for it. */
  readonly outer: PlacedNode | undefined;
}

/** Every node that is cooked, those within nodes at their place. */
export function* placedIn(space: Space): Generator<PlacedNode> {
  for (const node of space.nodes.values()) {
    if (!isSubgraph(node)) yield node;
    else if (node.inner !== undefined) yield* placedIn(node.inner);
  }
}

/** Whether a node stands for a graph file. */
export function isSubgraph({ type }: PlacedNode): boolean {
  return type?.definition.graphIn !== undefined;
}

/** Whether a node that stands for a graph is passed by. */
export function isBypassed(node: PlacedNode): boolean {
  const bypass = node.members.get("bypass")?.value;
  return bypass?.kind === "leaf" && bypass.value === true;
}
