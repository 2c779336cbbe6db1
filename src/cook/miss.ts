/** Whether an item's result may come from the store, and why it did not. Knows manifests and modes; starts nothing. */
import type { Digest } from "../base/hash.js";
import type { Store } from "../cache/store.js";
import { changes, describeChange } from "../fingerprint/reason.js";
import type { Prepared } from "./prepare.js";

/** Whether what the store has counts. `force`: nodes for which it does not. */
export function mayRead({ run }: Prepared, force: ReadonlySet<string>): boolean {
  const { cacheMode, name, type } = run.node;
  if (force.has(name) || type.definition.cache === "never") return false;
  return cacheMode === "automatic" || cacheMode === "always_read";
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
  const manifest = store.manifest(previous);
  if (manifest === undefined) return "changed, and the record of what it was is gone";
  const changed = changes(manifest, fingerprint.manifest).map(describeChange).join("; ");
  return changed === "" ? "its last result was partial, or was not kept" : changed;
}
