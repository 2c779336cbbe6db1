/**
 * The door `dag-cook/cook`: cooks a graph file from a program, as `dag cook` does and with the same store. Prints nothing.
 * A door of its own, since what a node type's door reaches is the node type's code, and in its fingerprint.
 */
import type { Diagnostic } from "./base/diagnostic.js";
import { UserError } from "./base/error.js";
import type { Cook } from "./cook/cook.js";
import type { SessionReport } from "./cook/session.js";
import { type CookingOptions, withCooking } from "./engine/cooking.js";
import { Events } from "./engine/events.js";
import type { CookEvent } from "./event/event.js";
import type { Value } from "./expression/value.js";
import { givenOf } from "./graph/given.js";
import { resolveSymbolic } from "./graph/paths.js";
import type { Json } from "./nodetype/define.js";
import { outcomeText } from "./report/words.js";
import type { WorkItem } from "./workitem/item.js";
import type { Outcome } from "./workitem/outcome.js";
import type { ItemState } from "./workitem/state.js";

export type { CookEvent, Diagnostic, ItemState, Json, Outcome, Value };

export interface CookOptions {
  /** Values by `node.parameter`, put over those of the file. */
  readonly set?: Readonly<Record<string, Json>>;
  /** Several values by `node.parameter`: all of them are cooked, each in items of its own. They are taken as they are. */
  readonly wedge?: Readonly<Record<string, readonly (number | boolean | string)[]>>;
  /** These nodes and what they need; without it, all. */
  readonly nodes?: readonly string[];
  /** This item (its name, a unique beginning of it, or `node:index`) and what it needs. */
  readonly item?: string;
  /** Nodes whose items are cooked whatever the store holds. */
  readonly force?: readonly string[];
  /** Folders besides the project's that outputs may be put into. */
  readonly allow?: readonly string[];
  /** The store's folder; without it, `.dag` in the project. */
  readonly store?: string;
  /** The graph is a stranger's: it runs no programs, reads no variables of the environment and no node types beside it. */
  readonly untrusted?: boolean;
  /** More work items than this are refused. */
  readonly maxItems?: number;
  /** Items that cook at once; without them, as many as the machine has cores, and GPUs. */
  readonly cpuSlots?: number;
  readonly gpuSlots?: number;
  /** Megabytes that each worker may use. */
  readonly memoryLimit?: number;
  /** False: cooks whatever room the disks have. */
  readonly diskCheck?: boolean;
  /** Told of all that happens, as `--progress json` writes it. */
  readonly onEvent?: (event: CookEvent) => void;
  /** Where it is aborted, nothing more is begun, and running items may save what they have. */
  readonly signal?: AbortSignal;
}

/** A file that an item offers to those below it. */
export interface ItemFile {
  /** Where its bytes are: in the store, not to be written; or where they were found. */
  readonly path: string;
  readonly name: string;
  readonly tag: string;
  /** SHA-256, in hexadecimal. */
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
}

/** A work item after a cook. */
export interface Item {
  readonly node: string;
  /** Stable from cook to cook. */
  readonly name: string;
  /** Place in its node's order, from 0. */
  readonly index: number;
  readonly label: string;
  readonly state: ItemState;
  /** How it ended; undefined where it did not. */
  readonly outcome: Outcome | undefined;
  /** The same in words, where it needs any. */
  readonly reason: string | undefined;
  /** Its own and those that it inherits. */
  readonly attributes: Readonly<Record<string, Value>>;
  readonly files: readonly ItemFile[];
}

export interface Cooked {
  /** Whether all that was asked for is there. */
  readonly ok: boolean;
  /** Whether it was aborted. */
  readonly stopped: boolean;
  /** Work items by state. */
  readonly counts: Readonly<Record<ItemState, number>>;
  /** Items whose work was done in this cook, and not taken from the store. */
  readonly cooked: number;
  /** A node's items in their order. Throws an Error where no such node was cooked. */
  items(node: string): readonly Item[];
}

/** Why nothing was cooked, in words for people. */
export class CookError extends Error {
  /** Problems of the graph file, each with its place. */
  readonly diagnostics: readonly Diagnostic[];

  constructor(message: string, diagnostics: readonly Diagnostic[]) {
    super(message);
    this.diagnostics = diagnostics;
  }
}

/**
 * Cooks a graph file. Resolves however the items ended: failures are in their states, and events. Rejects with a CookError
 * where the graph has a problem, or the store or the machine do not let it be cooked.
 */
export async function cook(file: string, options: CookOptions = {}): Promise<Cooked> {
  const { set = {}, wedge = {}, nodes, diskCheck = true, onEvent = () => {}, signal, ...others } = options;
  checkNumbers(options);
  const diagnostics: (Diagnostic & { readonly text: string })[] = [];
  const events = new Events();
  events.subscribe((event) => {
    if (event.type === "diagnostic") diagnostics.push(event);
    onEvent(event);
  });
  const asked: CookingOptions = { ...others, given: givenOf({ set, wedge }), ...(nodes && { node: nodes }), diskCheck };
  try {
    return await withCooking(file, asked, events, async ({ opened, store, session, request, started }) => {
      let stop = (): void => {};
      const begun = (cooking: Cook): void => {
        started(cooking);
        stop = () => cooking.stop("save");
        if (signal?.aborted === true) stop();
        signal?.addEventListener("abort", stop);
      };
      const cooked = session.cook(opened.graph, opened.project, request, { started: begun });
      const report = await cooked.finally(() => signal?.removeEventListener("abort", stop));
      const placeOf: Placed = ({ path, digest }) =>
        path === undefined ? store.blobs.path(digest) : resolveSymbolic(path, opened.graph);
      return cookedOf(report, placeOf);
    });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new CookError([...diagnostics.map(({ text }) => text), error.message].join("\n"), diagnostics);
  }
}

/** Options that are whole numbers, and the least that each may be. */
const LEAST = { maxItems: 1, cpuSlots: 1, gpuSlots: 0, memoryLimit: 1 } as const;

function checkNumbers(options: CookOptions): void {
  for (const [name, least] of Object.entries(LEAST)) {
    const given = options[name as keyof typeof LEAST];
    if (given === undefined || (Number.isSafeInteger(given) && given >= least)) continue;
    throw new CookError(`${name} is ${given}; it must be a whole number, ${least} or more.`, []);
  }
}

type Placed = (file: ReturnType<WorkItem["offered"]>[number]) => string;

function cookedOf({ ok, stopped, states, runs }: SessionReport, placeOf: Placed): Cooked {
  return {
    ok,
    stopped,
    counts: states.counts(),
    cooked: states.cooked,
    items(node) {
      const run = runs.get(node);
      if (run === undefined)
        throw new Error(`No node "${node}" was cooked. Those that were: ${[...runs.keys()].join(", ")}.`);
      return run.items.map((item) => itemOf(item, placeOf));
    },
  };
}

function itemOf(item: WorkItem, placeOf: Placed): Item {
  const { node, name, index, label = name, state, outcome } = item;
  const attributes = Object.fromEntries([...item.attributeNames()].map((each) => [each, item.attribute(each)!]));
  const files = item.offered().map((file) => {
    const { name: fileName, tag, digest, size } = file;
    return { path: placeOf(file), name: fileName, tag, digest, size };
  });
  return { node, name, index, label, state, outcome, reason: outcomeText(outcome), attributes, files };
}
