/** The table of work items as the real command line prints it, for the tests of node types. Knows no node types. */
import { cpSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { CookSpace } from "../../helpers/cook-space.js";

const EXAMPLES = resolve(import.meta.dirname, "../../../../graphs/examples");

/** A row of `dag items --json`. */
export interface ItemRow {
  readonly node: string;
  readonly name: string;
  readonly label: string;
  readonly state: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly outputs: readonly { readonly name: string }[];
}

/** Cooks a graph, then answers the items of a node. Throws with what was said where either command fails. */
export async function itemsOf(space: CookSpace, graph: string, node: string): Promise<readonly ItemRow[]> {
  await cook(space, graph);
  return rowsOf(space, graph, node);
}

/** Cooks a graph, then answers the items of every node by its name. */
export async function tableOf(space: CookSpace, graph: string): Promise<Readonly<Record<string, readonly ItemRow[]>>> {
  await cook(space, graph);
  const table: Record<string, ItemRow[]> = {};
  for (const row of await shown(space, graph)) {
    table[row.node] ??= [];
    table[row.node]?.push(row);
  }
  return table;
}

/** The items of a node as they are known without a cook. */
export function rowsOf(space: CookSpace, graph: string, node: string): Promise<readonly ItemRow[]> {
  return shown(space, graph, "--node", node);
}

async function cook(space: CookSpace, graph: string): Promise<void> {
  const cooked = await space.dag("cook", graph, "--progress", "quiet");
  if (cooked.exit !== 0) throw new Error(cooked.stdout + cooked.stderr);
}

async function shown(space: CookSpace, ...args: readonly string[]): Promise<readonly ItemRow[]> {
  const { stdout, stderr, exit } = await space.dag("items", ...args, "--json");
  if (exit !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as readonly ItemRow[];
}

/** Puts an example graph into a space, with the data of all of them. */
export function copyExample(space: CookSpace, name: string): void {
  space.write(name, readFileSync(join(EXAMPLES, name), "utf8"));
  cpSync(join(EXAMPLES, "data"), space.path("data"), { recursive: true });
}

/** A node of a graph: a wedge of one attribute over whole numbers or texts. */
export function wedgeOf(name: string, values: readonly (number | string)[]) {
  const type = typeof values[0] === "string" ? "string" : "int";
  return { type: "wedge", params: { attributes: [{ name, type, values }] } };
}

/** The space's node type `studio/write`: writes its item's `x` to a file and, doubled, to the attribute `double`. */
export function addWriter(space: CookSpace): void {
  space.node(
    "write",
    `import { writeFile } from "node:fs/promises";
import { join } from "node:path";
export default {
  description: "Writes a number.",
  version: 1,
  params: { fail_at: { type: "number", default: -1, description: "The number at which it fails." } },
  attributes: { reads: ["x"], writes: { double: "int" } },
  async cook(item, params, { directory }) {
    const { x } = item.attributes;
    if (x === params.fail_at) throw new Error("as asked");
    await writeFile(join(directory, "x" + x + ".txt"), String(x % 2));
    return { outputs: [{ path: "x" + x + ".txt", tag: "file/text" }], attributes: { double: 2 * x } };
  },
};
`,
  );
}
