/** Whether an item's result may come from the store, and why it did not. Knows manifests and modes; starts nothing. */
import { type Digest, digestOf } from "../base/hash.js";
import { changes, kindOf } from "../fingerprint/reason.js";
import type { ParamSchema, ParamSchemas } from "../nodetype/params.js";
import type { Prepared } from "../prepare/prepare.js";
import type { Entry, Lookup, Results } from "../store/results.js";
import type { Reason } from "../workitem/reason.js";

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
export function partOf(
  { item, fingerprint }: Prepared,
  previous: Digest | undefined,
  results: Results,
): Entry | undefined {
  const key = partialKey(fingerprint.digest);
  return previous === key ? results.lookup([{ item: item.id, fingerprint: key }])[0]?.entry : undefined;
}

/** One list each: there are as many of them as items. */
const FORCED: readonly Reason[] = [{ kind: "forced" }];
const NEVER_CACHED: readonly Reason[] = [{ kind: "never_cached" }];
const NEVER_COOKED: readonly Reason[] = [{ kind: "never_cooked" }];

/** Why an item is cooked: one reason, or every field that changed. `known`: what the store knows of its last result. */
export function reasonsOf(
  { run, fingerprint }: Prepared,
  { previous, dirty }: Pick<Lookup, "previous" | "dirty">,
  force: ReadonlySet<string>,
  results: Pick<Results, "manifest">,
): readonly Reason[] {
  const { name, cacheMode } = run.node;
  if (force.has(name)) return FORCED;
  if (cacheMode === "always_write" || cacheMode === "never")
    return [{ kind: "cache_mode", field: "cache_mode", new: [cacheMode] }];
  if (run.definition.cache === "never") return NEVER_CACHED;
  if (previous === undefined) return NEVER_COOKED;
  if (previous === fingerprint.digest) return [{ kind: dirty ? "dirty" : "lost" }];
  if (previous === partialKey(fingerprint.digest)) return [{ kind: "partial" }];
  const manifest = results.manifest(previous);
  if (manifest === undefined) return [{ kind: "unknown" }];
  const reasons = changes(manifest, fingerprint.manifest).map((change): Reason => {
    const meaning = meaningOf(change.field, run.definition.params);
    return { kind: kindOf(change), ...change, ...(meaning !== undefined && { meaning }) };
  });
  return reasons.length === 0 ? [{ kind: "not_kept" }] : reasons;
}

/** What the node type says of a changed parameter: `param.training.gain` is `gain` in the properties of `training`. */
function meaningOf(field: string, schemas: ParamSchemas): string | undefined {
  const [kind, ...names] = field.split(".");
  if (kind !== "param") return undefined;
  let schema: ParamSchema | undefined;
  for (const name of names) schema = (schema === undefined ? schemas : (schema.properties ?? {}))[name];
  return schema?.changed;
}
