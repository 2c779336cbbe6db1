/**
 * Measures the store by itself: publishing 1 KB results, looking 100k of them up, remembered digests of as many files.
 * `node dist/bench/store.js [COUNT]`; files are written before the clock starts, as workers write them.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { realClock } from "../src/base/clock.js";
import { realFiles } from "../src/base/files.js";
import { digestOf } from "../src/base/hash.js";
import { openEntries } from "../src/store/libsql.js";
import { thisHost } from "../src/store/lock.js";
import { openStore } from "../src/store/open.js";
import type { Publication } from "../src/store/results.js";
import type { Store } from "../src/store/store.js";

const count = Number(process.argv[2] ?? 100_000);
const folder = mkdtempSync(join(tmpdir(), "dag-bench-"));
const store = join(folder, ".dag");
const parts = { files: realFiles, entries: openEntries, host: thisHost(), warn: console.error };
const later = { ...realClock, now: () => Date.now() + 10_000 };
const open = () => openStore({ folder: store, ...parts, clock: later });

async function timed<T>(what: string, work: () => T | Promise<T>, each = count): Promise<T> {
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  const answer = await work();
  tell(what, performance.now() - start, process.cpuUsage(cpu), each);
  return answer;
}

function tell(what: string, spent: number, cpu: NodeJS.CpuUsage, each: number): void {
  const rate = Math.round((each / spent) * 1000);
  const times = [spent, cpu.user / 1000, cpu.system / 1000].map((time) => time.toFixed(0).padStart(7)).join("");
  console.log(`${what.padEnd(44)} ${times} ms wall, user, system ${rate.toString().padStart(9)}/s`);
}

function publication(into: Store, index: number): Publication {
  const text = `${index} `.padEnd(1024, "x");
  const digest = digestOf(text);
  const directory = into.workspace.attempt();
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, "a.png"), text);
  const outputs = [{ digest, size: 1024, tag: "file/image", name: "a.png", made: true }];
  const { item, fingerprint } = items[index]!;
  const named = { item, fingerprint, name: `node_${index}`, node: "node", type: "type" };
  const manifest = `${index} `.padEnd(700, "manifest ");
  const rest = { manifest, directory, outputs, attributes: { index }, seconds: 0.01 };
  return { ...named, ...rest };
}

const items = Array.from({ length: count }, (_, index) => {
  return { item: digestOf(`item ${index}`), fingerprint: digestOf(`fingerprint ${index}`) };
});

try {
  let open1 = await open();
  const publishing = Math.min(count, 1000);
  let spent = 0;
  const cpu = { user: 0, system: 0 };
  for (let from = 0; from < count; from += publishing) {
    const length = Math.min(publishing, count - from);
    const publications = Array.from({ length }, (_, index) => publication(open1, from + index));
    const [start, before] = [performance.now(), process.cpuUsage()];
    await open1.results.publish(publications, "soon");
    spent += performance.now() - start;
    const used = process.cpuUsage(before);
    cpu.user += used.user;
    cpu.system += used.system;
  }
  tell("publish 1 KB results", spent, cpu, count);
  await timed("lookup in the living process", () => open1.results.lookup(items));
  await timed("close", () => open1.close(), 1);
  open1 = await timed("open", open, 1);
  const found = await timed("lookup in a new process", () => open1.results.lookup(items));
  console.log(`hits: ${found.filter(({ entry }) => entry !== undefined).length} of ${count}`);

  const sources = join(folder, "sources");
  mkdirSync(sources);
  const paths = items.map(({ item }) => join(sources, item));
  for (const path of paths) writeFileSync(path, path);
  await timed("digest of new files", async () => {
    for (const path of paths) await open1.files.digest(path);
  });
  await open1.close();
  open1 = await open();
  const names = items.map(({ item }) => item);
  await timed("knownDigests in a new process", () => open1.files.knownDigests(sources, "*", names));
  await timed("knownDigests", () => open1.files.knownDigests(sources, "*", names));
  await timed("startRun", () => open1.history.startRun("graph"), 1);
  rmSync(open1.blobs.path(digestOf("0 ".padEnd(1024, "x"))));
  await timed("startRun after a blob was taken away", () => open1.history.startRun("graph"), 1);
  await timed("stats", () => open1.stats(), 1);
  await timed("gc", () => open1.gc({ days: 30, last: true }), 1);
  await open1.close();
  rmSync(join(store, "store.db"));
  open1 = await timed("open, the database rebuilt", open);
  await open1.close();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
