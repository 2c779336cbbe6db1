/** Messages between the engine and its worker processes. Knows the words, not who speaks them. */
import type { Value } from "../expression/value.js";
import type { CookItem, DiscoveredFile, Json, UpstreamFile } from "../nodetype/define.js";

/** An item's work, as it is sent to a worker. Everything in it is plain data. */
export interface CookTask {
  readonly kind: "cook";
  /** File URL of the node type's module. */
  readonly module: string;
  /** Digest of the module's code. A worker that may hold other code for any module is not given the task. */
  readonly code?: string;
  readonly item: CookItem;
  readonly params: Readonly<Record<string, unknown>>;
  /** The attempt's folder; the worker makes it when it is first needed. */
  readonly directory: string;
  readonly resume: string;
  readonly seed: number;
  readonly threads: number;
  readonly device: "cpu" | "gpu";
  /** Bytes of resident memory that the worker may use; 0 or none: as many as the engine gives every worker. */
  readonly memory?: number;
  /** Where the item's log goes; the file is made with its first line. */
  readonly log: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Finding out what a node depends on from outside. File doors are answered by the engine. */
export interface DiscoverTask {
  readonly kind: "discover";
  readonly module: string;
  readonly code?: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** The files of the upstream item, where they are asked for. */
  readonly upstream?: readonly CookedUpstream[] | undefined;
  readonly log: string;
}

/** A file of an upstream item: `absolute` is where it lies on this machine. */
export interface CookedUpstream extends UpstreamFile {
  readonly absolute: string;
}

export type Task = CookTask | DiscoverTask;

/** A file that a cook made, already hashed by the worker, or one that it passes on. */
export type MadeFile =
  | {
      readonly path: string;
      readonly digest: string;
      readonly size: number;
      readonly tag: string;
      readonly parameter?: string;
    }
  | { readonly pass: string; readonly name: string; readonly tag: string; readonly size: number };

/** Files of a listing that follow each other. */
export interface PassedFiles {
  readonly directory: string;
  readonly glob: string;
  readonly recursive: boolean;
  /** The place of the first. */
  readonly from: number;
  readonly count: number;
}

/**
 * What a discovery answered: a value; or listed files, passed on as they were found. Then the answer came about without a look at what is in
 * them: it follows from their names alone.
 */
export type Discovered = { readonly value: Json } | { readonly passed: readonly PassedFiles[] };

/** What a cook made. */
export interface CookedResult {
  readonly kind: "cooked";
  readonly files: readonly MadeFile[];
  readonly attributes: Readonly<Record<string, Value>>;
  readonly partial: boolean;
  /** Why it could not go on; what it has so far is handed over all the same. */
  readonly failure?: string;
  readonly seconds: number;
}

/** How a task ended. `message` is for the user; `detail` (a stack) is for the log. */
export type TaskResult =
  | CookedResult
  | ({ readonly kind: "discovered"; readonly seconds: number } & Discovered)
  | {
      readonly kind: "failed";
      /** `fault`: one of the engine's own, whose stack is the message. */
      readonly cause: "error" | "crash" | "timeout" | "memory" | "cancelled" | "fault";
      readonly message: string;
      /** The worker's last lines. */
      readonly tail: readonly string[];
      readonly seconds: number;
    };

/** What a worker shows while it cooks. Figures that JSON cannot hold (NaN) come as words. */
export type ProgressValues = Readonly<Record<string, number | string>>;

/** A file as the engine's doors answer it: `absolute` is where it lies on this machine. */
export interface FoundFile extends DiscoveredFile {
  readonly absolute: string;
}

/** What a look found out about the file of that digest. */
export interface RememberedValue {
  readonly digest: string;
  readonly value: Json;
}

/** The engine's side of `DiscoverContext`; the engine records what passes. Rejections carry messages for the user. */
export interface DiscoverPort {
  list(directory: string, glob: string, options: { readonly recursive?: boolean }): Promise<readonly FoundFile[]>;
  read(path: string): Promise<FoundFile>;
  /** What is remembered under `key` (it names the look) for some of the digests. Asked once a listing, not once a file. */
  recall(key: string, digests: readonly string[]): Promise<readonly RememberedValue[]>;
  /** Findings new to the engine. */
  remember(key: string, found: readonly RememberedValue[]): void;
}

/** How the last words of a worker begin that its watchdog ended for using too much memory. */
export const OVER_MEMORY = "The worker used more memory than its limit";

/** Objects with the same few members. */
export interface PackedRows {
  readonly common: Readonly<Record<string, unknown>>;
  readonly names: readonly string[];
  /** By column: how all values begin; "" where they are not strings. */
  readonly begins: readonly string[];
  /** An object's values in the order of the names; null where it has none. */
  readonly rows: readonly (readonly unknown[])[];
}

/** The tasks of one message. */
export interface PackedTasks {
  readonly tasks: PackedRows;
  /** Of tasks that cook: their items. */
  readonly items?: PackedRows;
}

/** What the engine tells a worker. Tasks are worked on one after another; more are sent when all are settled. */
export type ToWorker =
  /** They are numbered from `first` on: by its number a worker speaks of a task. */
  | { readonly kind: "tasks"; readonly first: number; readonly tasks: PackedTasks }
  /** Save and stop. */
  | { readonly kind: "save"; readonly id: number }
  | { readonly kind: "answer"; readonly ask: number; readonly value?: unknown; readonly error?: string };

/** A question to the engine's doors. */
export type DiscoverRequest =
  | { readonly method: "list"; readonly directory: string; readonly glob: string; readonly recursive?: boolean }
  | { readonly method: "read"; readonly path: string }
  | { readonly method: "recall"; readonly key: string; readonly digests: readonly string[] };

/** What a worker tells the engine. */
export type FromWorker =
  | { readonly kind: "ready" }
  | { readonly kind: "settled"; readonly results: readonly (readonly [id: number, result: TaskResult])[] }
  | { readonly kind: "progress"; readonly id: number; readonly figures: ProgressValues }
  | { readonly kind: "warn"; readonly id: number; readonly line: string }
  | { readonly kind: "ask"; readonly id: number; readonly ask: number; readonly question: DiscoverRequest }
  | {
      readonly kind: "remember";
      readonly id: number;
      readonly key: string;
      readonly found: readonly RememberedValue[];
    };
