/**
 * The image path beside sharp, vips and PIL: conversions of many small files and of large ones, and training pairs. Of a cook, the CPU time
 * is that of the whole command, less that of an equal cook that copies the files.
 *
 *   node dist/bench/images.js [--count 3000] [--rounds 3] [--pairs 400] [--python python3]
 *     [--only WORDS] [--exr]
 *
 * With `--exr` only: EXR files of 2048², three channels, to float32 beside OpenEXR's own package for Python.
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import sharp, { type Sharp } from "sharp";
import { command, type EndedCommand } from "./engine/measure.js";
import { BenchSpace } from "./engine/space.js";
import { type Peak, watchMemory } from "./images/memory.js";

const text = (fallback: string) => ({ type: "string", default: fallback }) as const;
const { values } = parseArgs({
  options: {
    count: text("3000"),
    rounds: text("3"),
    pairs: text("400"),
    python: text("python3"),
    only: text(""),
    exr: { type: "boolean", default: false },
  },
});
const [count, rounds, pairs] = [Number(values.count), Number(values.rounds), Number(values.pairs)];
const SHARP = fileURLToPath(new URL("images/sharp.js", import.meta.url));
const EXR = fileURLToPath(new URL("images/exr.js", import.meta.url));
const PAIRS = fileURLToPath(new URL("images/pairs.js", import.meta.url));
const PIL = fileURLToPath(new URL("../../bench/images_pil.py", import.meta.url));

/** Large files of each kind. */
const LARGE = 4;

/** What is done to each file of a folder: by a node type here, by `work` in the peers. */
interface Case {
  readonly what: string;
  readonly folder: string;
  readonly type: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** As `images/sharp.ts` reads it. */
  readonly work: string;
  /** Arguments of `vips` between the input and what follows the output. */
  readonly vips?: (from: string, to: string) => readonly string[];
}

interface Measured extends Peak {
  readonly cpu: number;
}

const CASES: readonly Case[] = [
  ...[
    { what: `${count} PNGs of 64² to JPEG`, params: { format: "jpeg" }, work: "jpeg" },
    { what: `${count} PNGs of 64² to 32²`, params: { width: 32 }, work: "32.png" },
  ].map((each) => ({ ...each, folder: "small", type: "image_convert" })),
  {
    ...{ what: `${count} PNGs of 64² mirrored`, folder: "small", type: "augment", work: "flop" },
    params: { horizontal_flip: 1 },
  },
  ...["jpeg", "png"].map((format) => ({
    ...{
      what: `${LARGE} ${format.toUpperCase()}s of 4096² to 1024²`,
      folder: `large-${format}`,
      type: "image_convert",
    },
    ...{ params: { width: 1024 }, work: `1024.${format}` },
    vips: (from: string, to: string) => ["thumbnail", from, `${to}.${format === "jpeg" ? "jpg" : "png"}`, "1024"],
  })),
  {
    ...{ what: `${LARGE} JPEGs of 4096² to PNG`, folder: "large-jpeg", type: "image_convert" },
    ...{ params: { format: "png" }, work: "png", vips: (from: string, to: string) => ["copy", from, `${to}.png`] },
  },
];

const space = new BenchSpace();
const scratch = mkdtempSync(join(tmpdir(), "dag-images-"));
try {
  if (values.exr) await compareExr();
  else await compareAll();
} finally {
  space.remove();
  rmSync(scratch, { recursive: true });
}

/** Reading each codec, with half and float samples. */
async function compareExr(): Promise<void> {
  const run = async (program: string, ...args: string[]) => {
    const { stdout, exit, stderr } = await command(space.folder, program, ...args);
    if (exit !== 0) throw new Error(`${program} ended with ${exit}: ${stderr}`);
    return stdout;
  };
  const files = mkdtempSync(join(scratch, "exr-"));
  await run(values.python, PIL, "exr-write", files, "2048");
  const ours = JSON.parse(await run(process.execPath, EXR, files)) as Record<string, number>;
  const theirs = JSON.parse(await run(values.python, PIL, "exr-read", files)) as Record<string, number>;
  const ms = (value: number) => `${(1000 * value).toFixed(0)} ms`;
  const rows = Object.entries(ours).map(([name, own]) => {
    const peer = theirs[name] ?? Number.NaN;
    return [name.replace(".exr", ""), ms(own), ms(peer), ratio(own, peer)];
  });
  print(["EXR of 2048²", "dag", "OpenEXR", "ratio"], rows);
}

async function compareAll(): Promise<void> {
  await writeImages();
  const rows = [];
  for (const each of CASES.filter(({ what }) => what.includes(values.only))) rows.push(await compared(each));
  print(["case", "dag", "sharp", "to sharp (1.3)", "vips", "PIL", "MB", "of sharp", "to sharp (1.5)"], rows);
  const made = [];
  for (const change of ["flips", "turns"]) made.push(await comparedPairs(change));
  print(["a pair of 256²", "dag", "PIL + torch", "ratio"], made);
}

/** Images with a photograph's detail; no two files are the same. */
async function writeImages(): Promise<void> {
  const [large, other] = [pictured(4096, 1), pictured(512, 2)];
  for (const folder of ["small", "large-jpeg", "large-png", "input", "reference"]) mkdirSync(space.path(folder));
  const jpeg = await large.clone().jpeg({ quality: 90 }).toBuffer();
  const png = await large.clone().png({ compressionLevel: 1 }).toBuffer();
  for (let at = 0; at < LARGE; at++) {
    writeFileSync(space.path(`large-jpeg/${at}.jpg`), Buffer.concat([jpeg, Buffer.from(`${at}`)]));
    writeFileSync(space.path(`large-png/${at}.png`), Buffer.concat([png, Buffer.from(`${at}`)]));
  }
  const cut = (side: number, at: number, name: string) => {
    const region = { left: (at * 61) % (512 - side), top: (at * 37) % (512 - side), width: side, height: side };
    return other.clone().extract(region).png().toFile(space.path(name));
  };
  for (let at = 0; at < count; at++) await cut(64, at, `small/${at}.png`);
  for (let at = 0; at < 100; at++) {
    await cut(256, at, `input/${at}.png`);
    await cut(256, at + 1000, `reference/${at}.png`);
  }
}

