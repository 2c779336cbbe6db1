/** What a node type is. Knows nothing of graphs, scheduling or caches. */
import type { Value, ValueType } from "../expression/value.js";
import type { ListedDefaults, ParamSchemas, ParamValues } from "./params.js";

/** What may be held by JSON. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

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
}

/** A declared output: some of the items that a node makes. */
export interface OutputDeclaration {
  readonly description: string;
}

/** A file as `cook` sees it: `path` is absolute and read-only. */
export interface InputFile {
  readonly path: string;
  readonly name: string;
  readonly tag: string;
  readonly digest: string;
  readonly size: number;
}

/** One upstream item as `cook` sees it: a partition's members come as several. */
export interface InputMember {
  /** For messages and logs alone: it is in no fingerprint. What shall show in a result is read as `pdg_name`. */
  readonly name: string;
  /** The attributes that the node type declares to read, as this member has them. */
  readonly attributes: Readonly<Record<string, Value>>;
  readonly files: readonly InputFile[];
}

/** The work item as `cook` sees it. */
export interface CookItem {
  /** For messages and logs alone, like the label: what shall show in a result is read as `pdg_name`, `pdg_label`. */
  readonly name: string;
  readonly label: string;
  /** The attributes that the node type declares to read. */
  readonly attributes: Readonly<Record<string, Value>>;
  /** By input name (`main` where the type declares none), members in order. */
  readonly inputs: Readonly<Record<string, readonly InputMember[]>>;
  /** Files that `generate` gave the item. */
  readonly files: readonly InputFile[];
}

/** What `cook` gets besides the item and its parameters. */
export interface CookContext {
  /** The attempt's own empty folder; outputs are written here. */
  readonly directory: string;
  /** A folder that outlives a killed attempt with the same fingerprint; deleted when the item is committed. */
  readonly resume: string;
  /** Aborted when the cook is cancelled, or should save and stop. */
  readonly signal: AbortSignal;
  /** A 32-bit seed that follows from the item's key; enters the fingerprint only where the type says `seeded`. */
  readonly seed: number;
  /** CPU threads that the item may use: the slots it was granted. */
  readonly threads: number;
  /** The variables that the node type declares and that there are, and those of the node's `env`; process.env has them, too. */
  readonly env: Readonly<Record<string, string>>;
  /** `cpu`, or `gpu` with the one that this worker was given. */
  readonly device: "cpu" | "gpu";
  /** Shown live. `fraction` in 0..1; the rest are figures such as `loss`. */
  progress(figures: { readonly fraction?: number; readonly [figure: string]: number | string | undefined }): void;
  /** A figure of a step, such as a loss: shown live, and kept beside the item's log. */
  metric(name: string, value: number, step: number): void;
  /** An image of a step, `path` relative to `directory`: a copy is kept beside the item's log. It is no output. */
  image(name: string, path: string, step: number): void;
  /** A line for the item's log. */
  log(line: string): void;
  /** A line for the log and the report, shown once. */
  warn(line: string): void;
}

/** A file made by `cook`: `path` relative to `context.directory`, or an input file passed on without a copy. */
export type CookedFile =
  | { readonly path: string; readonly tag: string; readonly parameter?: string }
  | { readonly pass: InputFile; readonly tag?: string };

/**
 * What `cook` answers. `partial`: a graceful stop; published and usable, but never a hit for its fingerprint. `failure`: why
 * it could not go on; the item fails with this message and is not tried again, and what it has so far is put at the user's
 * paths all the same.
 */
export interface CookResult {
  readonly outputs?: readonly CookedFile[];
  readonly attributes?: Readonly<Record<string, Value>>;
  readonly partial?: boolean;
  readonly failure?: string;
}

/** A file outside the graph, found by `discover`: its path is symbolic. */
export interface DiscoveredFile {
  readonly path: string;
  readonly name: string;
  readonly digest: string;
  readonly size: number;
}

/** The only doors through which `discover` touches files; all that goes through them is recorded. */
export interface DiscoverDoors {
  /**
   * The files of the upstream item, once it is cooked, where a parameter asks for them (`upstream: true` in its schema). They
   * are recorded by their content. Undefined where it does not.
   */
  readonly upstream?: readonly UpstreamFile[] | undefined;
  /**
   * Files of a folder whose path relative to it matches a glob, in natural order. Their `name` is that relative path.
   * Rejects with a message for the user where the folder is absent.
   */
  list(directory: string, glob: string, options?: { readonly recursive?: boolean }): Promise<readonly DiscoveredFile[]>;
  /** One file. Rejects with a message for the user where it is absent. */
  read(path: string): Promise<DiscoveredFile>;
  /**
   * What `look` finds out about a file, remembered by the file's digest and the node's code. What else it depends on is
   * given as `about`, which is remembered with it: a look must not read other variables.
   */
  probe<T extends Json>(file: Omit<UpstreamFile, "tag">, look: (path: string) => Promise<T>): Promise<T>;
  probe<T extends Json, A extends Json>(
    file: Omit<UpstreamFile, "tag">,
    look: (path: string, about: A) => Promise<T>,
    about: A,
  ): Promise<T>;
  /** A line for the report, shown once. */
  warn(line: string): void;
}

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

