/** `dag cook GRAPH --watch`: cooks whenever something changes, until it is stopped. */
import { dirname, join, relative, resolve } from "node:path";
import { realClock } from "../../base/clock.js";
import { UserError } from "../../base/error.js";
import { isBelow } from "../../base/system.js";
import type { Cook } from "../../cook/cook.js";
import type { CookRequest } from "../../cook/request.js";
import type { Session } from "../../cook/session.js";
import { type GraphOptions, type NoticeSink, type OpenedGraph, openGraph } from "../../engine/open.js";
import type { EventSink, UserNotice } from "../../event/event.js";
import { NoSpaceError } from "../../forecast/free-space.js";
import { RejectedItemError } from "../../generate/make.js";
import { nodeFolders } from "../../nodetype/folders.js";
import { type WatchDeps, watch } from "../../watch/watch.js";

export interface WatchParts {
  readonly opened: OpenedGraph;
  readonly options: GraphOptions;
  readonly request: Omit<CookRequest, "run">;
  readonly session: Session;
  readonly sink: EventSink;
  /** Takes how the watch is made to cook again. */
  readonly watches: (again: () => void) => void;
  /** Outputs that the cooks have put at the user's paths. */
  readonly placed: ReadonlySet<string>;
  readonly stop: { readonly requested: Promise<undefined>; started(cook: Cook): void };
}

export async function watchCommand(file: string, parts: WatchParts): Promise<number> {
  const { opened, options, request, session, sink, placed, stop, watches } = parts;
  const { graph, project, store } = opened;
  const unwatched = new Set<string>();
  // What is forced is cooked once, and not again whenever something else was saved.
  let asked = request;
  const deps: WatchDeps = {
    clock: realClock,
    cook: (present, { started, looked }) => {
      const begun = (cook: Cook): void => {
        stop.started(cook);
        started(cook);
      };
      const cooking = session.cook(present, project, asked, { started: begun, looked });
      asked = { ...request, force: new Set() };
      return cooking.catch((error: unknown) => {
        // Another edit may bring back the item that was asked for, or make fewer.
        if (!(error instanceof NoSpaceError || error instanceof RejectedItemError)) throw error;
        sink({ type: "notice", severity: "error", message: error.message });
      });
    },
    open: opener(file, options, project, sink),
    isOurs: (path) => path === store || isBelow(path, store) || placed.has(path),
    renew: () => session.renew(),
    changed: (paths) => sink({ type: "watch_changed", paths }),
    watches,
    waiting: () => sink({ type: "watch_waiting" }),
    failed(error: NodeJS.ErrnoException) {
      const why = failureText(error);
      // Where one folder is too many, so are all that follow.
      const from = error.path === undefined ? "" : `, from ${relative(process.cwd(), error.path) || "."} on`;
      const message = `not all that the graph comes from can be watched${from}: ${why}`;
      if (!unwatched.has(why)) sink({ type: "notice", severity: "warning", message });
      unwatched.add(why);
    },
  };
  await watch(graph, file, deps, stop.requested);
  return 130;
}

/** Opens the graph anew and says what is wrong with it; where it is opened `again`, not what it said already. */
function opener(file: string, options: GraphOptions, project: string, tell: NoticeSink): WatchDeps["open"] {
  let printed = "";
  return async (again) => {
    const [files, problems]: [string[], UserNotice[]] = [[], []];
    const listener = {
      reads: (path: string) => files.push(path),
      notify: (problem: UserNotice) => problems.push(problem),
    };
    try {
      const { graph } = await openGraph(file, options, listener);
      if (!again) problems.forEach(tell);
      return { graph, files: [], folders: [] };
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      problems.push({ type: "notice", severity: "error", message: `${error.message} The last good graph stays.` });
      const text = JSON.stringify(problems);
      if (!again || text !== printed) problems.forEach(tell);
      printed = text;
      const folder = resolve(dirname(file));
      // The first node type of a project comes with the folder of all.
      const folders = [...nodeFolders(folder, project), join(folder, "nodes"), join(project, "nodes")];
      return { graph: undefined, files, folders: [...new Set(folders)] };
    }
  };
}

/** By the system's code of what cannot be watched. */
const USED_UP: Readonly<Record<string, string>> = {
  ENOSPC:
    "the system lets this user watch no more folders. Raise fs.inotify.max_user_watches (sysctl), or stop other watchers.",
  EMFILE:
    "the system gives this user no more watchers. Raise fs.inotify.max_user_instances (sysctl), or stop other watchers.",
};

function failureText(error: NodeJS.ErrnoException): string {
  const { code = "", message } = error;
  return USED_UP[code] ?? message;
}
