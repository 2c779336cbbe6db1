/** The tests that every node type passes, for a node type by its place. Knows no node type. */
import { test } from "@jest/globals";
import type { NodeDefinition, ParamSchemas } from "dag-cook";
import { type NodeTypeTest, testNodeType } from "dag-cook/testing";

/** Registers them. `place`: such as `file/file_range`. */
export function holdsContract<S extends ParamSchemas>(
  place: string,
  type: NodeDefinition<S>,
  given: Omit<NodeTypeTest, "module">,
): void {
  const module = new URL(`../../nodes/${place}.js`, import.meta.url).href;
  testNodeType((name, run) => test(name, run), type, { ...given, module });
}