/** A file of an upstream item: no place on this machine is told. */
export interface UpstreamFile {
  readonly name: string;
  readonly tag: string;
  readonly digest: string;
  readonly size: number;
}

/** What else a node type that takes its upstream items together may ask. */
export interface Surroundings<P> {
  /** By declared input: its sources in order (`node`: as the graph names them, `split:rest`), each with its items. */
  readonly inputs: Readonly<
    Record<string, readonly { readonly node: string; readonly items: readonly UpstreamItem[] }[]>
  >;
  /** The node's parameters as they are for an upstream item. */
  paramsOf(item: UpstreamItem): P;
}

/** An item that `generate` yields. Its identity is unique among the children of its upstream items. */
export interface GeneratedItem {
  /** What distinguishes it among its siblings: a relative path, wedge values, a copy's number. Never a position. */
  readonly identity: Json;
  readonly attributes?: Readonly<Record<string, Value>>;
  /** From outside the graph, or passed through from an upstream item; without it, all that these offer. */
  readonly files?: readonly ((DiscoveredFile & { readonly tag: string }) | UpstreamFile)[];
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

/** What is said of an attribute beside its value. */
export interface AttributeFlags {
  /** Items below do not inherit it. */
  readonly no_copy?: boolean;
  /** It is a variable in the environment of the item's work, and of the work of those below. */
  readonly env_export?: boolean;
  /** No item below gets another value. */
  readonly read_only?: boolean;
}

/** A problem that only the parameters together show. `param`: dotted name of the one to blame. */
export interface ParamProblem {
  readonly param: string;
  readonly message: string;
  readonly severity?: "error" | "warning";
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

/** A node type as its author writes it; `S` is the schema of its parameters. */
export interface NodeDefinition<S extends ParamSchemas = ParamSchemas, P = ParamValues<S>> {
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
    readonly reads?: PerParams<P, readonly string[]>;
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
   * files may then differ, too. Without it, a result is the same to the byte: `dag verify` holds node types to that.
   */
  readonly tolerance?: number;
  /** `never`: results are not kept between cooks. */
  readonly cache?: "never";
  /** Problems that no single parameter's schema can say; called on evaluated parameters, pure. */
  check?(params: P): readonly ParamProblem[];
  /** Finds out what the items depend on from outside; runs in a worker. Rejects with a message for the user. */
  discover?(params: P, doors: DiscoverDoors): Promise<Json>;
  /**
   * Whether `generate` (or `loops`) gets all upstream items at once, and says of each item what it is made from. Parameters
   * that vary by item are then those of the first.
   */
  readonly together?: PerParams<P, boolean>;
  /** Pure. Called for each upstream item by itself (with none where the node has no input), unless `together`. */
  generate?(
    upstream: readonly UpstreamItem[],
    params: P,
    discovered: Json,
    around: Surroundings<P>,
  ): Iterable<GeneratedItem>;
  /**
   * Pure. Opens loops: all nodes between this one and the next that closes one are cooked once for each iteration. Called
   * like `generate`: for each upstream item as soon as it is there, or with all at once (`together`).
   */
  loops?(upstream: readonly UpstreamItem[], params: P, around: Surroundings<P>): Iterable<GeneratedLoop>;
  /**
   * Closes a loop: what an iteration made comes together in one item; pure. Called with it once it is cooked. Answers
   * whether there is another iteration.
   */
  again?(result: UpstreamItem, params: P): boolean;
  /** Pure. Groups all upstream items. Parameters that vary by item are those of the first. */
  partition?(upstream: readonly UpstreamItem[], params: P, around: Surroundings<P>): Iterable<GeneratedPartition>;
  /** Does one item's work, in a worker. Rejects with a message for the user. */
  cook?(item: CookItem, params: P, context: CookContext): Promise<CookResult | undefined>;
  /** Lines for `dag doctor`; `deep`: as thorough as it takes. */
  doctor?(options: { readonly deep: boolean }): Promise<readonly DoctorLine[]>;
}

/**
 * Declares a node type; the parameters' TypeScript types follow from their schema. A default that is none of its `enum` does
 * not compile.
 */
export function defineNode<const S extends ParamSchemas>(
  definition: NodeDefinition<S> & { readonly params: ListedDefaults<S> },
): NodeDefinition<S> {
  return definition;
}
