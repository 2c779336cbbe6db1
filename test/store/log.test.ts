import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { type Files, realFiles } from "../../src/base/files.js";
import type { Result } from "../../src/store/entries.js";
import { CommitLog, LOG_START, lastEpoch, readLog } from "../../src/store/log.js";
import { fingerprint } from "./workbench.js";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dag-log-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function result(word: string): Result {
  const named = { item: word, name: word, node: "node", type: "type", manifest: `${word}\n"ü"` };
  const rest = { outputs: [], attributes: {}, seconds: 0.5, boot: null, created: 7 };
  return { fingerprint: fingerprint(word), ...named, ...rest };
}

/** Items of the results that are read, and `-` for those left out. */
function words(from?: Parameters<typeof readLog>[2]): string[] {
  return [...readLog(realFiles, folder, from)].map((line) => ("drop" in line ? "-" : line.item));
}

function piece(): string {
  return join(folder, readdirSync(folder).sort().at(-1)!);
}

describe("the commit log", () => {
  test("the commit log: groups are read in the order of their writing, whole and from any position between them", () => {
    const log = new CommitLog(realFiles, folder, 3);
    const start = log.end;
    log.append([result("a"), result("b")]);
    const middle = log.end;
    log.append([{ drop: fingerprint("a") }]);
    log.append([]);
    log.append([result("c")]);
    expect([words(), words(LOG_START), words(start)]).toEqual(Array(3).fill(["a", "b", "-", "c"]));
    expect([words(middle), words(log.end)]).toEqual([["-", "c"], []]);
    expect([...readLog(realFiles, folder)][1]).toEqual(result("b"));
    expect([lastEpoch(realFiles, folder), lastEpoch(realFiles, join(folder, "none"))]).toEqual([3, 0]);
  });

  test("the commit log: of a group that was cut anywhere, nothing counts, and the groups around it do", () => {
    const log = new CommitLog(realFiles, folder, 1);
    log.append([result("a")]);
    const { offset } = log.end;
    log.append([result("b"), result("c")]);
    const whole = readFileSync(piece());
    for (let size = offset; size < whole.length; size += 7) {
      writeFileSync(piece(), whole.subarray(0, size));
      expect(words()).toEqual(["a"]);
    }
    truncateSync(piece(), offset + 40);
    log.append([result("d")]);
    expect(words()).toEqual(["a", "d"]);
  });

  test("the commit log: a group whose bytes are others is passed over", () => {
    const log = new CommitLog(realFiles, folder, 1);
    for (const word of ["a", "b", "c"]) log.append([result(word)]);
    const text = readFileSync(piece(), "utf8");
    writeFileSync(piece(), text.replace('"item":"b"', '"item":"x"'));
    expect(words()).toEqual(["a", "c"]);
    writeFileSync(piece(), `${text}{"seal":"0","bytes":999999}\n{"seal":\n{"seal":"0","bytes":-1}\n`);
    expect(words()).toEqual(["a", "b", "c"]);
  });

  test("the commit log: after a full disk the next group begins a file of its own, and positions stay right", () => {
    let isFull = false;
    const append = (path: string, text: string): void => {
      if (!isFull) {
        realFiles.append(path, text);
        return;
      }
      appendFileSync(path, text.slice(0, text.length / 2));
      throw Object.assign(new Error("full"), { code: "ENOSPC" });
    };
    const files: Files = { ...realFiles, append };
    const log = new CommitLog(files, folder, 1);
    log.append([result("a")]);
    isFull = true;
    expect(() => log.append([result("b")])).toThrow("full");
    isFull = false;
    const { end } = log;
    log.append([result("c")]);
    expect([words(), words(end)]).toEqual([["a", "c"], ["c"]]);
  });

  test("the commit log: what replaces it is read instead, but not by those who know the tables", async () => {
    const log = new CommitLog(realFiles, folder, 1);
    for (const word of ["a", "b", "c"]) log.append([result(word)]);
    let reserved = LOG_START;
    log.replace([result("c"), result("a")], 5, (end) => {
      reserved = end;
    });
    expect([words(), words(reserved)]).toEqual([["c", "a"], []]);
    log.append([result("d")]);
    await log.sync();
    expect([words(), words(reserved)]).toEqual([["c", "a", "d"], ["d"]]);
  });

  test("the commit log: what versions without groups wrote is read where everything is, and before the rest", () => {
    const text = [result("old"), { drop: fingerprint("x") }].map((line) => JSON.stringify(line)).join("\n");
    writeFileSync(join(folder, "00000002-000000.jsonl"), `\n${text}\n{"fingerprint":"half`);
    expect([words(), words(LOG_START), lastEpoch(realFiles, folder)]).toEqual([["old", "-"], [], 2]);
    new CommitLog(realFiles, folder, 3).append([result("new")]);
    expect([words(), words(LOG_START)]).toEqual([["old", "-", "new"], ["new"]]);
  });
});
