/** Puts new files into a project, all or none, over nothing that is there. Knows the texts' names, not what is in them. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../base/error.js";
import { nodeTypes } from "../../engine/project.js";
import { graphSchemaText } from "../../graph/schema.js";
import { describeType } from "../../nodetype/describe.js";
import { pageOf } from "../pages.js";
import { writeRequested } from "../write.js";
import { nodeFiles, nodeGraph, nodeSource, nodeTest } from "./node.js";
import { pictures } from "./pictures.js";

/** Writes files below a folder; where one exists, none is written and the command ends. Answers their paths. */
export function writeNew(folder: string, texts: ReadonlyMap<string, string | Uint8Array>): readonly string[] {
  const taken = [...texts.keys()].find((path) => existsSync(join(folder, path)));
  if (taken !== undefined) throw new UserError(`${taken} is there already; nothing was written.`, 2);
  for (const [path, text] of texts) writeRequested(join(folder, path), text);
  return [...texts.keys()];
}

/** Writes a node type with its test, page, schema, and graph (unless told not to); pictures where there is no `data`. */
export async function writeNode(
  project: string,
  type: string,
  { graph = true }: { readonly graph?: boolean } = {},
): Promise<readonly string[]> {
  const files = nodeFiles(type);
  const texts = new Map<string, string | Uint8Array>([
    [files.source, nodeSource(type)],
    [files.test, nodeTest(type)],
  ]);
  if (graph) texts.set(files.graph, nodeGraph(type));
  if (!existsSync(join(project, "data"))) {
    for (const [name, bytes] of pictures()) texts.set(`data/${name}`, bytes);
  }
  if (existsSync(join(project, files.page)))
    throw new UserError(`${files.page} is there already; nothing was written.`, 2);
  const written = writeNew(project, texts);
  const registry = nodeTypes({ folder: project });
  const made = await registry.get(type);
  if (made === undefined) throw new Error(`the node type ${type} was written and not found`);
  writeRequested(join(project, files.page), pageOf(describeType(made)));
  writeRequested(join(project, "graph.schema.json"), await graphSchemaText(registry));
  return [...written, files.page, "graph.schema.json"];
}
