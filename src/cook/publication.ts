/** Publishes what an attempt made. Knows declarations and files, and how that can end; puts nothing at users' paths. */
import { called, NodeError, problemIn } from "../base/error.js";
import { type Digest, digestOf } from "../base/hash.js";
import type { EventSink } from "../event/event.js";
import { describe, hasType, typeOf, type ValueType } from "../expression/value.js";
import type { Scheduler } from "../schedule/scheduler.js";
import type { Publication } from "../store/results.js";
import type { Store } from "../store/store.js";
import type { MadeFile, Outcome } from "../worker/protocol.js";
import type { OutputFile } from "../workitem/output.js";
import { type Ending, failureOf } from "./ending.js";
import type { Flight } from "./flight.js";
import { partialKey } from "./miss.js";
import type { Prepared, Preparer } from "./prepare.js";
import { itemName } from "./state.js";

type Cooked = Extract<Outcome, { kind: "cooked" }>;

/** Whether a cook handed over what is not the result of its fingerprint: it was stopped, or gave up. */
function isPartial({ partial, failure }: Cooked): boolean {
  return partial || failure !== undefined;
}

export interface PublishDoors {
  readonly store: Store;
  readonly preparer: Preparer;
  readonly sink: EventSink;
  /** The run in the store. */
  readonly run: number;
  readonly scheduler: Pick<Scheduler, "isFull">;
}

/** Rejects with a fault of our own alone. Many items come this way, and end together: nothing but the store is waited for. */
export async function publish(flight: Flight, outcome: Cooked, doors: PublishDoors): Promise<Ending> {
  const { store, preparer, sink, run, scheduler } = doors;
  const { prepared, sent } = flight;
  try {
    const isMadeInside = prepared.outside.length === 0;
    const stillHolds = isMadeInside ? undefined : async () => preparer.unchanged(prepared.outside, sent.stamps);
    const publication = publicationOf(prepared, outcome, { directory: sent.directory, cook: run, stillHolds });
    // Slots that are idle may wait for what is made from it.
    const when = scheduler.isFull(flight.slots) ? "soon" : "at_once";
    const published = (await store.results.publish([publication], when))[0]!;
    if (published.kind === "refused") throw published.error;
    if (published.kind === "dropped") {
      store.workspace.endResume(prepared.fingerprint.digest);
      return { kind: "dropped" };
    }
    const { entry } = published;
    const partial = isPartial(outcome);
    const { fingerprint } = entry;
    sink({ type: "item_published", item: itemName(prepared.item), fingerprint, partial });
    const { failure, seconds } = outcome;
    if (failure === undefined) return { kind: partial ? "partial" : "published", entry, seconds };
    return { ...failureOf(flight, { cause: "error", message: failure, tail: [] }), entry };
  } catch (error) {
    return failureOf(flight, { cause: "refused", message: problemIn(error), tail: [] });
  }
}

/** Throws, with a message for the user, where a cook wrote what its node type does not declare. */
function publicationOf(
  prepared: Prepared,
  outcome: Cooked,
  made: Pick<Publication, "directory" | "stillHolds"> & { readonly cook: number },
): Publication {
  const { item, run, fingerprint } = prepared;
  requireDeclared(prepared, outcome.attributes);
  // What must never be a hit is kept under a key that no cook asks for: those below read it from the store all the same.
  const passing = run.node.cacheMode === "never" || run.definition.cache === "never";
  const key = passing ? digestOf(`passing ${made.cook} ${fingerprint.digest}`) : fingerprint.digest;
  return {
    item: item.id,
    name: item.name,
    node: item.node,
    type: run.node.type.name,
    fingerprint: isPartial(outcome) ? partialKey(fingerprint.digest) : key,
    manifest: fingerprint.manifest,
    directory: made.directory,
    outputs: outcome.files.map((file) => outputOf(file, prepared)),
    attributes: outcome.attributes,
    seconds: outcome.seconds,
    stillHolds: made.stillHolds,
  };
}

function requireDeclared({ run, params }: Prepared, attributes: Cooked["attributes"]): void {
  const { name, definition } = run.node.type;
  const declared = definition.attributes?.writes ?? {};
  const writes =
    typeof declared === "function" ? called(() => (declared as (of: unknown) => typeof declared)(params)) : declared;
  for (const [attribute, value] of Object.entries(attributes)) {
    const called = `The node type "${name}" wrote the attribute "${attribute}"`;
    if (!/^[A-Za-z_]\w*$/.test(attribute)) throw new NodeError(`${called}: a name is made of letters, digits and "_".`);
    if (run.node.flags.readOnly.has(attribute)) throw new NodeError(`${called}, which a node above it made read-only.`);
    if (attribute.startsWith("pdg_")) throw new NodeError(`${called}: names that begin with "pdg_" are the engine's.`);
    if (writes === "any") continue;
    const type = (writes as Readonly<Record<string, ValueType>>)[attribute];
    if (type === undefined) throw new NodeError(`${called}, which it does not declare (attributes.writes).`);
    if (!hasType(value, type))
      throw new NodeError(`${called} as ${describe(typeOf(value))}; it declares ${describe(type)}.`);
  }
}

/** A made file as the store keeps it; one that was passed on keeps where it lies. */
function outputOf(file: MadeFile, prepared: Prepared): OutputFile & { readonly made: boolean } {
  if ("path" in file) {
    const output = { digest: file.digest as Digest, size: file.size, tag: file.tag, name: file.path, made: true };
    return file.parameter === undefined ? output : { ...output, parameter: file.parameter };
  }
  const known = prepared.outside.find((output) => output.digest === file.pass);
  const output = { digest: file.pass as Digest, size: file.size, tag: file.tag, name: file.name, made: false };
  return known === undefined ? output : { ...output, path: known.path };
}
