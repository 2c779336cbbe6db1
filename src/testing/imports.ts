/** Which packages load with a module: those reached by static imports alone. Knows module syntax, nothing of nodes. */
import { readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { fileURLToPath } from "node:url";
import { init, parse } from "es-module-lexer";

/** Names of the packages that importing the module (a file URL) loads, sorted; this package's doors are followed. */
export function staticPackages(module: string): readonly string[] {
  const packages = new Set<string>();
  const seen = new Set<string>();
  const queue = [module];
  for (let url = queue.pop(); url !== undefined; url = queue.pop()) {
    if (seen.has(url)) continue;
    seen.add(url);
    for (const target of staticTargets(url)) {
      if (isBuiltin(target)) continue;
      if (/^\.{0,2}\//.test(target)) queue.push(new URL(target, url).href);
      else if (target === "dag-cook" || target.startsWith("dag-cook/")) queue.push(import.meta.resolve(target));
      else packages.add(target.split("/", target.startsWith("@") ? 2 : 1).join("/"));
    }
  }
  return [...packages].sort();
}

await init();

function staticTargets(url: string): readonly string[] {
  const file = fileURLToPath(url);
  return parse(readFileSync(file, "utf8"), file)[0].flatMap((found) =>
    found.type === "static" || found.type === "reexport-star" ? [found.specifier] : [],
  );
}
