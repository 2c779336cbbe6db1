/** What `generate`, `partition` and `loops` of a node type see and yield. Knows no work items of the engine. */
import type { Json } from "../base/json.js";
import type { Value } from "../expression/value.js";
import type { DiscoveredFile, UpstreamFile } from "./discover.js";

/** An upstream item as `generate` and `partition` see it. */
export interface UpstreamItem {
  readonly name: string;
  readonly index: number;
  /** `cooked_success`, `cooked_fail` …: of use to types that read `pdg_state`, which are generated when it is cooked. */
  readonly state: string;
  /** It follows from what the item is made from: the same on every machine and in every cook. */
  readonly key: string;
  /** 32 bits that follow from its key. */
  readonly seed: number;
  /** An attribute as known now; what a cook writes is known only where generation waits for it. */
  attribute(name: string): Value | undefined;
  /** Names that `attribute` may answer. */
  attributeNames(): ReadonlySet<string>;
  /** The items that a partition holds, in order. */
  grouped(): readonly UpstreamItem[];
  /** The files that it offers to those below, as known now. */
  offered(): readonly UpstreamFile[];
}

/** What else a node type that takes its upstream items together may ask. */
export interface GenerateContext<P> {
  /** By declared input: its sources in order (`node`: as the graph names them, `split:rest`), each with its items. */
  readonly inputs: Readonly<
    Record<string, readonly { readonly node: string; readonly items: readonly UpstreamItem[] }[]>
  >;
  /** The node's parameters as they are for an upstream item. `given`: values of what their schema gives. */
  paramsOf(item: UpstreamItem | undefined, given?: Readonly<Record<string, number>>): P;
}

/** An item that `generate` yields. Its identity is unique among the children of its upstream items. */
export interface GeneratedItem {
  /** What distinguishes it among its siblings: a relative path, wedge values, a copy's number. Never a position. */
  readonly identity: Json;
  readonly attributes?: Readonly<Record<string, Value>>;
  /** From outside the graph, or passed through from an upstream item; without it, all that these offer. */
  readonly files?: readonly ((DiscoveredFile & { readonly tag: string }) | UpstreamFile)[];
  /** False: nothing is to be cooked for it, also where the type has `cook`; it offers `files`. */
  readonly work?: boolean;
  /** Overrides the label where the graph sets none. */
  readonly label?: string;
  /** The declared output that it comes out of; without it, the first. */
  readonly output?: string;
  /** Attributes that it does not inherit; the type declares them (`attributes.removes`). */
  readonly removes?: readonly string[];
  /** Where the node type takes its upstream items together: those that this one is made from, in order. */
  readonly upstream?: readonly UpstreamItem[];
}

/** A loop that `loops` yields: its iterations are made one after another, each when the one before it is cooked. */
export interface GeneratedLoop {
  /** What distinguishes it among the loops of the same upstream items. */
  readonly identity: Json;
  /** How many iterations it has, if nothing ends it before; at least 1. */
  readonly iterations: number;
  /** The upstream item that an iteration, counted from 0, is made from beside the result of the one before it. */
  upstream(iteration: number): UpstreamItem | undefined;
  /** Whether an iteration gets an attribute from the result of the one before it, instead of from its upstream item. */
  feedsBack(attribute: string): boolean;
  /** Whether it gets the files of that result, instead of its upstream item's. */
  readonly feedsFiles: boolean;
}

/** A partition that `partition` yields. */
export interface GeneratedPartition {
  readonly identity: Json;
  readonly members: readonly UpstreamItem[];
  readonly attributes?: Readonly<Record<string, Value>>;
  readonly label?: string;
  /** The declared output that it comes out of; without it, the first. */
  readonly output?: string;
  /** Which of its members' files it offers; `unique`: each content once. Without it: all. */
  readonly outputs?: "all" | "none" | "first" | "last" | "unique";
}
