/** Parameters as an older version of a node type saved them, brought to the present one. Knows no graph. */
import { callNode } from "../base/error.js";
import type { NodeDefinition } from "./define.js";

/** Parameters as a file holds them: expressions and templates are texts. */
export type SavedParams = Readonly<Record<string, unknown>>;

/** `studio/blur@2`: a type's name and the version that it is pinned to. */
export interface PinnedType {
  readonly name: string;
  readonly version: number | undefined;
}

export function pinnedType(text: string): PinnedType {
  const [, name = text, version] = /^(.*)@(\d+)$/.exec(text) ?? [];
  return { name, version: version === undefined ? undefined : Number(version) };
}

/**
 * The parameters after every migration from version `from` to the present; a version without one left them as they were. The
 * given ones are not touched. Throws a NodeError where a migration throws.
 */
export function migrated(type: NodeDefinition, params: SavedParams, from: number): SavedParams {
  let present: SavedParams = structuredClone(params);
  for (let version = from; version < type.version; version++) {
    const before = present;
    present = callNode(() => type.migrate?.[version]?.(before)) ?? before;
  }
  return present;
}
