/** Publishes what attempts made, many together. Knows declarations and files, and how that can end; puts nothing at users' paths. */
import { callNode, NodeError, problemIn } from "../base/error.js";
import { type Digest, digestOf } from "../base/hash.js";
import type { EventSink } from "../event/event.js";
import type { Attempt } from "../executor/attempt.js";
import { describe, hasType, typeOf, type ValueType } from "../expression/value.js";
import type { Prepared, Preparer } from "../prepare/prepare.js";
import type { Scheduler } from "../schedule/scheduler.js";
import type { Publication, Published } from "../store/results.js";
import type { Store } from "../store/store.js";
import type { CookedResult, CookTask, MadeFile } from "../worker/protocol.js";
import { DONE, PARTIAL } from "../workitem/outcome.js";
import type { OutputFile } from "../workitem/output.js";
import { type Ended, failed } from "./finish.js";
import { partialKey } from "./miss.js";
import { itemName } from "./state.js";

export interface PublishDeps {
  readonly store: Store;
  readonly preparer: Preparer;
  readonly sink: EventSink;
  /** The run in the store. */
  readonly run: number;
  readonly scheduler: Pick<Scheduler, "isFull">;
}

/** Whether a cook handed over what is not the result of its fingerprint: it was stopped, or gave up. */
function isPartial({ partial, failure }: CookedResult): boolean {
  return partial || failure !== undefined;
}

/** Publishes a group, and returns how each item's attempts ended. Rejects with a fault of our own alone. */
export async function publish(
  attempts: readonly Attempt<Prepared>[],
  results: readonly CookedResult[],
  deps: PublishDeps,
): Promise<Ended[]> {
  const ends: Ended[] = [];
  const publications: Publication[] = [];
  const places: number[] = [];
  for (const [place, attempt] of attempts.entries()) {
    try {
      publications.push(publicationOf(attempt, results[place]!, deps));
      places.push(place);
    } catch (error) {
      ends[place] = rejected(attempt, error);
    }
  }
  if (publications.length === 0) return ends;
  // Slots that are idle may wait for what is made from these.
  const when = deps.scheduler.isFull(attempts[0]!.request) ? "soon" : "at_once";
  const published = await deps.store.results.publish(publications, when);
  for (const [index, place] of places.entries())
    ends[place] = endOf(attempts[place]!, results[place]!, published[index]!, deps);
  return ends;
}

function endOf(attempt: Attempt<Prepared>, result: CookedResult, published: Published, deps: PublishDeps): Ended {
  const { of: prepared, number, task } = attempt;
  if (published.kind === "refused") return rejected(attempt, published.error);
  if (published.kind === "dropped") {
    deps.store.workspace.endResume(prepared.fingerprint.digest);
    return { outcome: undefined };
  }
  const { entry } = published;
  const { failure, seconds } = result;
  const partial = isPartial(result);
  deps.sink({ type: "item_published", item: itemName(prepared.item), fingerprint: entry.fingerprint, partial });
  if (failure === undefined) return { outcome: partial ? PARTIAL : DONE, entry, seconds };
  const cause = { cause: "error", message: failure, tail: [], log: task!.log, attempts: number } as const;
  return { ...failed(prepared, cause), entry };
}

/** Throws what is a fault of our own. */
function rejected({ of, number, task }: Attempt<Prepared>, error: unknown): Ended {
  const message = problemIn(error);
  return failed(of, { cause: "refused", message, tail: [], log: task!.log, attempts: number });
}

/** Throws, with a message for the user, where a cook wrote what its node type does not declare. */
function publicationOf(
  attempt: Attempt<Prepared>,
  result: CookedResult,
  { preparer, run: cook }: PublishDeps,
): Publication {
  const { of: prepared, stamps, task } = attempt;
  const { item, run, fingerprint, outside } = prepared;
  requireDeclared(prepared, result.attributes);
  // What must never be a hit is kept under a key that no cook asks for: those below read it from the store all the same.
  const passing = run.node.cacheMode === "never" || run.definition.cache === "never";
  const key = passing ? digestOf(`passing ${cook} ${fingerprint.digest}`) : fingerprint.digest;
  return {
    item: item.id,
    name: item.name,
    node: item.node,
    type: run.node.type.name,
    fingerprint: isPartial(result) ? partialKey(fingerprint.digest) : key,
    manifest: fingerprint.manifest,
    directory: (task as CookTask).directory,
    outputs: result.files.map((file) => outputOf(file, prepared)),
    attributes: result.attributes,
    seconds: result.seconds,
    stillHolds: outside.length === 0 ? undefined : () => preparer.unchanged(outside, stamps!),
  };
}

function requireDeclared({ run, params }: Prepared, attributes: CookedResult["attributes"]): void {
  const { name, definition } = run.node.type;
  const declared = definition.attributes?.writes ?? {};
  const writes =
    typeof declared === "function" ? callNode(() => (declared as (of: unknown) => typeof declared)(params)) : declared;
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
