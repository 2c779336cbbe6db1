/** Whether an item's result may come from the store, and why it did not. Knows manifests and modes; starts nothing. */
import { type Digest, digestOf } from "../base/hash.js";
import type { Entry, Lookup, Store } from "../cache/store.js";
import { type Change, changes, describeChange, kindOf, type ReasonKind } from "../fingerprint/reason.js";
import type { ParamSchema, ParamSchemas } from "../nodetype/params.js";
import type { Prepared } from "./prepare.js";

/** Whether what the store has counts. `force`: nodes for which it does not. */
export function mayRead({ run }: Prepared, force: ReadonlySet<string>): boolean {
  const { cacheMode, name, type } = run.node;
  if (force.has(name) || type.definition.cache === "never") return false;
  return cacheMode === "automatic" || cacheMode === "always_read";
}

/** The key of what a cook of this fingerprint could save before it was stopped. No cook asks for it. */
export function partialKey(fingerprint: Digest): Digest {
  return digestOf(`partial ${fingerprint}`);
}

/** What an item that was stopped could save. `previous`: the fingerprint of its last result. */
export function partOf({ item, fingerprint }: Prepared, previous: Digest | undefined, store: Store): Entry | undefined {
  const key = partialKey(fingerprint.digest);
  return previous === key ? store.lookup([{ item: item.id, fingerprint: key }])[0]?.entry : undefined;
}

export const MADE_DIRTY = "it was made dirty";

/** Why an item is cooked. */
export interface Reason {
  readonly kind: ReasonKind;
  /** For people. */
  readonly text: string;
  /** Where two manifests differ. */
  readonly change?: Change;
}

/** Why an item is cooked: one reason, or every field that changed. `known`: what the store knows of its last result. */
export function reasonsOf(
  { run, fingerprint }: Prepared,
  { previous, dirty }: Pick<Lookup, "previous" | "dirty">,
  force: ReadonlySet<string>,
  store: Store,
): readonly Reason[] {
  const { name, cacheMode } = run.node;
  if (force.has(name)) return [{ kind: "forced", text: "forced" }];
  if (cacheMode === "always_write" || cacheMode === "never")
    return [{ kind: "cache_mode", text: `cache_mode is ${cacheMode}` }];
  if (run.definition.cache === "never") return [{ kind: "never_cached", text: "its node type is never cached" }];
  if (previous === undefined) return [{ kind: "never_cooked", text: "never cooked" }];
  if (previous === fingerprint.digest) {
    if (dirty) return [{ kind: "dirty", text: MADE_DIRTY }];
    return [{ kind: "lost", text: "its result is no longer in the store" }];
  }
  if (previous === partialKey(fingerprint.digest))
    return [{ kind: "partial", text: "it has a partial result, from which its cook goes on" }];
  const manifest = store.manifest(previous);
  if (manifest === undefined) return [{ kind: "unknown", text: "changed, and the record of what it was is gone" }];
  const reasons = changes(manifest, fingerprint.manifest).map((change): Reason => {
    const meaning = meaningOf(change.field, run.definition.params);
    const text = `${describeChange(change)}${meaning === undefined ? "" : ` (${meaning})`}`;
    return { kind: kindOf(change), text, change };
  });
  return reasons.length === 0 ? [{ kind: "lost", text: "its last result was not kept" }] : reasons;
}

/** Reasons that a line tells; `dag why` has all of them. */
const TOLD = 6;

/** The same in one line. */
export function whyMissed(...asked: Parameters<typeof reasonsOf>): string {
  const texts = reasonsOf(...asked).map(({ text }) => text);
  const more = texts.length > TOLD ? [`and ${texts.length - TOLD} more`] : [];
  return [...texts.slice(0, TOLD), ...more].join("; ");
}

/** What the node type says of a changed parameter: `param.training.gain` is `gain` in the properties of `training`. */
function meaningOf(field: string, schemas: ParamSchemas): string | undefined {
  const [kind, ...names] = field.split(".");
  if (kind !== "param") return undefined;
  let schema: ParamSchema | undefined;
  for (const name of names) schema = (schema === undefined ? schemas : (schema.properties ?? {}))[name];
  return schema?.changed;
}
