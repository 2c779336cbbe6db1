/** What a node type's `cook` sees of its work item, what it may do, and what it answers. Knows nothing of workers. */
import type { Value } from "../expression/value.js";

/** A file as `cook` sees it: `path` is absolute and read-only. */
export interface InputFile {
  readonly path: string;
  readonly name: string;
  readonly tag: string;
  readonly digest: string;
  readonly size: number;
}

/** Attributes of some names, each of which an item may lack. */
export type ReadAttributes<N extends string> = { readonly [name in N]?: Value };

/** One upstream item as `cook` sees it: a partition's members come as several. `N`: the names that the type reads. */
export interface InputMember<N extends string = string> {
  /** For messages and logs alone: it is in no fingerprint. What shall show in a result is read as `pdg_name`. */
  readonly name: string;
  /** The attributes that the node type declares to read, as this member has them. */
  readonly attributes: ReadAttributes<N>;
  readonly files: readonly InputFile[];
}

/** The work item as `cook` sees it. */
export interface CookItem<N extends string = string> {
  /** For messages and logs alone, like the label: what shall show in a result is read as `pdg_name`, `pdg_label`. */
  readonly name: string;
  readonly label: string;
  /** The attributes that the node type declares to read. */
  readonly attributes: ReadAttributes<N>;
  /** By input name (`main` where the type declares none), members in order. */
  readonly inputs: Readonly<Record<string, readonly InputMember<N>[]>>;
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
