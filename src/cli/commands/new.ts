/** `dag new node TYPE`: a node type in the project around the working folder. Writes over nothing. */
import { UserError } from "../../base/error.js";
import { projectOf } from "../../engine/project.js";
import { print } from "../print.js";
import { TYPE_NAME } from "../scaffold/node.js";
import { writeNode } from "../scaffold/write.js";

export async function newNodeCommand(type: string): Promise<number> {
  if (!TYPE_NAME.test(type)) {
    const hint = /^[a-z][a-z0-9_-]*$/.test(type) ? ` Did you mean "studio/${type}"?` : "";
    throw new UserError(
      `"${type}" cannot name a node type: an area and a name in small letters, such as studio/blur.${hint}`,
      2,
    );
  }
  for (const path of await writeNode(projectOf(process.cwd()), type)) print(`${path}\n`);
  print(`\nNext: dag cook graphs/${type}.json; dag test\n`);
  return 0;
}
