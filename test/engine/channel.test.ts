/** The channel of a living engine: who hears what. Real sockets and files; processes by argument. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "@jest/globals";
import { realFiles } from "../../src/base/files.js";
import { type Caller, callEngine, openChannel } from "../../src/engine/channel.js";
import { acquireLock, type Host } from "../../src/store/lock.js";

const root = mkdtempSync(join(tmpdir(), "dag-channel-"));
afterAll(() => rmSync(root, { recursive: true }));
let made = 0;

/** A store's folder, and a process by its number: alive as long as `alive` holds it. */
function place() {
  const folder = join(root, String(made++));
  mkdirSync(folder);
  const sockets = join(folder, "run");
  mkdirSync(sockets);
  const alive = new Set<number>();
  const host = (pid: number): Host => ({
    ...{ pid, started: "1", boot: "b", host: "h" },
    isAlive: (other) => alive.has(other),
  });
  const take = (pid: number) => {
    alive.add(pid);
    return acquireLock(realFiles, folder, host(pid));
  };
  const system = { platform: process.platform, runtimeFolder: sockets, temporaryFolder: sockets };
  const open = (pid: number, heard: (said: unknown, caller: Caller) => void, longest = 1000) =>
    openChannel({ folder, longest, received: heard }, host(pid), system);
  const call = async (said: unknown) => {
    const lines: unknown[] = [];
    const isAlive = await callEngine(folder, said, (line) => lines.push(line), host(99));
    return { isAlive, lines };
  };
  const address = () => JSON.parse(readFileSync(join(folder, "engine.json"), "utf8"));
  return { folder, sockets, alive, take, open, call, address };
}

const echo = (said: unknown, caller: Caller): void => {
  caller.send({ said });
  caller.end();
};

/** All that comes back of some bytes. */
function raw(path: string, bytes: string): Promise<string> {
  return new Promise((done) => {
    let text = "";
    const socket = connect(path, () => socket.end(bytes));
    socket.setEncoding("utf8").on("data", (more) => {
      text += more;
    });
    socket.on("error", () => {}).on("close", () => done(text));
  });
}

describe("the channel", () => {
  test("the engine that has the store's lock is spoken to, by many at once; nobody where there is none", async () => {
    const { take, open, call, alive } = place();
    expect(await call("anybody?")).toEqual({ isAlive: false, lines: [] });
    take(1);
    const close = await open(1, echo);
    const answers = await Promise.all([1, 2, 3].map((n) => call({ n })));
    expect(answers).toEqual([1, 2, 3].map((n) => ({ isAlive: true, lines: [{ said: { n } }] })));
    await close();
    alive.clear();
    expect((await call("still?")).isAlive).toBe(false);
  });

  test("many lines, and long ones, come whole; what was sent before the end is read", async () => {
    const { take, open, call } = place();
    take(1);
    const long = "ä".repeat(3_000_000);
    let caller: Caller | undefined;
    const close = await open(1, (_said, from) => {
      caller = from;
      for (let n = 0; n < 1000; n++) from.send({ n });
      from.send({ long });
    });
    const called = call("all");
    while (caller === undefined) await new Promise((tick) => setTimeout(tick, 5));
    await close();
    const { lines } = await called;
    expect(lines).toHaveLength(1001);
    expect(lines.at(-1)).toEqual({ long });
  });

  test("an engine that died leaves a file that nobody takes for a living one, and what it left is cleared", async () => {
    const { take, open, call, alive, sockets, folder } = place();
    take(1);
    await open(1, echo);
    alive.delete(1);
    expect((await call("dead?")).isAlive).toBe(false);
    take(2);
    // Its process lives; it is not the one that the file names, and listens later.
    const called = call("who?");
    const close = await open(2, (_said, caller) => echo("the second", caller));
    expect((await called).lines).toEqual([{ said: "the second" }]);
    expect(readdirSync(sockets)).toHaveLength(1);
    await close();
    expect([readdirSync(sockets), readdirSync(folder).includes("engine.json")]).toEqual([[], false]);
  });

  test("one that has the lock and does not listen is said to be there", async () => {
    const { take, call, folder } = place();
    take(1);
    await expect(call("hello?")).rejects.toThrow(`The store ${folder} is in use by process 1, which does not respond.`);
  });

  test("strangers: the file and the socket's folder are the user's alone; without the token nothing is heard", async () => {
    const { take, open, address, folder } = place();
    take(1);
    const heard: unknown[] = [];
    const close = await open(1, (said) => heard.push(said));
    const { path, folder: own, token } = address();
    expect(statSync(join(folder, "engine.json")).mode & 0o777).toBe(0o600);
    expect([statSync(own).mode & 0o777, statSync(path).mode & 0o777]).toEqual([0o700, 0o600]);
    for (const said of [
      { said: "x" },
      { token: "", said: "x" },
      { token: token.slice(1), said: "x" },
      { token: `${"é".repeat(token.length)}`, said: "x" },
      { token: [token], said: "x" },
      null,
    ])
      expect(await raw(path, `${JSON.stringify(said)}\n`)).toBe("");
    for (const bytes of ["\n", "{\n", "no line", "\0\u00ff\n"]) expect(await raw(path, bytes)).toBe("");
    expect(heard).toEqual([]);
    await close();
  });

  test("a request that is too long is not kept, and others go on", async () => {
    const { take, open, call, address } = place();
    take(1);
    const close = await open(1, echo, 500);
    const { path, token } = address();
    expect(await raw(path, `${JSON.stringify({ token, said: "x".repeat(600) })}\n`)).toBe("");
    expect(await raw(path, "x".repeat(100_000))).toBe("");
    expect((await call("short")).lines).toEqual([{ said: "short" }]);
    await close();
  });

  test("a file that is no address: as if there were none", async () => {
    const { take, call, folder } = place();
    writeFileSync(join(folder, "engine.json"), '{"version":1,"path":5}');
    expect((await call("?")).isAlive).toBe(false);
    take(1);
    await expect(call("?")).rejects.toThrow("does not respond");
  });
});
