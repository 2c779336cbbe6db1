/** The tests that every node type passes, for a node type by its place. Knows no node type. */
import { test } from "@jest/globals";
import type { NodeDefinition, ParamSchemas } from "dag-cook";
import { type NodeCase, type NodeTypeTest, type ParamChange, testNodeType } from "dag-cook/testing";

/** Registers them. `place`: such as `file/file_range`. */
export function holdsContract<S extends ParamSchemas>(
  place: string,
  type: NodeDefinition<S>,
  given: Omit<NodeTypeTest, "module">,
): void {
  const module = new URL(`../../nodes/${place}.js`, import.meta.url).href;
  testNodeType((name, run) => test(name, run), type, { ...given, module });
}

/** The same with a case and changes that need no files. */
export function holdsCase(
  place: string,
  type: unknown,
  base: NodeCase,
  changes: Readonly<Record<string, ParamChange>>,
): void {
  holdsContract(place, type as NodeDefinition, { base: () => base, changes: () => changes });
}
