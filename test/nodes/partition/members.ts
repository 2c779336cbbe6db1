/** What the tests of partitioners share: items with a number `n` each, and the numbers in each partition. */
import type { NodeDefinition, ParamSchemas } from "dag-cook";
import { type CookedItem, cookOnce, type NodeCase, type ParamChange, type Upstream } from "dag-cook/testing";

/** Upstream items with `n` 0, 1, 2 … and the given attributes. */
export function numbered(...attributes: readonly NonNullable<Upstream["attributes"]>[]): readonly Upstream[] {
  return attributes.map((own, n) => ({ attributes: { n, ...own } }));
}

/** So many upstream items with `n` alone. */
export function count(items: number): readonly Upstream[] {
  return numbered(...Array.from({ length: items }, () => ({})));
}

const LISTED = { merge: [{ attribute: "n", operation: "list" }] };

/** The `n` of the members of each partition, with the partition's identity. */
export async function partitionsBy<S extends ParamSchemas>(
  type: NodeDefinition<S>,
  params: object,
  inputs: NodeCase["inputs"],
): Promise<readonly (readonly [identity: CookedItem["identity"], members: unknown])[]> {
  const { items } = await cookOnce(type as unknown as NodeDefinition, {
    params: { ...LISTED, ...params },
    ...(inputs && { inputs }),
  });
  return items.map(({ identity, attributes }) => [identity, attributes.n]);
}

/** The members alone. */
export async function membersBy<S extends ParamSchemas>(
  type: NodeDefinition<S>,
  params: object,
  inputs: NodeCase["inputs"],
): Promise<readonly unknown[]> {
  return (await partitionsBy(type, params, inputs)).map(([, members]) => members);
}

/** Changes of the parameters that all partitioners have, for items with `n` and two values of `shot`. */
export const SHARED_CHANGES: Readonly<Record<string, ParamChange>> = {
  sort: { from: LISTED, to: { sort: [{ attribute: "n", descending: true }] } },
  split_by: { to: { split_by: ["shot"] } },
  merge: { to: LISTED },
  // What it does to files is proved through the command line: there are no stores here.
  outputs: { to: { outputs: "unknown" }, refused: true },
};
