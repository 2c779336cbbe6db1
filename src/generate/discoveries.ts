/** The discoveries of one cook: each is asked for once, and the nodes that need it wait for it. Knows no work items. */
import { devNull } from "node:os";
import type { Activity } from "../base/activity.js";
import { NodeError, problemIn, UserError } from "../base/error.js";
import type { Digest } from "../base/hash.js";
import type { EventSink } from "../event/event.js";
import type { Codes } from "../nodetype/code.js";
import type { Json, UpstreamFile } from "../nodetype/define.js";
import { upstreamParam } from "../nodetype/schema.js";
import type { Scheduler } from "../schedule/scheduler.js";
import { runTask } from "../schedule/single.js";
import type { Store } from "../store/store.js";
import type { CookedUpstream } from "../worker/protocol.js";
import type { WorkItem } from "../workitem/item.js";
import type { OutputFile } from "../workitem/output.js";
import { type DiscoveryView, discover, type RunDiscovery } from "./discover.js";
import type { Listing } from "./listing.js";
import type { NodeRun } from "./run.js";

export interface DiscoveryDeps {
  readonly store: Store;
  readonly scheduler: Scheduler;
  readonly code: Codes;
  readonly sink: EventSink;
  readonly listing: Listing;
  readonly activity: Activity;
  /** The next place in the order of what is scheduled. */
  order(): number;
  /** A node that waited may go on. */
  found(run: NodeRun): void;
}

/** A discovery, under way or ended; `value` and `failure` are undefined until then. */
interface Asked {
  readonly waiting: Set<NodeRun>;
  value: Json | undefined;
  views: DiscoveryView | undefined;
  failure: string | undefined;
}

export class Discoveries {
  readonly #deps: DiscoveryDeps;
  readonly #asked = new Map<string, Asked>();
  readonly #byNode = new Map<string, Set<Asked>>();
  #underWay = 0;

  constructor(deps: DiscoveryDeps) {
    this.#deps = deps;
  }

  get anyUnderWay(): boolean {
    return this.#underWay > 0;
  }

  /** A discovery's value; undefined while it is under way. Throws with a message for the user where it failed. */
  of(run: NodeRun, params: Readonly<Record<string, unknown>>, item: WorkItem | undefined): Json | undefined {
    const upstream = upstreamParam(run.definition.params, params) === undefined ? undefined : item?.offered();
    const key = `${run.node.type.name} ${JSON.stringify(params)}${upstream === undefined ? "" : JSON.stringify(upstream)}`;
    const known = this.#asked.get(key);
    if (known !== undefined) this.#note(run, known);
    if (known?.failure !== undefined) throw new UserError(known.failure);
    if (known?.value !== undefined) return known.value;
    // Nodes that ask for the same wait for the same.
    if (known !== undefined) known.waiting.add(run);
    else this.#begin(run, params, upstream, key);
    return undefined;
  }

  /** What the discoveries looked at that a node asked for. */
  views(node: string): readonly DiscoveryView[] {
    return [...(this.#byNode.get(node) ?? [])].flatMap(({ views }) => views ?? []);
  }

  #note({ name }: NodeRun, asked: Asked): void {
    const all = this.#byNode.get(name);
    if (all === undefined) this.#byNode.set(name, new Set([asked]));
    else all.add(asked);
  }

  #begin(
    run: NodeRun,
    params: Readonly<Record<string, unknown>>,
    upstream: readonly OutputFile[] | undefined,
    key: string,
  ): void {
    const { type, name, timeout } = run.node;
    const { store, code, scheduler, sink, listing, activity, order, found } = this.#deps;
    const asked: Asked = { waiting: new Set([run]), value: undefined, views: undefined, failure: undefined };
    this.#note(run, asked);
    this.#asked.set(key, asked);
    this.#underWay += 1;
    activity.begin();
    const digest = code.codeOf(type.module, "discover").digest;
    const runs = runsOn(scheduler, order, code.filesOf(type.module).digest, timeout);
    shownFiles(upstream, listing, store)
      .then((files) => discover({ type, code: digest, params, upstream: files }, listing, store, runs))
      .then(
        ({ value, warnings, views }) => {
          asked.value = value;
          asked.views = views;
          for (const message of warnings) sink({ type: "warning", node: name, message });
        },
        (error: unknown) => {
          asked.failure = problemIn(error);
        },
      )
      .catch((error: unknown) => activity.fail(error))
      .finally(() => {
        for (const waiting of asked.waiting) found(waiting);
        this.#underWay -= 1;
        activity.end();
      });
  }
}

function shownFile({ name, tag, digest, size }: OutputFile): UpstreamFile {
  return { name, tag, digest, size };
}

/** Files as `discover` sees them. Rejects with a message for the user where the store has lost one. */
async function shownFiles(
  files: readonly OutputFile[] | undefined,
  listing: Listing,
  store: Store,
): Promise<CookedUpstream[] | undefined> {
  await store.blobs.get((files ?? []).filter(({ path }) => path === undefined));
  return files?.map((file) => {
    const { path, digest } = file;
    const absolute = path === undefined ? store.blobs.path(digest) : listing.absolute(path);
    return { ...shownFile(file), absolute };
  });
}

/** Discovery in a worker. */
function runsOn(scheduler: Scheduler, order: () => number, code: Digest, timeout: number | null): RunDiscovery {
  return async ({ type: { module }, params, upstream }, deps, warn) => {
    const task = { kind: "discover", module, code, params, upstream, log: devNull } as const;
    const demand = { module, order: order(), priority: Number.MAX_VALUE, slots: {}, timeout };
    const result = await runTask(scheduler, demand, () => task, { deps, warn });
    if (result.kind === "discovered") return result;
    throw result.kind === "failed" ? new NodeError(result.message) : new Error("a worker cooked, and did not discover");
  };
}
