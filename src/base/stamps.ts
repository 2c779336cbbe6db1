/**
 * Stamps of many files at once. A look at a file costs the system some microseconds, so that two threads look: each takes
 * the next group of names from one counter until none is left. Knows nothing of what the files are.
 */
import { sep } from "node:path";
import { MessageChannel, type MessagePort, Worker } from "node:worker_threads";
import { stampAt } from "./stamp.js";

/** Names in a group: some milliseconds of looking. */
const GROUP = 512;
/** From here on the other thread is worth its start (40 ms of its core, 2 ms of ours). */
const MANY = 8192;
/** No file's name holds it. */
const BETWEEN = "\0";

/** What both threads look at. */
export interface Looks {
  /** Of each a folder, with a separator, and names in it, joined. */
  readonly groups: readonly string[];
  /** The next group that nobody has taken. */
  readonly next: Int32Array<SharedArrayBuffer>;
}

/** What the other thread is sent. */
export type Request = Looks & { readonly port: MessagePort };

/** What a thread saw: by the group's place, the stamps, joined. */
export type Seen = readonly (readonly [number, string])[];

interface Asked {
  readonly folder: string;
  readonly names: readonly string[];
  answer(stamps: readonly string[]): void;
}

const waiting: Asked[] = [];
let other: Worker | undefined;

/** In the order of the names, which are relative to the folder; empty for what cannot be seen. */
export function stampsIn(folder: string, names: readonly string[]): Promise<readonly string[]> {
  return new Promise((answer) => {
    const asked = { folder: folder.endsWith(sep) ? folder : `${folder}${sep}`, names, answer };
    if (names.length >= MANY) return void lookAt([asked]);
    // All that is asked for in one turn is looked at together: a thousand folders of a hundred files are many files.
    if (waiting.length === 0) setImmediate(() => void lookAt(waiting.splice(0)));
    waiting.push(asked);
  });
}

/** Looks at group after group until all are taken. */
export function lookAll({ groups, next }: Looks): Seen {
  const seen: [number, string][] = [];
  for (let place = Atomics.add(next, 0, 1); place < groups.length; place = Atomics.add(next, 0, 1)) {
    seen.push([place, look(groups[place]!)]);
  }
  return seen;
}

async function lookAt(asked: readonly Asked[]): Promise<void> {
  const groups = asked.flatMap(({ folder, names }) => groupsOf(folder, names));
  const stamps = new Array<string | undefined>(groups.length);
  if (asked.reduce((sum, { names }) => sum + names.length, 0) >= MANY) {
    const looks: Looks = { groups, next: new Int32Array(new SharedArrayBuffer(4)) };
    const helped = askOther(looks);
    // Who asked goes on first: meanwhile the other thread looks alone.
    await new Promise(setImmediate);
    for (const [place, seen] of lookAll(looks)) stamps[place] = seen;
    for (const [place, seen] of await helped) stamps[place] = seen;
  }
  let at = 0;
  for (const { names, answer } of asked) {
    const all: string[] = [];
    // What the other thread had taken and did not answer is left.
    for (; all.length < names.length; at++) all.push(...(stamps[at] ?? look(groups[at]!)).split(BETWEEN));
    answer(all);
  }
}

function groupsOf(folder: string, names: readonly string[]): string[] {
  const groups: string[] = [];
  for (let from = 0; from < names.length; from += GROUP) {
    groups.push([folder, ...names.slice(from, from + GROUP)].join(BETWEEN));
  }
  return groups;
}

function look(group: string): string {
  const [folder, ...names] = group.split(BETWEEN) as [string, ...string[]];
  return names.map((name) => stampAt(folder + name)).join(BETWEEN);
}

/** Resolves with nothing where the other thread cannot be had. */
function askOther(looks: Looks): Promise<Seen> {
  other ??= startOther();
  const { port1, port2 } = new MessageChannel();
  const seen = new Promise<Seen>((resolve) => {
    port1.once("message", resolve);
    port1.once("close", () => resolve([]));
  });
  other.postMessage({ ...looks, port: port2 } satisfies Request, [port2]);
  return seen.finally(() => port1.close());
}

function startOther(): Worker {
  // Named as from any folder of src: the bundle has this module in another.
  const worker = new Worker(new URL("../base/stamps-thread.js", import.meta.url));
  worker.on("error", () => {});
  worker.on("exit", () => {
    other = undefined;
  });
  // It ends with the process, and keeps it from ending no longer than an answer is waited for.
  worker.unref();
  return worker;
}
