/** Which changes of real folders and files are heard, with the real watcher. Every test waits for the watcher's word. */
import {
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { realClock } from "../../src/base/clock.js";
import { WatchedFiles } from "../../src/watch/files.js";

let folder: string;
let files: WatchedFiles;
let heard: Set<string>;
let wake: () => void;
let ours: (path: string) => boolean;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "dag-watch-")));
  heard = new Set();
  wake = () => {};
  ours = () => false;
  files = new WatchedFiles({
    clock: realClock,
    changed(path) {
      heard.add(path);
      wake();
    },
    isOurs: (path) => ours(path),
    failed(error) {
      throw error;
    },
  });
});
afterEach(() => {
  files.close();
  rmSync(folder, { recursive: true, force: true });
});

const at = (name: string) => join(folder, name);

function write(name: string, text = name): void {
  mkdirSync(dirname(at(name)), { recursive: true });
  writeFileSync(at(name), text);
}

const TEXTS = { directory: "", glob: "*.txt", recursive: false };

/** Waits until all of these were heard, and forgets what was. Answers what else was heard. */
async function receive(...names: string[]): Promise<string[]> {
  const wanted = names.map(at);
  while (!wanted.every((path) => heard.has(path)))
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
  const others = [...heard].filter((path) => !wanted.includes(path));
  heard.clear();
  return others;
}

/** Which of these were heard by the time that a later change of another watched file was. */
async function heardBefore(sentinel: string, ...names: string[]): Promise<string[]> {
  write(sentinel, String(Math.random()));
  const others = await receive(sentinel);
  return names.filter((name) => others.includes(at(name)));
}

/** The ways in which editors save. */
const SAVES: readonly [string, (name: string, text: string) => void][] = [
  ["in place", write],
  [
    "by renaming a new file over the old",
    (name, text) => {
      write(`${name}.tmp`, text);
      renameSync(at(`${name}.tmp`), at(name));
    },
  ],
  [
    "by renaming the old away and writing anew",
    (name, text) => {
      renameSync(at(name), at(`${name}~`));
      write(name, text);
      unlinkSync(at(`${name}~`));
    },
  ],
  [
    "by removing it and writing anew",
    (name, text) => {
      unlinkSync(at(name));
      write(name, text);
    },
  ],
];

describe("a watched file", () => {
  test.each(SAVES)("saved %s is heard every time, and nothing beside it", async (_how, save) => {
    write("a.json", "0");
    write("other.json");
    await files.add(at("a.json"));
    // More than one watched folder, as in every graph.
    write("in/one.txt");
    await files.add(at("in"), TEXTS);
    for (let time = 1; time <= 5; time++) {
      save("a.json", `text ${time}`);
      expect(await receive("a.json")).toEqual([]);
      write("other.json", `other ${time}`);
    }
  });

  test("that is gone, and later returns, is heard both times", async () => {
    write("a.json");
    await files.add(at("a.json"));
    unlinkSync(at("a.json"));
    await receive("a.json");
    write("a.json", "back");
    await receive("a.json");
    write("a.json", "changed");
    await receive("a.json");
  });

  test("behind links: its target changes, is replaced, vanishes and returns; the link leads elsewhere", async () => {
    write("far/target.txt", "1");
    write("far/second.txt", "2");
    symlinkSync(at("far/target.txt"), at("between"));
    symlinkSync("between", at("link"));
    await files.add(at("link"));
    write("far/target.txt", "changed");
    await receive("link");
    SAVES[1]![1]("far/target.txt", "replaced");
    await receive("link");
    unlinkSync(at("far/target.txt"));
    await receive("link");
    write("far/target.txt", "back");
    await receive("link");
    symlinkSync(at("far/second.txt"), at("new"));
    renameSync(at("new"), at("between"));
    await receive("link");
    write("far/second.txt", "seen there");
    await receive("link");
  });
});

