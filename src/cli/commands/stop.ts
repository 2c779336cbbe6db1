/** `dag stop ITEM [GRAPH]`: asks the engine that cooks in a project to stop one item, which may save what it has. */
import { existsSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { UserError } from "../../base/error.js";
import { askEngine } from "../../engine/ask.js";
import { projectOf, storeOf } from "../../engine/project.js";
import { print } from "../print.js";

export async function stopCommand(
  item: string,
  graph: string | undefined,
  options: { readonly store?: string },
): Promise<number> {
  if (graph !== undefined && !existsSync(graph)) throw new UserError(`There is no graph file ${graph}.`, 2);
  const project = projectOf(graph === undefined ? process.cwd() : resolve(dirname(graph)));
  const folder = storeOf(project, options.store);
  const asked = graph === undefined ? null : relative(project, resolve(graph));
  const said = await askEngine(folder, { ask: "stop", item, graph: asked });
  if (said === undefined) throw new UserError(`Nothing is cooking with the store ${folder}.`, 2);
  print(`${said}\n`);
  return 0;
}
