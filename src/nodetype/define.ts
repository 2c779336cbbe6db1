/**
 * What a node type is, as its author writes it. What its functions see and answer is in `cook`, `discover` and `generate`
 * beside this file, and passed on here: who needs a node type needs one door. Knows nothing of graphs, scheduling or caches.
 */
import type { Json } from "../base/json.js";
import type { Value, ValueType } from "../expression/value.js";
import type { CookContext, CookItem, CookResult } from "./cook.js";
import type { DiscoverContext } from "./discover.js";
import type { GenerateContext, GeneratedItem, GeneratedLoop, GeneratedPartition, UpstreamItem } from "./generate.js";
import type { ListedDefaults, ParamSchemas, ParamValues } from "./params.js";

export type { Json } from "../base/json.js";
export type * from "./cook.js";
export type * from "./discover.js";
export type * from "./generate.js";

/** Units of the machine that an item holds while it cooks. `all` takes every CPU slot there is. */
export interface Slots {
  readonly cpu?: number | "all";
  readonly gpu?: number;
}

/** A declared input. Its order in `inputs` is the order of the parents. */
export interface InputDeclaration {
  readonly description: string;
  /** Without it, an absent input is a diagnostic. */
  readonly optional?: boolean;
  /** Of several: attributes of its items go before those of the others. Without it, it is the first input. */
  readonly main?: boolean;
}

/** A declared output: some of the items that a node makes. */
export interface OutputDeclaration {
  readonly description: string;
}

/** What is said of an attribute beside its value. */
export interface AttributeFlags {
  /** Items below do not inherit it. */
  readonly no_copy?: boolean;
  /** It is a variable in the environment of the item's work, and of the work of those below. */
  readonly env_export?: boolean;
  /** No item below gets another value. */
  readonly read_only?: boolean;
}

/** A problem that only the parameters together show, or a hint at what may do better, which `dag plan` alone shows. */
export interface ParamProblem {
  /** The dotted name of the parameter to blame, or to set. */
  readonly param: string;
  readonly message: string;
  /** Without it: an error. */
  readonly severity?: "error" | "warning" | "hint";
}

/** A line of `dag doctor`. */
export interface DoctorLine {
  readonly name: string;
  readonly ok: boolean;
  /** Nothing is amiss where it is not ok. */
  readonly optional?: boolean;
  readonly detail: string;
}

// A method, so that the definition of a type with certain parameters is a definition.
type PerParams<P, T> = T | { of(params: P): T }["of"];

/** What a node type's work reaches beyond its files and folders, where the graph says what: programs or servers. */
export type Reach = "programs" | "network";

