/** The house's own rules, held by reading the sources: who may import whom. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { alg, Graph } from "@dagrejs/graphlib";
import { describe, expect, test } from "@jest/globals";
import { init, parse } from "es-module-lexer";

const ROOT = resolve(import.meta.dirname, "../..");

/** A folder of src may import itself and those before it. */
const LINE = [
  "base",
  "expression",
  "workitem",
  "nodetype",
  "graph",
  "fingerprint",
  "event",
  "store",
  "worker",
  "executor",
  "schedule",
  "generate",
  "prepare",
  "unchanged",
  "cook",
  "forecast",
  "watch",
  "report",
  "engine",
  "cli",
];

/** Beside the line: what each may import. */
const BESIDE: Readonly<Record<string, readonly string[]>> = {
  image: ["base"],
  ml: ["base", "image"],
};

/** The same for the folders of ml: what computes, what is used, what is learned from and shown, what trains, a folder a family. */
const ML_LINE = [
  "program",
  "onnx",
  "networks",
  "runtime",
  "inference",
  "data",
  "metrics",
  "monitor",
  "training",
  "translation",
];

interface Packages {
  readonly dependencies: Readonly<Record<string, string>>;
}

function sources(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"))
    .map((name) => join(folder, name));
}

/** Targets of every import in a source, types among them. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(ROOT, file), "utf8");
  return [...text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*"([^"\n]+)"/g)].map((match) => match[1] ?? "");
}

function areaOf(file: string): string | undefined {
  const [top, area, rest] = file.split("/");
  return top === "src" && rest !== undefined ? area : undefined;
}

describe("the house", () => {
  test("src: a folder imports only those before it in the line", () => {
    const wrong: string[] = [];
    for (const file of sources("src")) {
      const area = areaOf(file);
      if (area === undefined) continue;
      for (const target of importsOf(file).filter((name) => name.startsWith("."))) {
        const to = areaOf(relative(ROOT, resolve(ROOT, dirname(file), target)));
        if (to === undefined || to === area || area === "testing") continue;
        const allowed = BESIDE[area] ?? LINE.slice(0, LINE.indexOf(area));
        if (!allowed.includes(to)) wrong.push(`${file} imports ${target}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test("src/ml: a folder imports only those before it in the line", () => {
    const placeOf = (file: string) => ML_LINE.indexOf(file.split("/")[2]!);
    const files = sources("src/ml");
    expect(files.filter((file) => placeOf(file) === -1)).toEqual([]);
    const wrong = files.flatMap((file) =>
      importsOf(file)
        .map((target) => relative(ROOT, resolve(ROOT, dirname(file), target)))
        .filter((to) => to.startsWith("src/ml/") && placeOf(to) > placeOf(file))
        .map((to) => `${file} imports ${to}`),
    );
    expect(wrong).toEqual([]);
  });

  test("src/ml/training: it says nothing of what its families learn, or from what", () => {
    const words = /generator|discriminator|pix2pix|cyclegan|\bgan_|"(input|reference)"/i;
    expect(words.test(readFileSync(join(ROOT, "src/ml/translation/method.ts"), "utf8"))).toBe(true);
    const saying = sources("src/ml/training").filter((file) => words.test(readFileSync(join(ROOT, file), "utf8")));
    expect(saying).toEqual([]);
  });

  test("src: which system it runs on is asked in base alone", () => {
    const asks = /process\.platform [!=]==|platform\(\) [!=]==/;
    expect(asks.test("process.platform === 'linux'")).toBe(true);
    const asking = sources("src").filter((file) => asks.test(readFileSync(join(ROOT, file), "utf8")));
    expect(asking.filter((file) => areaOf(file) !== "base")).toEqual([]);
  });

  test("src and nodes: no file imports in a circle", () => {
    const files = [...sources("src"), ...sources("nodes")];
    const graph = new Graph();
    for (const file of files) graph.setNode(file);
    for (const file of files) {
      for (const target of importsOf(file).filter((name) => name.startsWith("."))) {
        const to = relative(ROOT, resolve(ROOT, dirname(file), target)).replace(/\.js$/, ".ts");
        if (graph.hasNode(to) && to !== file) graph.setEdge(file, to);
      }
    }
    expect(graph.edgeCount()).toBeGreaterThan(1000);
    expect(alg.findCycles(graph)).toEqual([]);
  });

  test("src/image: no folder imports in a circle", () => {
    const graph = new Graph();
    for (const file of sources("src/image")) {
      for (const target of importsOf(file).filter((name) => name.startsWith("."))) {
        const to = dirname(relative(ROOT, resolve(ROOT, dirname(file), target)));
        if (to !== dirname(file)) graph.setEdge(dirname(file), to);
      }
    }
    expect(graph.hasEdge("src/image/exr", "src/image/exr/codec")).toBe(true);
    expect(alg.findCycles(graph)).toEqual([]);
  });

  test("src: programs and commands stand on the engine, neither on the other", () => {
    expect(importsOf("src/cook.ts").filter((target) => target.includes("/cli/"))).toEqual([]);
    expect(importsOf("src/cook.ts")).toContain("./engine/cooking.js");
    const onDoor = sources("src").filter((file) =>
      importsOf(file).some((target) => /^(\.\.\/)+cook\.js$/.test(target)),
    );
    expect(onDoor).toEqual([]);
  });

  test("src: no name is exported by two files", () => {
    const declared =
      /^export (?:declare )?(?:abstract )?(?:async )?(?:function\*?|class|const|let|interface|type|enum) (\w+)/gm;
    const homes = new Map<string, Set<string>>();
    for (const file of sources("src")) {
      for (const [, name = ""] of readFileSync(join(ROOT, file), "utf8").matchAll(declared)) {
        homes.set(name, (homes.get(name) ?? new Set()).add(file));
      }
    }
    expect(homes.size).toBeGreaterThan(1000);
    expect([...homes].filter(([, files]) => files.size > 1).map(([name, files]) => [name, ...files])).toEqual([]);
  });

  test("src/ml/runtime: a folder imports only those before it in the line; trials have one door, and doctor's", () => {
    const line = ["runtime", "onnxruntime", "tensorflow", "target", "trial", "choose"];
    const folderOf = (file: string) => line.indexOf(dirname(file).split("/").at(-1)!);
    const imports = sources("src/ml").flatMap((file) =>
      importsOf(file).map((target) => [file, relative(ROOT, resolve(ROOT, dirname(file), target))] as const),
    );
    const inside = imports.filter(
      ([file, to]) => file.startsWith("src/ml/runtime/") && to.startsWith("src/ml/runtime/"),
    );
    expect(inside.length).toBeGreaterThan(50);
    expect(inside.filter(([file, to]) => folderOf(file) === -1 || folderOf(to) > folderOf(file))).toEqual([]);
    const trials = "src/ml/runtime/trial/";
    const entering = imports.filter(([file, to]) => to.startsWith(trials) && !file.startsWith(trials));
    expect([...new Set(entering.map(([, to]) => to))]).toEqual([`${trials}trial.js`]);
  });

  test("nodes: they import only the package's public doors, each other, and packages that it depends on", () => {
    const wrong: string[] = [];
    const { dependencies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as Packages;
    for (const file of sources("nodes")) {
      for (const target of importsOf(file)) {
        const inside = target.startsWith(".") && resolve(ROOT, dirname(file), target).startsWith(join(ROOT, "nodes"));
        const method = /^dag-cook($|\/random$|\/program$|\/image$|\/ml\/)/.test(target);
        // sharp has a door of its own, which knows its bit depths and limits.
        const packaged = Object.hasOwn(dependencies, target) && target !== "sharp";
        if (!inside && !method && !packaged && !target.startsWith("node:")) wrong.push(`${file} imports ${target}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test("src: what the command line names by its own place is found from any folder of src, as from the bundle", async () => {
    await init();
    const areas = LINE.filter((area) => area !== "worker");
    const naming = sources("src").filter((file) => areas.includes(areaOf(file) ?? "") && usesOwnPlace(file));
    const beside = /(?<!`)new URL\("\.\/[^"]*", import\.meta\.url\)/;
    expect(naming).toContain("src/nodetype/module.ts");
    expect(naming.filter((file) => file.split("/").length !== 3)).toEqual([]);
    expect(naming.filter((file) => beside.test(readFileSync(join(ROOT, file), "utf8")))).toEqual([]);
  });

  test("sources: no host of a registry", () => {
    const wrong = ["src", "nodes", "test", "bench"].flatMap(sources).filter((file) => {
      const text = readFileSync(join(ROOT, file), "utf8");
      return /registry\.npm|pypi\.org/.test(text) && !file.endsWith("house.test.ts");
    });
    expect(wrong).toEqual([]);
  });

  test("nodes: every import of their code has a literal target, so that its digest sees all of it", async () => {
    await init();
    expect(compiled()).not.toEqual([]);
    expect(compiled().filter(hasOpaqueImport)).toEqual([]);
  });
});

function usesOwnPlace(file: string): boolean {
  const [imports] = parse(readFileSync(join(ROOT, "dist", file.replace(/ts$/, "js")), "utf8"));
  return imports.some(({ type }) => type === "import-meta");
}

function compiled(): string[] {
  return readdirSync(join(ROOT, "dist/nodes"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".js"))
    .map((name) => join("dist/nodes", name));
}

function hasOpaqueImport(file: string): boolean {
  const [imports] = parse(readFileSync(join(ROOT, file), "utf8"));
  return imports.some((each) => each.type === "dynamic" && (each.glob || each.specifier === undefined));
}
