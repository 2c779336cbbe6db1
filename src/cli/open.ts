/** Opens what a command names, from its flags; problems and warnings go to the error stream. */

import type { CookPlan } from "../cook/request.js";
import { type DryCook, type DryOptions, dryCook } from "../engine/dry.js";
import {
  type GraphOptions,
  lastGraph,
  type OpenedGraph,
  openGraph,
  openNearestStore,
  openStoreAt,
} from "../engine/open.js";
import type { CookEvent, UserNotice } from "../event/event.js";
import { noticeText } from "../report/problems.js";
import { failureText } from "../report/words.js";
import type { Store } from "../store/store.js";
import { readGiven } from "./given.js";
import { printError } from "./print.js";

/** Options as the command line gives them: values are texts still. */
export type Flags<O extends GraphOptions = GraphOptions> = Omit<O, "given"> & {
  readonly set?: readonly string[];
  readonly wedge?: readonly string[];
};

/** The same with typed values. */
export function typed<O extends GraphOptions>({ set, wedge, ...options }: Flags<O>): O {
  const given = readGiven({ ...(set !== undefined && { set }), ...(wedge !== undefined && { wedge }) });
  return { ...options, given } as unknown as O;
}

export function printOnStderr(notice: UserNotice): void {
  printError(`${noticeText(notice)}\n`);
}

export function graphOf(file: string, flags: Flags): Promise<OpenedGraph> {
  return openGraph(file, typed(flags), { notify: printOnStderr });
}

export function storeAt(folder: string, readonly: boolean, rebuild = false): Promise<Store> {
  return openStoreAt(folder, readonly, { rebuild, notify: printOnStderr });
}

export function nearestStore(options: Pick<GraphOptions, "store">): Promise<{ store: Store; project: string }> {
  return openNearestStore(options, printOnStderr);
}

export function graphCookedLast(options: Pick<GraphOptions, "store"> & { readonly graph?: string }): Promise<string> {
  return lastGraph(options, printOnStderr);
}

export function cookedDry(
  file: string,
  flags: Flags<DryOptions>,
  look?: (plan: CookPlan, store: Store, opened: OpenedGraph) => void,
): Promise<DryCook> {
  return dryCook(file, typed<DryOptions>(flags), show, look);
}

function show(event: CookEvent): void {
  if (event.type === "diagnostic" || event.type === "notice") printOnStderr(event);
  if (event.type === "warning") printError(`Warning: ${event.node}: ${event.message}\n`);
  if (event.type === "node_failed") printError(`Failed: node "${event.node}": ${event.message}\n`);
  if (event.type === "item_failed") printError(`Failed: ${event.item.name}: ${failureText(event.failure)}\n`);
}
