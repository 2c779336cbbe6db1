/**
 * The same small graphs for `dag`, Dask, Snakemake and ninja: `node dist/bench/engine/peers.js [--python python3] [--items 5000]
 * [--jobs 60]`. Python's packages are found as Python finds them (`PYTHONPATH`); a peer that is not installed is left out with
 * a message.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { command, printTable, type Row, type Spent, timed } from "./measure.js";
import { ninjaOver } from "./ninja.js";
import { BenchSpace, settle } from "./space.js";

const text = (fallback: string) => ({ type: "string", default: fallback }) as const;
const { values } = parseArgs({ options: { python: text("python3"), items: text("5000"), jobs: text("60") } });
const [items, jobs] = [Number(values.items), Number(values.jobs)];
const SCRIPT = fileURLToPath(new URL("../../../bench/engine/peers.py", import.meta.url));
const space = new BenchSpace();

/** Dask's seconds of wall time alone: what its threads and processes spend is not told. */
async function dask(kind: "threaded" | "distributed"): Promise<Spent | undefined> {
  const { stdout, stderr } = await command(space.folder, values.python, SCRIPT, kind, String(items));
  const line = stdout.trim().split("\n").at(-1) ?? "";
  const said = (line.startsWith("{") ? JSON.parse(line) : { missing: stderr.trim().split("\n").at(-1) }) as {
    readonly missing?: string;
    readonly version?: string;
    readonly seconds?: number;
  };
  if (said.seconds === undefined) {
    console.log(`Dask (${kind}) is not installed for ${values.python}: ${said.missing}. Measured without it.`);
    return undefined;
  }
  console.log(`Dask ${said.version}, ${kind}`);
  return { wall: said.seconds, user: Number.NaN, system: Number.NaN };
}

/** Snakemake with a `cp` for each file, as ninja has it; undefined where it is not installed. */
function snakemake(names: readonly string[]): (() => Promise<Spent>) | undefined {
  const { status, stdout, stderr } = spawnSync(values.python, ["-m", "snakemake", "--version"], { encoding: "utf8" });
  if (status !== 0) {
    const why = stderr.trim().split("\n").at(-1);
    console.log(`Snakemake is not installed for ${values.python}: ${why}. Measured without it.`);
    return undefined;
  }
  console.log(`Snakemake ${stdout.trim()}`);
  const all = JSON.stringify(names.map((name) => `snaked/${name}`));
  const copy = '    input: "sources/{name}"\n    output: "snaked/{name}"\n    shell: "cp {input} {output}"\n';
  space.write("Snakefile", `rule all:\n    input: ${all}\nrule copy:\n${copy}`);
  return async () => {
    const ended = await command(space.folder, values.python, "-m", "snakemake", "--cores", "2", "--quiet", "all");
    if (ended.exit !== 0) throw new Error(`Snakemake ended with ${ended.exit}: ${ended.stderr}`);
    return ended;
  };
}

/** A cook with an empty store, opened before the clock starts; workers are started within the time. */
async function cold(graph: string): Promise<Spent> {
  const living = await space.open(graph, `${graph}-store`);
  const spent = await timed(() => living.cook());
  await living.close();
  return spent;
}

async function tasks(): Promise<Row[]> {
  const counted = { type: "studio/count", params: { count: items } };
  space.graph("without.json", { items: counted });
  space.graph("attributes.json", { items: counted, work: { type: "studio/answer", inputs: ["items"] } });
  const [threaded, distributed] = [await dask("threaded"), await dask("distributed")];
  const [without, attributes] = [await cold("without.json"), await cold("attributes.json")];
  return [
    ...(threaded === undefined ? [] : [{ what: "Dask threaded", spent: threaded, items }]),
    { what: "dag, items without work", spent: without, items, peer: threaded },
    ...(distributed === undefined ? [] : [{ what: "Dask distributed, 2 workers", spent: distributed, items }]),
    { what: "dag, attributes through workers", spent: attributes, items, peer: distributed },
  ];
}

async function files(): Promise<Row[]> {
  const names = Array.from({ length: jobs }, (_, place) => `${place}.txt`);
  space.files(
    names.map((name) => `sources/${name}`),
    (place) => `${place} `.padEnd(1024, "x"),
  );
  await settle();
  space.graph("files.json", { files: { type: "studio/copy", params: { directory: "$HIP/sources" } } });
  const runs = {
    ninja: ninjaOver(space, names),
    Snakemake: snakemake(names),
    dag: () => space.run("cook", "files.json"),
  };
  const rows: Row[] = [];
  for (const what of ["first", "nothing changed"]) {
    const peer = await runs.Snakemake?.();
    const ninja = await runs.ninja?.();
    if (peer !== undefined) rows.push({ what: `Snakemake, ${what}`, spent: peer, items: jobs });
    if (ninja !== undefined) rows.push({ what: `ninja, ${what}`, spent: ninja, items: jobs, peer });
    rows.push({ what: `dag, ${what}`, spent: await runs.dag(), items: jobs, peer });
  }
  return rows;
}

try {
  printTable(`${items} items, to Dask in the same run (once each)`, await tasks());
  printTable(`${jobs} files of 1 KB copied, as commands, to Snakemake in the same run (once each)`, await files());
} finally {
  space.remove();
}
