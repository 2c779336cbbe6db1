/** Every node type of these areas stands in an example graph, and no example has a problem or a warning. */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { CookSpace } from "../helpers/cook-space.js";

const ROOT = resolve(import.meta.dirname, "../../..");
const EXAMPLES = join(ROOT, "graphs/examples");
const AREAS = ["attribute", "file", "flow", "image", "partition", "program", "table", "video", "web"];

function filesIn(folder: string, extension: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return names.filter((name) => name.endsWith(extension)).map((name) => join(folder, name));
}

describe("the examples", () => {
  test("every node type stands in one", () => {
    const graphs = [...filesIn(EXAMPLES, ".json"), join(ROOT, "graphs/terrain.json")];
    const text = graphs.map((path) => readFileSync(path, "utf8")).join("\n");
    const absent = AREAS.flatMap((area) => filesIn(join(ROOT, "nodes", area), ".ts"))
      // A helper has no default export.
      .filter((path) => /^export default defineNode/m.test(readFileSync(path, "utf8")))
      .map((path) => path.slice(path.lastIndexOf("/") + 1, -".ts".length))
      .filter((type) => !text.includes(`"type": "${type}"`));
    expect(absent).toEqual([]);
  });

  test("dag check finds nothing in any", async () => {
    const space = new CookSpace();
    const said: Record<string, string> = {};
    for (const path of readdirSync(EXAMPLES).filter((name) => name.endsWith(".json"))) {
      const { exit, stderr } = await space.dag("check", relative(space.folder, join(EXAMPLES, path)));
      if (exit !== 0 || stderr !== "") said[path] = stderr;
    }
    space.remove();
    expect(said).toEqual({});
  });
});
