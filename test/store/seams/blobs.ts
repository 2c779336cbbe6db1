/** What every implementation of blobs must do: each is tested by these. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { digestOf } from "../../../src/base/hash.js";
import type { BlobRef, Blobs } from "../../../src/store/blobs.js";
import { refusal } from "../workbench.js";

/** `make`: blobs whose data is in `folder`; `close` ends them, and the same folder can be opened again. */
export function blobsConform(make: (folder: string) => Promise<{ blobs: Blobs; close(): Promise<void> }>): void {
  let folder = "";
  let opened: { blobs: Blobs; close(): Promise<void> };
  let blobs: Blobs;
  const open = async () => {
    opened = await make(folder);
    blobs = opened.blobs;
  };
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "dag-blobs-"));
    await open();
  });
  afterEach(async () => {
    await opened.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const put = (text: string): Promise<BlobRef> => {
    const file = join(folder, "given");
    writeFileSync(file, text);
    return blobs.put(file);
  };

  test("put: the bytes are known by digest and size, and read as they were, now and later", async () => {
    const blob = await put("héllo");
    expect(blob).toEqual({ digest: digestOf("héllo"), size: 6 });
    expect(await blobs.absent([blob])).toEqual([]);
    await opened.close();
    await open();
    const [path] = await blobs.get([blob]);
    expect(readFileSync(path!, "utf8")).toBe("héllo");
    expect(path).toBe(blobs.path(blob.digest));
  });

  test("put: the file is taken over, and its bytes are for reading only", async () => {
    const blob = await put("a");
    expect(await refusal((async () => readFileSync(join(folder, "given")))())).toMatch(/ENOENT/);
    const [path] = await blobs.get([blob]);
    expect(statSync(path!).mode & 0o222).toBe(0);
  });

  test("put: the same bytes again are one blob; an empty file is a blob", async () => {
    expect(await put("a")).toEqual(await put("a"));
    expect(await put("")).toEqual({ digest: digestOf(""), size: 0 });
    expect(await refusal(blobs.put(join(folder, "none")))).toMatch(/^Cannot put /);
  });

  test("absent: in the order asked, those that are not here", async () => {
    const blob = await put("a");
    const none = [digestOf("x"), digestOf("y")].map((digest) => ({ digest, size: 1 }));
    expect(await blobs.absent([none[1]!, blob, none[0]!])).toEqual([none[1], none[0]]);
    expect(await blobs.absent([])).toEqual([]);
  });

  test("get: a blob that is missing or was cut short is never handed out", async () => {
    const [good, cut] = [await put("good"), await put("cut short")];
    const path = blobs.path(cut.digest);
    chmodSync(path, 0o600);
    truncateSync(path, 3);
    expect(await blobs.absent([good, cut])).toEqual([cut]);
    expect(await refusal(blobs.get([good, cut]))).toMatch(/has 3 bytes instead of 9\. Fix: run "dag cache verify"/);
    expect(await refusal(blobs.get([{ digest: digestOf("none"), size: 4 }]))).toMatch(/is not there any more/);
    expect(await blobs.get([good, good])).toHaveLength(2);
  });
}
