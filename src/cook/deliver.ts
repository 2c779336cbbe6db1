/**
 * Puts outputs at the user's paths, and knows which item claimed which: two items never write to one path. Unaware of
 * states and scheduling.
 */
import { basename, join } from "node:path";
import { UserError } from "../base/error.js";
import { isBelow } from "../base/system.js";
import { splitOutput } from "../fingerprint/manifest.js";
import type { Bounds } from "../graph/bounds.js";
import type { Graph } from "../graph/graph.js";
import { resolveSymbolic } from "../graph/paths.js";
import type { OutsideFile } from "../prepare/inputs.js";
import type { Prepared } from "../prepare/prepare.js";
import type { Store } from "../store/store.js";
import type { CookNotes } from "../unchanged/records.js";
import type { WorkItem } from "../workitem/item.js";
import type { OutputFile } from "../workitem/output.js";

/** Names that the cook fills in: two items whose paths differ in these alone are refused before either has cooked. */
const BRACES = /\{\w+\}/;
const FILLED = "; what stands in braces is known only when they have cooked";

export class Delivery {
  readonly #store: Store;
  readonly #resolve: (symbolic: string) => string;
  readonly #bounds: Bounds;
  readonly #notes: CookNotes | undefined;
  readonly #claims = new Map<string, WorkItem>();
  /** Items that read a file from outside, by its symbolic path: as far as anybody has asked. */
  readonly #readers = new Map<string, WorkItem>();
  /** Those that are not among them yet, and what each reads. */
  #reading: WorkItem[] = [];
  #read: (readonly OutsideFile[])[] = [];
  /** Absolute paths of the graph's own files. */
  readonly #graph: ReadonlySet<string>;

  constructor(store: Store, graph: Graph, bounds: Bounds, notes: CookNotes | undefined) {
    this.#notes = notes;
    this.#store = store;
    this.#bounds = bounds;
    this.#resolve = (symbolic) => resolveSymbolic(symbolic, graph);
    this.#graph = new Set([join(graph.folder, basename(graph.file)), ...graph.files]);
  }

  /** Claims the item's output paths. Answers a message for the user where another item has one, an input lies there, or a link leads away. */
  claim(prepared: Prepared): string | undefined {
    const { item, outputs, outside } = prepared;
    if (outside.length > 0) {
      this.#reading.push(item);
      this.#read.push(outside);
    }
    for (const [parameter, path] of outputs) {
      const own = this.#ownAt(path);
      if (own !== undefined)
        return `${item.name} would write over ${own} "${path}" (parameter "${parameter}" of node "${item.node}").`;
      const reader = this.#readerOf(path);
      if (reader !== undefined) {
        return (
          `${item.name} would write over "${path}" (parameter "${parameter}" of node "${item.node}"), which ` +
          `${reader.name} reads. Put its outputs into another folder.`
        );
      }
      const owner = this.#claims.get(path);
      if (owner !== undefined && owner !== item) {
        return (
          `${item.name} and ${owner.name} both write to "${path}" (parameter "${parameter}" of node "${item.node}"). ` +
          `Put something into the path that differs between them, such as @wedgeindex or @pdg_name${BRACES.test(path) ? FILLED : ""}.`
        );
      }
      const problem = this.#bounds.foreseen(this.#resolve(path));
      if (problem !== undefined) return `Parameter "${parameter}" of node "${item.node}": ${problem}`;
      this.#claims.set(path, item);
    }
    return undefined;
  }

  /** What of the engine's own lies at a path. */
  #ownAt(symbolic: string): string | undefined {
    const path = this.#resolve(symbolic);
    if (this.#graph.has(path)) return "the graph file";
    return isBelow(path, this.#store.folder) ? "the store's file" : undefined;
  }

  #readerOf(path: string): WorkItem | undefined {
    for (const [place, item] of this.#reading.entries()) {
      for (const file of this.#read[place]!) if (!this.#readers.has(file.path)) this.#readers.set(file.path, item);
    }
    this.#reading = [];
    this.#read = [];
    return this.#readers.get(path);
  }

  /** Puts the outputs that have a place there. Rejects with a message for the user. Answers what was put where. */
  async place(prepared: Prepared, outputs: readonly OutputFile[]): Promise<{ path: string; how: string }[]> {
    const folders = new Map(prepared.outputs.map(([parameter, path]) => [parameter, splitOutput(path).folder]));
    const placed: { path: string; how: string }[] = [];
    for (const output of outputs) {
      const folder = output.parameter === undefined ? undefined : folders.get(output.parameter);
      if (folder === undefined) continue;
      // The check lets only paths in allowed folders pass; what has no folder must never become one at the disk's root.
      if (folder === "") throw new UserError(`The output "${output.name}" has no folder to be put into.`);
      const symbolic = `${folder}/${output.name}`;
      const path = this.#resolve(symbolic);
      // A cook may have made a link since it was claimed.
      const problem = this.#bounds.problem(path);
      if (problem !== undefined) throw new UserError(problem);
      const how = await this.#store.files.place(output.digest, path);
      // Or while it was put there.
      const since = this.#bounds.problem(path);
      if (since !== undefined) throw new UserError(since);
      placed.push({ path: join(path), how });
      this.#notes?.placed(prepared.item, { path: symbolic, digest: output.digest });
    }
    return placed;
  }
}
