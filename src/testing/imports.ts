/** Which packages load with a module: those reached by static imports alone. Knows module syntax, nothing of nodes. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { isModule, OWN_PACKAGE, packageOf, referencesOf } from "../nodetype/module.js";

/** Names of the packages that importing the module (a file URL) loads, sorted; this package's doors are followed. */
export function staticPackages(module: string): readonly string[] {
  const packages = new Set<string>();
  const seen = new Set<string>();
  const queue = [module];
  for (let url = queue.pop(); url !== undefined; url = queue.pop()) {
    const file = fileURLToPath(url);
    if (seen.has(url) || !isModule(file)) continue;
    seen.add(url);
    const { local, bare } = referencesOf(readFileSync(file, "utf8"), file);
    for (const { specifier, later } of [...local, ...bare]) {
      if (later) continue;
      if (/^\.{0,2}\//.test(specifier)) queue.push(new URL(specifier, url).href);
      else if (packageOf(specifier) === OWN_PACKAGE) queue.push(import.meta.resolve(specifier));
      else packages.add(packageOf(specifier));
    }
  }
  return [...packages].sort();
}
