/** `dag init DIR`: a new project that cooks at once. Writes over nothing. */
import { existsSync, readdirSync } from "node:fs";
import { basename, join, relative, resolve } from "node:path";
import { UserError } from "../../base/error.js";
import { print } from "../print.js";
import { FIRST_NODE, projectTexts } from "../scaffold/project.js";
import { writeNew, writeNode } from "../scaffold/write.js";
import { ownVersion } from "../version.js";

export async function initCommand(asked: string): Promise<number> {
  const folder = resolve(asked);
  if (existsSync(folder) && readdirSync(folder).some((name) => name !== ".git" && name !== "node_modules"))
    throw new UserError(`${asked} is not empty; dag init makes a new folder.`, 2);
  const name = basename(folder)
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, "-")
    .replace(/^[-_]+/, "");
  const texts = projectTexts(name === "" ? "project" : name, ownVersion());
  const written = [...writeNew(folder, texts), ...(await writeNode(folder, FIRST_NODE, { graph: false }))];
  for (const path of written) print(`${join(asked, path)}\n`);
  const here = relative(process.cwd(), folder);
  print(`\nNext:${here === "" ? "" : ` cd ${here};`} dag cook graphs/main.json\n`);
  return 0;
}
