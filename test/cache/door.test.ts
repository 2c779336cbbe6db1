/** The door to the engine that cooks with a store: who hears what. Real files; processes by argument. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "@jest/globals";
import { realClock } from "../../src/base/clock.js";
import { realFiles } from "../../src/base/files.js";
import { ask, openDoor } from "../../src/cache/door.js";
import { acquireLock, type Host } from "../../src/cache/lock.js";

const root = mkdtempSync(join(tmpdir(), "dag-door-"));
afterAll(() => rmSync(root, { recursive: true }));
let made = 0;

/** A store's folder, and a process by its number: alive as long as `alive` holds it. */
function place() {
  const folder = join(root, String(made++));
  mkdirSync(folder);
  const alive = new Set<number>();
  const host = (pid: number): Host => ({
    ...{ pid, started: "1", boot: "b", host: "h" },
    isAlive: (other) => alive.has(other),
  });
  const parts = (pid: number) => ({ folder, files: realFiles, host: host(pid) });
  const take = (pid: number) => {
    alive.add(pid);
    return acquireLock(realFiles, folder, host(pid));
  };
  return { folder, alive, parts, take };
}

describe("door", () => {
  test("door: the holder of the lock answers", async () => {
    const { parts, take } = place();
    expect(await ask(parts(2), "anybody?")).toBeUndefined();
    take(1);
    const close = openDoor(parts(1), realClock, (question) => ({ heard: question }));
    const answers = await Promise.all([1, 2, 3].map((n) => ask(parts(2), { n })));
    close();
    expect(answers).toEqual([1, 2, 3].map((n) => ({ heard: { n } })));
  });

  test("door: an engine that ends without a word leaves no answer, and the next does not hear the question", async () => {
    const { folder, alive, parts, take } = place();
    take(1);
    const asked = ask(parts(2), "stop");
    alive.delete(1);
    expect(await asked).toBeUndefined();
    expect(realFiles.list(join(folder, "door"))).toEqual([]);
    const left = { holder: JSON.stringify({ pid: 1, started: "1", boot: "b", host: "h" }), question: "stop" };
    writeFileSync(join(folder, "door", "left.asked"), JSON.stringify(left));
    writeFileSync(join(folder, "door", "junk.asked"), "[");
    writeFileSync(join(folder, "door", "long.asked"), JSON.stringify("x".repeat(70_000)));
    take(3);
    const heard: unknown[] = [];
    const close = openDoor(parts(3), realClock, (question) => heard.push(question));
    expect(await ask(parts(2), "mine")).toBe(1);
    close();
    expect(heard).toEqual(["mine"]);
  });
});