/** Of 512² that repeat: waves and noise, which compress as photographs do. */
function pictured(side: number, seed: number): Sharp {
  const tile = new Uint8Array(3 * 512 * 512);
  let noise = seed;
  for (let at = 0; at < tile.length; at++) {
    const [x, y, c] = [Math.floor(at / 3) % 512, Math.floor(at / 1536), at % 3];
    noise = (noise * 1103515245 + 12345) % 2 ** 31;
    const waves = 60 * Math.sin(x / (9 + c)) * Math.cos(y / 17) + 30 * Math.sin((x * y) / 9e3);
    tile[at] = 128 + waves + (noise / 2 ** 31) * 12;
  }
  const data = new Uint8Array(3 * side * side);
  for (let y = 0; y < side; y++) {
    const row = tile.subarray((y % 512) * 1536, ((y % 512) + 1) * 1536);
    for (let x = 0; x < side; x += 512) data.set(row, (y * side + x) * 3);
  }
  return sharp(data, { raw: { width: side, height: side, channels: 3 } });
}

/** The medians of a case, its programs in turn. */
async function compared(one: Case): Promise<readonly string[]> {
  const images = { type: "image_import", params: { directory: `$HIP/${one.folder}` } };
  const graphs = { copy: { type: "studio/copied" }, cook: { type: one.type, params: one.params } };
  for (const [name, node] of Object.entries(graphs)) {
    space.graph(`${name}.json`, { images, work: { ...node, inputs: ["images"] } });
  }
  let next = 0;
  const folder = () => mkdtempSync(join(scratch, `${next++}-`));
  const cook = (graph: string) => () => space.run("cook", graph, "--store", folder(), "--progress", "quiet");
  const on =
    (program: string, ...args: string[]) =>
    () =>
      command(space.folder, program, ...args, one.work, one.folder, folder());
  const programs = {
    cook: cook("cook.json"),
    copy: cook("copy.json"),
    sharp: on(process.execPath, SHARP),
    pil: on(values.python, PIL, "convert"),
    vips: one.vips && (() => vips(one, folder())),
  };
  const all: Record<string, Measured[]> = {};
  for (let round = 0; round < rounds; round++) {
    for (const [name, run] of Object.entries(programs)) {
      const measured = run && (await measure(run));
      if (measured) all[name] = [...(all[name] ?? []), measured];
    }
  }
  const of = (name: string, key: keyof Measured) => median((all[name] ?? []).map((each) => each[key]));
  const cpu = of("cook", "cpu") - of("copy", "cpu");
  return [
    ...[one.what, seconds(cpu), seconds(of("sharp", "cpu")), ratio(cpu, of("sharp", "cpu"))],
    ...[seconds(of("vips", "cpu")), seconds(of("pil", "cpu"))],
    ...[of("cook", "largest"), of("sharp", "largest")].map((megabytes) => megabytes.toFixed(0)),
    ratio(of("cook", "largest"), of("sharp", "largest")),
  ];
}

/** One process a file, as a shell script would. */
async function vips({ folder, vips: args }: Case, to: string): Promise<EndedCommand> {
  const files = readdirSync(space.path(folder));
  const line = files.map((name) => ["vips", ...args!(join(folder, name), join(to, basename(name)))].join(" "));
  return command(space.folder, "sh", "-c", line.join(" && "));
}

/** Undefined where the program is not there. */
async function measure(run: () => Promise<EndedCommand>): Promise<Measured | undefined> {
  const stop = watchMemory();
  const { user, system, exit, stderr } = await run();
  const peak = stop();
  if (exit === 0) return { cpu: user + system, ...peak };
  console.error(`Left out: ${stderr.trim().split("\n").at(-1)}`);
  return undefined;
}

async function comparedPairs(change: string): Promise<readonly string[]> {
  const all: Record<string, number[]> = { dag: [], torch: [] };
  const run = async (name: string, program: string, ...args: string[]) => {
    const { stdout, exit, stderr } = await command(space.folder, program, ...args, space.folder, `${pairs}`, change);
    if (exit === 0) all[name]!.push((JSON.parse(stdout) as { readonly cpu: number }).cpu);
    else console.error(`Left out: ${stderr.trim().split("\n").at(-1)}`);
  };
  for (let round = 0; round < rounds; round++) {
    await run("dag", process.execPath, PAIRS);
    await run("torch", values.python, PIL, "pairs");
  }
  const [dag, torch] = [median(all.dag!), median(all.torch!)];
  const words = change === "flips" ? "flips (goal 1.2)" : "flips, rotation, crop (goal 1.5)";
  return [words, `${(1000 * dag).toFixed(2)} ms`, `${(1000 * torch).toFixed(2)} ms`, ratio(dag, torch)];
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted.length === 0 ? Number.NaN : (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}

function seconds(value: number): string {
  return Number.isNaN(value) ? "—" : `${value.toFixed(2)} s`;
}

function ratio(own: number, peer: number): string {
  return Number.isNaN(own / peer) ? "—" : `${(own / peer).toFixed(2)}×`;
}

function print(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  console.log(["", line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n"));
}