describe("a watched folder", () => {
  test("tells what a listing takes, and nothing else in it", async () => {
    write("in/a.txt");
    write("beside.json");
    await files.add(at("in"), TEXTS);
    await files.add(at("beside.json"));
    for (const [, save] of SAVES) {
      save("in/a.txt", String(Math.random()));
      expect(await receive("in/a.txt")).toEqual([]);
    }
    write("in/b.txt");
    await receive("in/b.txt");
    unlinkSync(at("in/b.txt"));
    await receive("in/b.txt");
    write("in/notes.md");
    write("in/.a.txt.swp");
    write("in/below/c.txt");
    expect(await heardBefore("beside.json", "in/notes.md", "in/.a.txt.swp", "in/below/c.txt", "in/below")).toEqual([]);
  });

  test("with those below: folders that come, go and return, and what is in them", async () => {
    write("in/a.txt");
    const look = () => files.add(at("in"), { ...TEXTS, recursive: true });
    await look();
    mkdirSync(at("in/sub/deep"), { recursive: true });
    await receive("in/sub");
    await look();
    write("in/sub/b.txt");
    await receive("in/sub/b.txt");
    write("in/sub/deep/c.txt");
    await receive("in/sub/deep/c.txt");
    rmSync(at("in/sub"), { recursive: true });
    await receive("in/sub");
    write("in/sub/b.txt", "back");
    await receive("in/sub");
    await look();
    write("in/sub/b.txt", "changed");
    await receive("in/sub/b.txt");
  });

  test("a burst of a thousand files: every one is heard", async () => {
    mkdirSync(at("in"));
    await files.add(at("in"), TEXTS);
    const names = Array.from({ length: 1000 }, (_, number) => `in/${number}.txt`);
    for (const name of names) write(name);
    await receive(...names);
    for (const name of names) write(name, "again");
    await receive(...names);
  });

  test("removed with the folders around it, and made again: it is heard, and so is what is in it then", async () => {
    write("data/set/in/a.txt");
    await files.add(at("data/set/in"), TEXTS);
    for (let time = 0; time < 3; time++) {
      rmSync(at("data"), { recursive: true });
      await receive("data/set/in");
      write("data/set/in/a.txt", "back");
      await receive("data/set/in");
      await files.add(at("data/set/in"), TEXTS);
      heard.clear();
      write("data/set/in/a.txt", `changed ${time}`);
      await receive("data/set/in/a.txt");
    }
  });

  test("that is not there yet is heard when it comes", async () => {
    await files.add(at("later/in"), TEXTS);
    write("later/in/a.txt");
    await receive("later/in");
  });

  test("moved away and another put in its place: what is in the other is heard", async () => {
    write("in/a.txt");
    write("other/a.txt", "of the other");
    await files.add(at("in"), TEXTS);
    renameSync(at("in"), at("old"));
    await receive("in");
    renameSync(at("other"), at("in"));
    await receive("in");
    await files.add(at("in"), TEXTS);
    heard.clear();
    write("in/a.txt", "changed");
    await receive("in/a.txt");
  });

  test("behind a link: what is in it, and the link that leads to another", async () => {
    write("first/a.txt");
    write("second/a.txt", "of the second");
    symlinkSync(at("first"), at("in"));
    await files.add(at("in"), TEXTS);
    write("first/a.txt", "changed");
    await receive("in/a.txt");
    symlinkSync(at("second"), at("new"));
    renameSync(at("new"), at("in"));
    await receive("in");
    await files.add(at("in"), TEXTS);
    heard.clear();
    write("second/a.txt", "changed");
    await receive("in/a.txt");
  });

  test("with linked files in it: their targets change and are replaced, a link leads elsewhere", async () => {
    write("far/one.txt");
    write("far/two.txt", "the second");
    mkdirSync(at("in"));
    symlinkSync(at("far/one.txt"), at("in/a.txt"));
    await files.add(at("in"), TEXTS);
    write("far/one.txt", "changed");
    await receive("in/a.txt");
    SAVES[1]![1]("far/one.txt", "replaced");
    await receive("in/a.txt");
    symlinkSync(at("far/two.txt"), at("new"));
    renameSync(at("new"), at("in/a.txt"));
    await receive("in/a.txt");
  });

  test("with links to folders in it, rings among them: they are not followed, as no listing does", async () => {
    write("in/deep/a.txt");
    write("far/x.txt");
    symlinkSync("..", at("in/up"));
    symlinkSync("ring.txt", at("in/ring.txt"));
    symlinkSync(at("far"), at("in/other"));
    await files.add(at("in"), { ...TEXTS, recursive: true });
    write("far/x.txt", "changed");
    expect(await heardBefore("in/deep/a.txt", "in/other/x.txt", "in/up/far/x.txt")).toEqual([]);
    unlinkSync(at("in/ring.txt"));
    write("in/ring.txt", "a file by now");
    await receive("in/ring.txt");
    write("in/ring.txt", "changed");
    await receive("in/ring.txt");
  });

  test("what the cooks themselves write, and what nobody looks at any more, is not heard", async () => {
    write("in/a.txt");
    write("out/store/x.txt");
    write("beside.json");
    ours = (path) => path === at("in/made.txt") || path.startsWith(at("out/store"));
    await files.add(at("in"), TEXTS);
    await files.add(at("out"), { ...TEXTS, recursive: true });
    await files.add(at("beside.json"));
    write("in/made.txt");
    write("out/store/x.txt", "changed");
    expect(await heardBefore("beside.json", "in/made.txt", "out/store/x.txt")).toEqual([]);
    files.turn();
    await files.add(at("beside.json"));
    files.leaveOthers();
    write("in/a.txt", "changed");
    expect(await heardBefore("beside.json", "in/a.txt")).toEqual([]);
  });
});
