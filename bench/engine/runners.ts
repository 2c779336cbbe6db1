/**
 * Other programs that run tasks and skip what is unchanged, beside ninja and `dag`: Turborepo, wireit, moon, n2. Each copies the same
 * files, a task for each, as a command: `node dist/bench/engine/runners.js --runners FOLDER [--n2 PROGRAM] [--jobs 200]`.
 * FOLDER is where `npm install turbo wireit @moonrepo/cli` was run. What is not there is left out with a message.
 */
import { existsSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { alternate, command, type EndedCommand, printTable, type Row, type Spent } from "./measure.js";
import { ninjaOver } from "./ninja.js";
import { BenchSpace, settle } from "./space.js";

const ROUNDS = 5;
const { values } = parseArgs({
  options: { runners: { type: "string" }, n2: { type: "string" }, jobs: { type: "string", default: "200" } },
});
const jobs = Number(values.jobs);
const places = Array.from({ length: jobs }, (_, place) => place);
const programs = resolve(values.runners ?? ".", "node_modules", ".bin");
const space = new BenchSpace();

/** A program of the folder of runners; undefined, with a message, where it is not there. */
function programOf(name: string): string | undefined {
  const path = join(programs, name);
  if (values.runners !== undefined && existsSync(path)) return path;
  console.log(`${name} is not in ${programs}: measured without it.`);
  return undefined;
}

async function ended(folder: string, program: string, ...args: readonly string[]): Promise<EndedCommand> {
  const end = await command(space.path(folder), program, ...args);
  if (end.exit !== 0) throw new Error(`${program} ended with ${end.exit}: ${end.stdout}${end.stderr}`);
  return end;
}

function json(path: string, value: unknown): void {
  space.write(path, JSON.stringify(value));
}

function sources(folder: string): void {
  space.files(
    places.map((place) => `${folder}/sources/${place}.txt`),
    (place) => `${place} `.padEnd(1024, "x"),
  );
}

/** Its tasks are a package's: a package for each file. */
function turbo(): (() => Promise<Spent>) | undefined {
  const program = programOf("turbo");
  if (program === undefined) return undefined;
  json("turbo/package.json", { name: "all", private: true, packageManager: "npm@10.0.0", workspaces: ["packages/*"] });
  json("turbo/turbo.json", { tasks: { build: { inputs: ["source.txt"], outputs: ["copy.txt"] } } });
  const packages: Record<string, unknown> = { "": { name: "all", workspaces: ["packages/*"] } };
  for (const place of places) {
    const folder = `packages/${place}`;
    json(`turbo/${folder}/package.json`, {
      name: `p${place}`,
      version: "1.0.0",
      scripts: { build: "cp source.txt copy.txt" },
    });
    space.write(`turbo/${folder}/source.txt`, `${place} `.padEnd(1024, "x"));
    packages[folder] = { name: `p${place}`, version: "1.0.0" };
    packages[`node_modules/p${place}`] = { resolved: folder, link: true };
  }
  json("turbo/package-lock.json", { name: "all", lockfileVersion: 3, requires: true, packages });
  return () => ended("turbo", program, "run", "build", "--concurrency=2", "--output-logs=none");
}

function wireit(): (() => Promise<Spent>) | undefined {
  if (programOf("wireit") === undefined) return undefined;
  sources("wireit");
  space.files(["wireit/copies/.keep"], () => "");
  const tasks = places.map((place) => {
    const [from, to] = [`sources/${place}.txt`, `copies/${place}.txt`];
    return [`copy${place}`, { command: `cp ${from} ${to}`, files: [from], output: [to] }] as const;
  });
  const names = tasks.map(([name]) => name);
  const scripts = Object.fromEntries(["all", ...names].map((name) => [name, "wireit"]));
  json("wireit/package.json", {
    name: "all",
    scripts,
    wireit: { ...Object.fromEntries(tasks), all: { dependencies: names } },
  });
  return () => ended("wireit", "npm", "run", "--silent", "all");
}

/** It asks git for the state of its files. */
async function moon(): Promise<(() => Promise<Spent>) | undefined> {
  const program = programOf("moon");
  if (program === undefined) return undefined;
  sources("moon");
  space.files(["moon/copies/.keep"], () => "");
  space.write("moon/.moon/workspace.yml", 'projects:\n  all: "."\ntelemetry: false\n');
  const tasks = places.map((place) => {
    const [from, to] = [`sources/${place}.txt`, `copies/${place}.txt`];
    return `  copy${place}:\n    command: "cp ${from} ${to}"\n    inputs: ["${from}"]\n    outputs: ["${to}"]\n`;
  });
  const all = places.map((place) => `"~:copy${place}"`).join(", ");
  space.write("moon/moon.yml", `tasks:\n${tasks.join("")}  all:\n    command: "noop"\n    deps: [${all}]\n`);
  space.write("moon/.gitignore", ".moon/cache\ncopies\n");
  await ended("moon", "git", "init", "--quiet");
  await ended("moon", "git", "add", ".");
  const author = ["-c", "user.name=bench", "-c", "user.email=bench@localhost"];
  await ended("moon", "git", ...author, "commit", "--quiet", "--message", "sources");
  return () => ended("moon", program, "run", "all:all", "--concurrency", "2", "--quiet");
}

/** The same `build.ninja` as ninja's, in a folder of its own. */
function n2(): (() => Promise<Spent>) | undefined {
  const program = values.n2;
  if (program === undefined) {
    console.log("n2 is in no registry of packages: without --n2 it is left out.");
    return undefined;
  }
  sources("n2");
  const edges = places.map((place) => `build copies/${place}.txt: cp sources/${place}.txt\n`);
  space.write("n2/build.ninja", `rule cp\n  command = cp $in $out\n${edges.join("")}`);
  return () => ended("n2", resolve(program));
}

try {
  process.env.PATH = `${programs}${delimiter}${process.env.PATH}`;
  Object.assign(process.env, { TURBO_TELEMETRY_DISABLED: "1", WIREIT_LOGGER: "quiet", WIREIT_PARALLEL: "2" });
  const names = places.map((place) => `${place}.txt`);
  space.files(
    names.map((name) => `sources/${name}`),
    (place) => `${place} `.padEnd(1024, "x"),
  );
  space.graph("files.json", { files: { type: "studio/copy", params: { directory: "$HIP/sources" } } });
  const ninja = ninjaOver(space, names);
  const runners = { ninja, n2: n2(), Turborepo: turbo(), wireit: wireit(), moon: await moon() };
  await settle();
  const cook = () => space.run("cook", "files.json");
  const rows: Row[] = [];
  for (const [what, rounds] of [
    ["first", 1],
    ["nothing changed", ROUNDS],
  ] as const) {
    const spent = await alternate(rounds, { ...runners, dag: cook });
    for (const [name, each] of Object.entries(spent))
      if (!Number.isNaN(each.wall)) rows.push({ what: `${name}, ${what}`, spent: each, items: jobs, peer: spent.dag });
  }
  printTable(`${jobs} files of 1 KB copied, as commands, beside dag in the same run (medians of ${ROUNDS})`, rows);
} finally {
  space.remove();
}
