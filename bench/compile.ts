/**
 * Time that TypeScript takes for a project of many node types: `node dist/bench/compile.js [NODES]`. The nodes are those of
 * `dag new node`, each with eight parameters more; CPU time and wall time of three runs are printed.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../..");
const count = Number(process.argv[2] ?? 100);
const folder = mkdtempSync(join(tmpdir(), "dag-compile-"));
try {
  const dag = (cwd: string, ...args: string[]) =>
    execFileSync(process.execPath, [join(ROOT, "dist/src/cli/main.js"), ...args], { cwd, stdio: "ignore" });
  dag(folder, "init", "p");
  const project = join(folder, "p");
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  const { name } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { name: string };
  const node = readFileSync(join(project, "nodes/studio/brighten.ts"), "utf8");
  const kinds = ['type: "string", enum: ["a", "b", "c"], default: "a"', 'type: "integer", default: 1'];
  for (let index = 1; index < count; index++) {
    const more = Array.from({ length: 8 }, (_, at) => `p${at}: { ${kinds[at % 2]}, description: "Number ${index}." },`);
    writeFileSync(
      join(project, `nodes/studio/node_${index}.ts`),
      node.replace("params: {", `params: { ${more.join("\n")}`),
    );
  }
  const paths = { [name]: [`${ROOT}/dist/src/index.d.ts`], [`${name}/*`]: [`${ROOT}/dist/src/*/index.d.ts`] };
  const config = join(project, "tsconfig.json");
  const { compilerOptions, ...rest } = JSON.parse(readFileSync(config, "utf8")) as { compilerOptions: object };
  writeFileSync(config, JSON.stringify({ ...rest, compilerOptions: { ...compilerOptions, paths } }));
  for (let run = 0; run < 3; run++) {
    const began = performance.now();
    const tsc = [join(ROOT, "node_modules/typescript/bin/tsc"), "-p", ".", "--extendedDiagnostics"];
    const { status, stdout } = spawnSync(process.execPath, tsc, { cwd: project, encoding: "utf8" });
    const wall = (performance.now() - began) / 1000;
    if (status !== 0) throw new Error(stdout);
    const total = /Total time:\s+([\d.]+)s/.exec(stdout)?.[1];
    console.log(`${count} node types: ${wall.toFixed(2)} s wall, compiler's own total ${total} s`);
  }
} finally {
  rmSync(folder, { recursive: true });
}
