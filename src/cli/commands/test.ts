/** `dag test`: runs a project's own tests in Node's test runner, from the same emitted code that cooks. Knows no node types. */
import { spawn } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { UserError } from "../../base/error.js";
import { codeFolderOf, projectOf, storeOf } from "../../engine/project.js";
import { Emitter } from "../../nodetype/emit.js";
import { inSources, NodeFileError } from "../../nodetype/fault.js";
import { printColoured } from "../print.js";

const TEST = /\.test\.m?[jt]s$/;

export async function testCommand(asked: readonly string[]): Promise<number> {
  const project = projectOf(process.cwd());
  const files =
    asked.length > 0 ? asked.flatMap(testsIn) : ["nodes", "test"].flatMap((name) => testsUnder(join(project, name)));
  if (files.length === 0)
    throw new UserError("There are no tests: none below nodes/ or test/ is named such as blur.test.ts.", 2);
  const emitter = new Emitter(codeFolderOf(storeOf(project, undefined)));
  const sources = new Map<string, string>();
  const modules: string[] = [];
  for (const file of files) {
    try {
      const emitted = await emitter.emit(file);
      for (const [path, source] of emitted.sources) sources.set(path, source);
      modules.push(fileURLToPath(emitted.module));
    } catch (error) {
      if (error instanceof NodeFileError) throw new UserError(`${error.message}.`, 2);
      throw error;
    }
  }
  return runTests(modules, project, sources);
}

function testsIn(asked: string): readonly string[] {
  const path = resolve(asked);
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw new UserError(`There is no ${asked}.`, 2);
  return found.isDirectory() ? testsUnder(path) : [path];
}

function testsUnder(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => TEST.test(name) && !/(^|[\\/])(node_modules|\.[^\\/]*)[\\/]/.test(name))
    .sort()
    .map((name) => join(folder, name));
}

/** Shows what the runner says, with the paths that the author knows. */
function runTests(modules: readonly string[], project: string, sources: ReadonlyMap<string, string>): Promise<number> {
  const colour = process.stdout.isTTY ? { FORCE_COLOR: process.env.FORCE_COLOR ?? "1" } : {};
  // A runner inside a runner would report to the outer one.
  const { NODE_TEST_CONTEXT: _, ...environment } = process.env;
  const child = spawn(process.execPath, ["--test", "--test-reporter=spec", ...modules], {
    cwd: project,
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...environment, ...colour },
  });
  createInterface({ input: child.stdout }).on("line", (line) => {
    printColoured(`${relocated(line, project, sources)}\n`);
  });
  return new Promise((done) => child.on("close", (code) => done(code === 0 ? 0 : 1)));
}

/** As seen from the project. */
function relocated(line: string, project: string, sources: ReadonlyMap<string, string>): string {
  const known = [...sources].map(([path, source]) => [path, relative(project, source)] as const);
  const near = known.map(([path, source]) => [relative(project, path), source] as const);
  return inSources(line, new Map([...known, ...near]));
}
