/** Keeps the results of nodes whose code changed, where the user says that the change does not matter. Cooks nothing. */
import { type Digest, digestOf } from "../base/hash.js";
import { mayRead } from "../cook/miss.js";
import type { CookPlan } from "../cook/request.js";
import { Session } from "../cook/session.js";
import { acceptedManifest, differsInCodeAlone } from "../fingerprint/accepted.js";
import { manifestParts } from "../fingerprint/fields.js";
import type { Prepared } from "../prepare/prepare.js";
import type { Publication } from "../store/results.js";
import type { Store } from "../store/store.js";
import { type GraphOptions, type NoticeSink, openGraph, openStoreAt, requireNode } from "./open.js";
import { machineSlots } from "./slots.js";

export interface AcceptOptions extends GraphOptions {
  readonly nodes: readonly string[];
}

export interface AcceptReport {
  /** Results that are kept. */
  readonly accepted: number;
  /** Items of the nodes that would be cooked all the same: something else changed, too, or there is no result. */
  readonly others: number;
}

/** Throws a UserError where a node is not there, or another engine has the store. */
export async function acceptResults(file: string, options: AcceptOptions, tell: NoticeSink): Promise<AcceptReport> {
  const { graph, project, store: folder } = await openGraph(file, options, { notify: tell });
  for (const name of options.nodes) requireNode(name, graph.nodes);
  const store = await openStoreAt(folder, false, { notify: tell });
  const session = new Session({ store, slots: machineSlots({}), sink: () => {} });
  const nodes = new Set(options.nodes);
  let accepted = 0;
  try {
    for (;;) {
      let missed: readonly Prepared[] = [];
      const begins = (plan: CookPlan): void => {
        missed = [...plan.missed.values()].filter(({ item }) => nodes.has(item.node));
      };
      await session.cook(graph, project, { dry: true, force: new Set(), nodes, begins, maxItems: options.maxItems });
      const kept = missed.flatMap((prepared) => publicationOf(prepared, store) ?? []);
      if (kept.length === 0) return { accepted, others: missed.length };
      for (const published of await store.results.publish(kept, "at_once")) {
        if (published.kind === "refused") throw published.error;
        accepted += 1;
      }
      // What is below is known now, the next iteration of a loop among it.
    }
  } finally {
    await session.close();
    await store.close();
  }
}

/** The item's last result under its present fingerprint; undefined where more than code changed, or where it is gone. */
function publicationOf(prepared: Prepared, { results }: Store): Publication | undefined {
  const { item, run, fingerprint } = prepared;
  // It is cooked whatever is in the store.
  if (!mayRead(prepared, NONE)) return undefined;
  const previous = results.lastFingerprint(item.id);
  const old = previous && results.manifest(previous);
  if (previous === undefined || old === undefined || !isComplete(old, previous)) return undefined;
  if (!differsInCodeAlone(old, fingerprint.manifest)) return undefined;
  const { entry } = results.lookup([{ item: item.id, fingerprint: previous }])[0]!;
  if (entry === undefined) return undefined;
  return {
    item: item.id,
    name: item.name,
    node: item.node,
    type: run.node.type.name,
    fingerprint: fingerprint.digest,
    manifest: acceptedManifest(old, previous, fingerprint.manifest, new Date()),
    directory: "",
    outputs: entry.outputs.map((output) => ({ ...output, made: false })),
    attributes: entry.attributes,
    seconds: entry.seconds,
  };
}

const NONE: ReadonlySet<string> = new Set();

/** Whether a manifest is that of a whole result: what a stopped cook saved is kept under another key than its manifest's digest. */
function isComplete(manifest: string, fingerprint: Digest): boolean {
  return manifestParts(manifest).accepted.length > 0 || digestOf(manifest) === fingerprint;
}
