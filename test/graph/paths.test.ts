import { sep } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { outputProblem, resolveSymbolic, symbolicPath } from "../../src/graph/paths.js";
import { graphOf, nodeProblems } from "./helpers.js";

const roots = { folder: "/project/graphs", project: "/project", job: "/job", allow: ["/mnt/data"] };
const graph = { folder: "/project/graphs", variables: new Map([["JOB", "/job"]]) };
const outside = (path: string) =>
  `${path} lies outside of the graph's folder, the project and the working folder; allow it with --allow DIR.`;

describe("symbolicPath", () => {
  test("symbolicPath: a path in an allowed folder becomes one that means the same on every machine", () => {
    const cases: [given: string, symbolic: string, absolute: string][] = [
      ["data/a", "$HIP/data/a", "/project/graphs/data/a"],
      ["./data//a/", "$HIP/data/a", "/project/graphs/data/a"],
      ["/project/graphs/data", "$HIP/data", "/project/graphs/data"],
      ["$HIP/data", "$HIP/data", "/project/graphs/data"],
      ["$HIP", "$HIP", "/project/graphs"],
      [".", "$HIP", "/project/graphs"],
      ["../out", "$HIP/../out", "/project/out"],
      ["/project", "$HIP/..", "/project"],
      ["..a/b", "$HIP/..a/b", "/project/graphs/..a/b"],
      ["$JOB/x", "$JOB/x", "/job/x"],
      ["/job", "$JOB", "/job"],
      ["/mnt/data/x", "/mnt/data/x", "/mnt/data/x"],
      ["$HIPPO/x", "$HIP/$HIPPO/x", "/project/graphs/$HIPPO/x"],
      ["out/{iteration}.png", "$HIP/out/{iteration}.png", "/project/graphs/out/{iteration}.png"],
    ];
    for (const [given, symbolic, absolute] of cases) {
      expect([given, symbolicPath(given, roots)]).toEqual([given, { path: symbolic }]);
      expect([given, resolveSymbolic(symbolic, graph)]).toEqual([given, absolute]);
    }
    expect(symbolicPath("", roots)).toEqual({ path: "" });
  });

  test("symbolicPath: a path outside of them is refused, however it is spelled", () => {
    expect(symbolicPath("/etc/passwd", roots)).toEqual({ problem: outside("/etc/passwd") });
    expect(symbolicPath("../../x", roots)).toEqual({ problem: outside("/x") });
    expect(symbolicPath("$HIP/../../projects/x", roots)).toEqual({ problem: outside("/projects/x") });
    expect(symbolicPath("$JOB/../x", roots)).toEqual({ problem: outside("/x") });
    expect(symbolicPath("/mnt/data/../x", roots)).toEqual({ problem: outside("/mnt/x") });
    expect(symbolicPath("a\0b", roots)).toEqual({ problem: "A path cannot hold a NUL character." });
    expect(symbolicPath("~/x", roots)).toEqual({ problem: '"~/x": only a shell knows what ~ is; write $HOME.' });
    expect(symbolicPath("~x", roots)).toEqual({ path: "$HIP/~x" });
    if (sep === "/") expect(symbolicPath("C:\\x", roots)).toEqual({ problem: '"C:\\x" is a path of Windows.' });
  });

  test("outputProblem: what other programs run or are set up by is no place for an output", () => {
    const refused = (path: string) => /^Nothing is put into "(.*)", which/.exec(outputProblem(path, roots) ?? "")?.[1];
    expect(refused("$HIP/out/a.png")).toBeUndefined();
    expect(refused("$HIP/out/nodes/a.png")).toBeUndefined();
    expect(refused("/mnt/data/.cache/a.png")).toBeUndefined();
    expect(refused("$HIP/.git/hooks/post-commit")).toBe(".git");
    expect(refused("$HIP/../.dag/store.db")).toBe(".dag");
    expect(refused("$JOB/.bashrc")).toBe(".bashrc");
    expect(refused("$HIP/../node_modules/sharp/index.js")).toBe("node_modules");
    expect(refused("$HIP/../package.json")).toBe("package.json");
    expect(refused("$HIP/nodes/studio/a.ts")).toBe("nodes");
    expect(refused("$HIP/../nodes/studio/a.ts")).toBe("nodes");
    const hidden = { folder: "/home/.work/p/graphs", project: "/home/.work/p", job: "/home", allow: [] };
    expect(outputProblem("$HIP/../out/a.png", hidden)).toBeUndefined();
  });
});

describe("path parameters", () => {
  test("path parameters: they are refused outside of the allowed folders, defaults and variables included", async () => {
    const tiles = (directory: string) => `"t": { "type": "tiles", "params": { "directory": "${directory}" } }`;
    expect(await nodeProblems(tiles("$HOME/data"))).toEqual([
      `graphs/a.json:2:50 Parameter "directory" of node "t": ${outside("/home/somebody/data")}`,
    ]);
    expect(await nodeProblems(tiles("$HOME/data"), { allow: ["/home/somebody"] })).toEqual([]);
    expect(await nodeProblems(tiles("../data"), { project: "/project/graphs" })).toEqual([
      `graphs/a.json:2:50 Parameter "directory" of node "t": ${outside("/project/data")}`,
    ]);
  });

  test("path parameters: a folder in a text that is no path is a warning, since it enters the key", async () => {
    const vary = '"v": { "type": "vary", "params": { "attributes": [{ "name": "a", "values": ["$JOB/x"] }] } }';
    expect(await nodeProblems(vary)).toEqual([
      'graphs/a.json:2:77 warning: Parameter "attributes.0.values.0" of node "v" holds a folder of this machine, so that its results are not found again in another.',
    ]);
    expect(await nodeProblems('"r": { "type": "resize", "params": { "comment": "$JOB/x" } }')).toEqual([]);
  });

  test("path parameters: one that differs by item is made symbolic, and held to the folders, for each item", async () => {
    const { nodes } = await graphOf(`{ "version": 1, "nodes": { "p": { "type": "probe" },
      "a": { "type": "apply", "inputs": { "model": ["p"], "images": ["p"] }, "params": { "output": "$HIP/out/@{where}/{iteration}" } } } }`);
    const evaluate = (where: string) =>
      nodes.get("a")!.params.evaluate({
        attribute: (name) => (name === "where" ? where : undefined),
        attributeNames: () => ["where"],
        variable: (name) => (name === "HIP" ? "/project/graphs" : undefined),
        inputs: () => [],
      });
    expect(evaluate("x")).toEqual({ ok: true, values: { output: "$HIP/out/x/{iteration}" } });
    expect(evaluate("../../../../etc")).toEqual({
      ok: false,
      problems: [`Parameter "output": ${outside("/etc/{iteration}")}`],
    });
  });
});
