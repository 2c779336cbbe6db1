/**
 * Cooks a little with a store, and is killed before its n-th change of files or database. Says each result that it was
 * told is published. `node killed.child.js FOLDER N`
 */
import { mkdirSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { type Files, realFiles } from "../../src/base/files.js";
import { digestOf } from "../../src/base/hash.js";
import type { OpenEntries } from "../../src/store/entries.js";
import { openEntries } from "../../src/store/libsql.js";
import { fingerprint, made, open, publishOne } from "./workbench.js";

const [folder, last] = [process.argv[2]!, Number(process.argv[3])];
let steps = 0;

function step(): void {
  steps += 1;
  if (steps !== last) return;
  process.kill(process.pid, "SIGKILL");
  for (;;);
}

const CHANGES = ["write", "append", "create", "makeDirectory", "rename", "remove", "protect", "copy", "sync"] as const;
const files: Files = { ...realFiles };
for (const name of CHANGES) {
  const change = realFiles[name] as (...given: unknown[]) => unknown;
  Object.assign(files, {
    [name]: (...given: unknown[]) => {
      step();
      return change(...given);
    },
  });
}

const entries: OpenEntries = (path, readonly) => {
  const opened = openEntries(path, readonly);
  const commit = opened.commit.bind(opened);
  opened.commit = (changes) => {
    step();
    commit(changes);
    step();
  };
  return opened;
};

const store = await open(folder, { files, entries });
const run = store.history.startRun("graph.json");
const resume = store.workspace.resume(fingerprint("b"));
mkdirSync(resume, { recursive: true });
writeFileSync(join(resume, "checkpoint"), "7");
for (const [word, seconds] of [
  ["a", 0.1],
  ["b", 2],
] as const) {
  const publication = made(store, { item: word, word, seconds, files: { "x.txt": `${word} x`, "y.txt": "the same" } });
  await publishOne(store, publication);
  writeSync(1, `${word}\n`);
  await store.files.place(digestOf(`${word} x`), join(folder, "out.txt"));
}
store.history.endRun(run, 0, {});
await store.close();
