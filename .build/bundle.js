/**
 * Puts the command line into few files, where `tsc` has made a hundred and fifty: Node spends longer on finding a module
 * than on running it (docs/decisions/0006-few-files.md). `dist/src/cli/main.js` is replaced, and `dist/src/bundle` made;
 * all else stays as `tsc` wrote it: the doors that node types import, their code and the workers. `tsc` undoes it.
 *
 * `node .build/bundle.js [FOLDER]`: of the package that gets it; without one, this.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { build } from "esbuild";

/** What every cook loads. Other packages stay outside: they are native, or loaded when they are needed. */
const INSIDE = ["@dagrejs/graphlib", "commander", "es-module-lexer", "jsonc-parser", "p-queue"];

const here = dirname(import.meta.dirname);
const out = join(resolve(process.argv[2] ?? here), "dist/src");
const { dependencies } = JSON.parse(readFileSync(join(here, "package.json"), "utf8"));
const { outputFiles, metafile } = await build({
  absWorkingDir: here,
  entryPoints: ["src/cli/main.ts"],
  outdir: out,
  // As deep as the modules that went into them: `import.meta.url` then leads to the same files.
  entryNames: "cli/[name]",
  chunkNames: "bundle/[name]-[hash]",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20",
  mainFields: ["module", "main"],
  external: Object.keys(dependencies).filter((name) => !INSIDE.includes(name)),
  // What came as CommonJS asks for Node's own modules by `require`.
  banner: {
    js: 'import { createRequire as requireFor } from "node:module"; const require = requireFor(import.meta.url);',
  },
  write: false,
  metafile: true,
});

rmSync(join(out, "bundle"), { recursive: true, force: true });
for (const { path, contents } of outputFiles) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, contents);
}
writeFileSync(join(out, "bundle/LICENSES.md"), licenses());

/** Every package that is inside, with its terms, which ask to be where its code is. */
function licenses() {
  const roots = Object.keys(metafile.inputs).map((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0]);
  const texts = [...new Set(roots.filter((root) => root !== undefined))].sort().map((root) => {
    const { name, version } = JSON.parse(readFileSync(resolve(here, root, "package.json"), "utf8"));
    const file = readdirSync(resolve(here, root)).find((each) => /^licen[cs]e/i.test(each));
    if (file === undefined) throw new Error(`${root} has no licence to put into the bundle`);
    return `# ${name} ${version}\n\n${readFileSync(resolve(here, root, file), "utf8").trim()}\n`;
  });
  return texts.join("\n");
}
