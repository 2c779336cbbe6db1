/**
 * Figures of the code's structure, read from the sources: for every folder of `src` its files, lines and floors, the exports
 * that a single file imports, and those that nothing imports but tests; the names that several files export; and
 * circles of folders.
 *
 * A floor is a layer of the import order inside a folder: a file stands one floor above the highest file of the same folder that it
 * imports. `node dist/bench/house.js [FOLDER]` lists, for one folder, every file with its floor.
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { alg, Graph } from "@dagrejs/graphlib";

const ROOT = resolve(import.meta.dirname, "../..");

interface Source {
  readonly file: string;
  readonly folder: string;
  readonly lines: number;
  readonly exports: readonly string[];
  /** Names imported from other sources, by the file that they are of. */
  readonly imports: ReadonlyMap<string, readonly string[]>;
}

function read(file: string): Source {
  const text = readFileSync(join(ROOT, file), "utf8");
  const declared =
    /^export (?:declare )?(?:abstract )?(?:async )?(?:function\*?|class|const|let|interface|type|enum) (\w+)/gm;
  const imports = new Map<string, string[]>();
  for (const [, names = "", target = ""] of text.matchAll(/^(?:import|export)\b([^;]*?)\bfrom "([^"]+)"/gm)) {
    const of = sourceOf(file, target);
    if (of === undefined) continue;
    imports.set(of, [...(imports.get(of) ?? []), ...namesIn(names)]);
  }
  return {
    file,
    folder: dirname(file),
    lines: text.split("\n").length - 1,
    exports: [...text.matchAll(declared)].map(([, name = ""]) => name),
    imports,
  };
}

/** The source that an import's target is of; undefined for other packages. */
function sourceOf(file: string, target: string): string | undefined {
  if (target.startsWith(".")) return relative(ROOT, resolve(ROOT, dirname(file), target)).replace(/\.js$/, ".ts");
  const [, inside] = /^dag-cook\/(ml\/.+|cook)$/.exec(target) ?? [];
  return inside === undefined ? undefined : `src/${inside}.ts`;
}

/** The names between the braces of an import: as the other file has them. */
function namesIn(clause: string): string[] {
  const [, inside] = /\{([^}]*)\}/.exec(clause) ?? [];
  const names = (inside ?? "").split(",").map((name) => name.trim().replace(/^type /, ""));
  return names.map((name) => name.split(" as ")[0] ?? "").filter((name) => name !== "");
}

function sources(folder: string): Source[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"))
    .map((name) => read(join(folder, name)));
}

/** The floor of every file within its own folder, from 1. */
function floorsOf(all: readonly Source[]): ReadonlyMap<string, number> {
  const byFile = new Map(all.map((source) => [source.file, source]));
  const floors = new Map<string, number>();
  const floorOf = ({ file, folder, imports }: Source): number => {
    const known = floors.get(file);
    if (known !== undefined) return known;
    floors.set(file, 1); // ends a circle, where there is one
    const below = [...imports.keys()]
      .flatMap((target) => byFile.get(target) ?? [])
      .filter((each) => each.folder === folder);
    const floor = 1 + Math.max(0, ...below.map(floorOf));
    floors.set(file, floor);
    return floor;
  };
  for (const source of all) floorOf(source);
  return floors;
}

/** How many files of `all` import each export, by `file name`. */
function importers(all: readonly Source[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { imports } of all) {
    for (const [file, names] of imports) {
      for (const name of new Set(names)) counts.set(`${file} ${name}`, (counts.get(`${file} ${name}`) ?? 0) + 1);
    }
  }
  return counts;
}

const house = [...sources("src"), ...sources("nodes")];
const floors = floorsOf(house);
const used = importers(house);
const usedByTests = importers([...sources("test"), ...sources("bench")]);
const [asked] = process.argv.slice(2);

if (asked !== undefined) {
  const here = house.filter(({ folder }) => folder === asked).sort((a, b) => floors.get(b.file)! - floors.get(a.file)!);
  if (here.length === 0) throw new Error(`No sources in ${asked}; folders are named as in src/cook.`);
  for (const { file, lines } of here) console.log(`${String(floors.get(file)).padStart(3)}  ${file} (${lines} lines)`);
} else {
  const row = (...cells: readonly (string | number)[]): void =>
    console.log(cells.map((cell, at) => (at === 0 ? String(cell).padEnd(22) : String(cell).padStart(9))).join(" "));
  row("folder", "files", "lines", "floors", "exports", "imported", "for tests");
  row("", "", "", "", "", "once", "alone");
  for (const folder of [...new Set(house.map((source) => source.folder))].sort()) {
    const here = house.filter((source) => source.folder === folder);
    const exported = here.flatMap(({ file, exports }) => exports.map((name) => `${file} ${name}`));
    const once = exported.filter((name) => used.get(name) === 1).length;
    const tests = exported.filter((name) => !used.has(name) && usedByTests.has(name)).length;
    const lines = here.reduce((sum, source) => sum + source.lines, 0);
    row(
      folder,
      here.length,
      lines,
      Math.max(...here.map(({ file }) => floors.get(file)!)),
      exported.length,
      once,
      tests,
    );
  }
  const homes = new Map<string, string[]>();
  for (const { file, exports } of house.filter(({ file }) => file.startsWith("src/"))) {
    for (const name of exports) homes.set(name, [...(homes.get(name) ?? []), file]);
  }
  const twice = [...homes].filter(([, files]) => files.length > 1);
  console.log(`\n${twice.length} names are exported by several files of src:`);
  for (const [name, files] of twice) console.log(`  ${name}: ${files.join(", ")}`);
  const folders = new Graph();
  for (const { folder, imports } of house) {
    for (const target of imports.keys()) if (dirname(target) !== folder) folders.setEdge(folder, dirname(target));
  }
  const circles = alg.findCycles(folders);
  console.log(`\n${circles.length} circles of folders`);
  for (const circle of circles) console.log(`  ${circle.join(", ")}`);
}
