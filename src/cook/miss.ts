/** Whether an item's result may come from the store, and why it did not. Knows manifests and modes; starts nothing. */
import { type Digest, digestOf } from "../base/hash.js";
import type { Entry, Store } from "../cache/store.js";
import { changes, describeChange } from "../fingerprint/reason.js";
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

/** Why an item is cooked, for people. `previous`: the fingerprint of its last result. */
export function whyMissed(
  { run, fingerprint }: Prepared,
  previous: Digest | undefined,
  force: ReadonlySet<string>,
  store: Store,
): string {
  if (force.has(run.node.name)) return "forced";
  if (run.node.cacheMode === "always_write" || run.node.cacheMode === "never")
    return `cache_mode is ${run.node.cacheMode}`;
  if (run.definition.cache === "never") return "its node type is never cached";
  if (previous === undefined) return "never cooked";
  if (previous === fingerprint.digest) return "its result is no longer in the store";
  if (previous === partialKey(fingerprint.digest)) return "it has a partial result, from which its cook goes on";
  const manifest = store.manifest(previous);
  if (manifest === undefined) return "changed, and the record of what it was is gone";
  const described = changes(manifest, fingerprint.manifest).map((change) => {
    const meaning = meaningOf(change.field, run.definition.params);
    return `${describeChange(change)}${meaning === undefined ? "" : ` (${meaning})`}`;
  });
  return described.length === 0 ? "its last result was not kept" : described.join("; ");
}

/** What the node type says of a changed parameter: `param.training.gain` is `gain` in the properties of `training`. */
function meaningOf(field: string, schemas: ParamSchemas): string | undefined {
  const [kind, ...names] = field.split(".");
  if (kind !== "param") return undefined;
  let schema: ParamSchema | undefined;
  for (const name of names) schema = (schema === undefined ? schemas : (schema.properties ?? {}))[name];
  return schema?.changed;
}
