/** `dag migrate GRAPH…`: shows what the present versions of the node types make of a graph's parameters, and writes it. */
import { dirname, resolve } from "node:path";
import { problemIn, UserError } from "../../base/error.js";
import { readGraphFile } from "../../engine/open.js";
import { nodeTypes } from "../../engine/project.js";
import { migrateText } from "../../graph/migrate.js";
import { NodeFileError } from "../../nodetype/fault.js";
import { difference } from "../diff.js";
import { print } from "../print.js";
import { writeRequested } from "../write.js";

export async function migrateCommand(
  files: readonly string[],
  options: { readonly dryRun?: boolean },
): Promise<number> {
  for (const file of files) {
    const text = readGraphFile(file);
    const { text: present, migrations } = await migratedText(file, text);
    if (migrations.length === 0) {
      print(`${file}: nothing to migrate.\n`);
      continue;
    }
    for (const { node, type, from, to } of migrations) {
      print(`${file}: node "${node}": ${type}, version ${from} to ${to}\n`);
    }
    print(`${difference(text, present)}\n`);
    if (options.dryRun === true) continue;
    writeRequested(file, present);
  }
  return 0;
}

async function migratedText(file: string, text: string) {
  try {
    return await migrateText(text, nodeTypes({ folder: resolve(dirname(file)) }));
  } catch (error) {
    if (error instanceof NodeFileError) throw new UserError(`${error.message}.`, 2);
    throw new UserError(`${file} cannot be migrated: ${problemIn(error)}`, 2);
  }
}
