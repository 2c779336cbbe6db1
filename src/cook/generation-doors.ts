/** What making items needs from the cook. Types alone. */
import type { Json } from "../nodetype/define.js";
import type { WorkItem } from "../workitem/item.js";
import type { NodeRun } from "./run.js";

export interface GenerationDoors {
  /** Evaluates the node's parameters for an upstream item; answers the problems where it cannot. */
  params(
    run: NodeRun,
    upstream: WorkItem | undefined,
    given?: Readonly<Record<string, number>>,
  ): Readonly<Record<string, unknown>>;
  /** A discovery's value, or undefined while it is under way (the node is advanced again when it is there). */
  discovered(run: NodeRun, params: Readonly<Record<string, unknown>>, upstream: WorkItem | undefined): Json | undefined;
  /** Whether the rest is to be made later: the node is then advanced again. */
  pause(run: NodeRun): boolean;
  /** Throws a RefusedError where the graph may not make so many more items. */
  requireRoom(run: NodeRun, items: number): void;
  made(item: WorkItem): void;
  /** More items, or the last of them. */
  advanced(run: NodeRun): void;
  failed(run: NodeRun, message: string): void;
}
