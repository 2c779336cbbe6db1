/** Where a project's node types lie: its own folders, and those of the packages that it has installed. Only looks. */
import { existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/** Packages of node types: `dag-nodes-studio`, `@scope/dag-nodes-studio`. */
const PACKAGE = /^dag-nodes-/;

/**
 * Folders of node sources that a graph in `folder` may use, nearest first: every `nodes` from it up to the project's root,
 * and those of the packages that Node would find from it.
 */
export function nodeFolders(folder: string, project: string): readonly string[] {
  const own: string[] = [];
  const packages = new Map<string, string>();
  let inside = true;
  for (let here = resolve(folder); ; here = dirname(here)) {
    if (inside && existsSync(join(here, "nodes"))) own.push(join(here, "nodes"));
    if (here === resolve(project)) inside = false;
    for (const [name, found] of packagesIn(join(here, "node_modules"))) {
      if (!packages.has(name)) packages.set(name, found);
    }
    if (here === dirname(here)) return [...own, ...packages.values()];
  }
}

function packagesIn(folder: string): readonly (readonly [name: string, folder: string])[] {
  const names = entries(folder);
  const scoped = names.filter((name) => name.startsWith("@")).flatMap((scope) => inScope(folder, scope));
  return [...names, ...scoped]
    .filter((name) => PACKAGE.test(name.replace(/^@[^/]+\//, "")))
    .map((name) => [name, nodesOf(realpathSync(join(folder, name)))] as const);
}

function inScope(folder: string, scope: string): readonly string[] {
  return entries(join(folder, scope)).map((name) => `${scope}/${name}`);
}

function entries(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

/** `nodes` in the package, unless its package.json says `"dag": { "nodes": "dist/nodes" }`. */
function nodesOf(folder: string): string {
  try {
    const { dag } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { dag?: { nodes?: string } };
    return join(folder, dag?.nodes ?? "nodes");
  } catch {
    return join(folder, "nodes");
  }
}