/** A node type as its author writes it; `S` is the schema of its parameters, `N` the names of the attributes that it reads. */
export interface NodeDefinition<S extends ParamSchemas = ParamSchemas, P = ParamValues<S>, N extends string = string> {
  readonly description: string;
  /** Raise it when `cook` would answer differently. */
  readonly version: number;
  readonly params: S;
  /**
   * By version: parameters that it saved, as the next version has them. A graph that is pinned to an older version
   * (`studio/blur@1`) is read through these. Values may be expressions. Pure.
   */
  readonly migrate?: Readonly<Record<number, (params: Readonly<Record<string, unknown>>) => Record<string, unknown>>>;
  /** Named inputs. Without it: one optional input `main`. `{}`: none. */
  readonly inputs?: Readonly<Record<string, InputDeclaration>>;
  /** The parameter that names a graph file: a node of this type stands for the nodes in it. It has neither items nor work. */
  readonly graphIn?: string;
  /** Named outputs, which a graph reads as `"split:rest"`; a bare node name reads the first. Without it: one. */
  readonly outputs?: Readonly<Record<string, OutputDeclaration>>;
  /** How several inputs meet: every pair, all upstream items in one item, or those that agree on an attribute. */
  readonly meet?: "each" | "all" | { readonly by: string };
  readonly attributes?: {
    /** Attributes that `cook` sees, of its own item and of every member of its inputs; `pdg_name` and the like too. */
    readonly reads?: PerParams<P, readonly N[]>;
    /**
     * Of those that are read: attributes without which there is nothing to be done. That no item above can have one is an
     * error before the cook; of others that a parameter names (`attribute: true`) it is a warning.
     */
    readonly needs?: PerParams<P, readonly string[]>;
    /** Attributes that the items get, with types; `any`: known only when it runs. */
    readonly writes?: PerParams<P, Readonly<Record<string, ValueType>> | "any">;
    /** Flags of attributes that the items get; parameters that decide them are the same for all items. */
    readonly flags?: PerParams<P, Readonly<Record<string, AttributeFlags>>>;
    /** Attributes that the items do not inherit. */
    readonly removes?: PerParams<P, readonly string[]>;
    /** Those of `writes` that tell of the cook itself, such as its seconds: they are no part of whether a result is the same. */
    readonly measured?: readonly string[];
  };
  /** Without it: one CPU slot. */
  readonly slots?: PerParams<P, Slots>;
  /**
   * Variables of the environment that `cook` reads, by name, or `any`: all that the graph sets. They are in the
   * fingerprint, and reach `cook` through `context.env`. What the engine's own environment has counts for names alone.
   */
  readonly environment?: PerParams<P, readonly string[] | "any">;
  /** Whether `cook` uses `context.seed`. */
  readonly seeded?: boolean;
  /**
   * How far numbers among the attributes that `cook` writes may differ from cook to cook, as a part of the larger one; its
   * files may then differ, too. Without it, a result is the same to the byte: `dag verify` holds node types to that. A
   * function is asked of both results by their attributes, the measured ones among them; the larger answer counts.
   */
  readonly tolerance?: number | ((attributes: Readonly<Record<string, Value>>) => number | undefined);
  /** Told by `dag check`, and refused by `--untrusted`. */
  readonly reaches?: Reach;
  /** `never`: results are not kept between cooks. */
  readonly cache?: "never";
  /** Problems that no single parameter's schema can say; called on evaluated parameters, pure. */
  check?(params: P): readonly ParamProblem[];
  /** Finds out what the items depend on from outside; runs in a worker. Rejects with a message for the user. */
  discover?(params: P, context: DiscoverContext): Promise<Json>;
  /**
   * Whether `generate` makes, of files that `discover` listed, one item of each in their order, which follows from that file
   * alone: where one of many files changes, its item is then judged without the others.
   */
  readonly perFile?: boolean;
  /**
   * Whether `generate` (or `loops`) gets all upstream items at once, and says of each item what it is made from. Parameters
   * that vary by item are then those of the first.
   */
  readonly together?: PerParams<P, boolean>;
  /**
   * Pure. Of so many nodes at an input the one that is used, counted from 0; a number that none has: none. What leads only to the
   * others is not cooked. Not asked where the parameters differ by item.
   */
  readonly chooses?: { of(params: P): (count: number) => number }["of"];
  /** Pure. Called for each upstream item by itself (with none where the node has no input), unless `together`. */
  generate?(
    upstream: readonly UpstreamItem[],
    params: P,
    discovered: Json,
    around: GenerateContext<P>,
  ): Iterable<GeneratedItem>;
  /**
   * Pure. Opens loops: all nodes between this one and the next that closes one are cooked once for each iteration. Called
   * like `generate`: for each upstream item as soon as it is there, or with all at once (`together`).
   */
  loops?(upstream: readonly UpstreamItem[], params: P, around: GenerateContext<P>): Iterable<GeneratedLoop>;
  /**
   * Closes a loop: what an iteration made comes together in one item; pure. Called with it once it is cooked. Answers
   * whether there is another iteration.
   */
  again?(result: UpstreamItem, params: P): boolean;
  /** Pure. Groups all upstream items. Parameters that vary by item are those of the first. */
  partition?(upstream: readonly UpstreamItem[], params: P, around: GenerateContext<P>): Iterable<GeneratedPartition>;
  /** Does one item's work, in a worker. Rejects with a message for the user. */
  cook?(item: CookItem<N>, params: P, context: CookContext): Promise<CookResult | undefined>;
  /** Lines for `dag doctor`; `deep`: as thorough as it takes. */
  doctor?(options: { readonly deep: boolean }): Promise<readonly DoctorLine[]>;
}

/**
 * Declares a node type; the parameters' TypeScript types follow from their schema, and the names of the attributes that `cook`
 * sees from `attributes.reads`, where these are no matter of parameters. A default that is none of its `enum` does
 * not compile.
 */
export function defineNode<const S extends ParamSchemas, const N extends string = never>(
  definition: NodeDefinition<S, ParamValues<S>, N> & { readonly params: ListedDefaults<S> },
): NodeDefinition<S> {
  return definition;
}
